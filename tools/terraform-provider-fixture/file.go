package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// file is a file with a content and a mode.
type file struct{}

var _ resource.ResourceWithImportState = file{}

type fileModel struct {
	Path       types.String `tfsdk:"path"`
	Content    types.String `tfsdk:"content"`
	Mode       types.String `tfsdk:"mode"`
	Size       types.Int64  `tfsdk:"size"`
	Secret     types.String `tfsdk:"secret"`
	SecretCopy types.String `tfsdk:"secret_copy"`
	Hang       types.String `tfsdk:"hang"`
	Mishap     types.String `tfsdk:"mishap"`

	Tags  map[string]types.String `tfsdk:"tags"`
	Items []types.String          `tfsdk:"items"`
	Note  types.String            `tfsdk:"note"`
	Ratio types.Float64           `tfsdk:"ratio"`
}

func (file) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "fixture_file"
}

func (file) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"path":    schema.StringAttribute{Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}},
		"content": schema.StringAttribute{Required: true},
		"mode":    schema.StringAttribute{Optional: true, Description: "Such as 0644; not looked at when left out."},
		"size":    schema.Int64Attribute{Computed: true},
		"secret":  schema.StringAttribute{Optional: true, Sensitive: true},
		"secret_copy": schema.StringAttribute{Computed: true,
			Description: "The secret once more, without a mark, as careless providers do."},
		"hang":   schema.StringAttribute{Optional: true, Description: "How long a read takes, deaf to being stopped; a file whose name ends in .hangs tells that it has begun."},
		"mishap": schema.StringAttribute{Optional: true, Description: "What goes wrong in a read: crash, killed, deaf, orphan or refuse."},
		"tags":   schema.MapAttribute{Optional: true, ElementType: types.StringType},
		"items":  schema.ListAttribute{Optional: true, ElementType: types.StringType},
		"note":   schema.StringAttribute{Optional: true},
		"ratio":  schema.Float64Attribute{Optional: true},
	}}
}

func (file) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m fileModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	write(&m, &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}

func (file) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m fileModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	write(&m, &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}

func (file) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m fileModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if err := os.Remove(m.Path.ValueString()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		resp.Diagnostics.AddError("Cannot remove the file", err.Error())
	}
}

func (file) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m fileModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := m.hang(); err != nil {
		resp.Diagnostics.AddError("Cannot hang", err.Error())
	}
	if err := mishap(m.Mishap.ValueString()); err != nil {
		resp.Diagnostics.AddError("Cannot read the file", err.Error())
		return
	}
	if err := admit(m.Path.ValueString()); err != nil {
		resp.Diagnostics.AddError("Cannot read the file", err.Error())
		return
	}
	content, err := os.ReadFile(m.Path.ValueString())
	if errors.Is(err, fs.ErrNotExist) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err == nil {
		err = m.learn(content)
	}
	if err != nil {
		resp.Diagnostics.AddError("Cannot read the file", err.Error())
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// ImportState takes over the file at a path.
func (file) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughID(ctx, path.Root("path"), req, resp)
}

func (m *fileModel) hang() error {
	stuck, err := time.ParseDuration(m.Hang.ValueString())
	if err != nil {
		return nil // it isn't asked to
	}
	if err := os.WriteFile(m.Path.ValueString()+".hangs", nil, 0o644); err != nil {
		return err
	}
	time.Sleep(stuck)
	return nil
}

func (m *fileModel) learn(content []byte) error {
	m.Content = types.StringValue(string(content))
	m.Size = types.Int64Value(int64(len(content)))
	if err := m.learnMeta(); err != nil {
		return err
	}
	if m.Mode.IsNull() {
		return nil
	}
	info, err := os.Stat(m.Path.ValueString())
	if err == nil {
		m.Mode = types.StringValue(fmt.Sprintf("%04o", info.Mode().Perm()))
	}
	return err
}

// write writes the file and fills in what is computed.
func write(m *fileModel, diags *diag.Diagnostics) {
	if diags.HasError() {
		return
	}
	path, content := m.Path.ValueString(), m.Content.ValueString()
	if err := obstacle(path); err != nil {
		diags.AddError("Cannot write the file", err.Error())
		return
	}
	err := os.WriteFile(path, []byte(content), 0o644)
	if err == nil && !m.Mode.IsNull() {
		var mode uint64
		if mode, err = strconv.ParseUint(m.Mode.ValueString(), 8, 12); err == nil {
			err = os.Chmod(path, fs.FileMode(mode))
		}
	}
	if err == nil {
		err = m.writeMeta()
	}
	if err != nil {
		diags.AddError("Cannot write the file", err.Error())
	}
	m.Size = types.Int64Value(int64(len(content)))
	m.SecretCopy = types.StringValue(m.Secret.ValueString())
}
