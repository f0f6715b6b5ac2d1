package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/jackc/pgx/v5"
)

// role is a role of a PostgreSQL server.
type role struct{}

var _ resource.ResourceWithImportState = role{}

type roleModel struct {
	Database        types.String `tfsdk:"database"`
	Name            types.String `tfsdk:"name"`
	ConnectionLimit types.Int64  `tfsdk:"connection_limit"`
	Comment         types.String `tfsdk:"comment"`
	OID             types.Int64  `tfsdk:"oid"`
}

func (role) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "fixture_role"
}

func (role) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	replaces := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"database":         schema.StringAttribute{Required: true, PlanModifiers: replaces, Description: "How to connect to the server."},
		"name":             schema.StringAttribute{Required: true, PlanModifiers: replaces},
		"connection_limit": schema.Int64Attribute{Optional: true, Computed: true, Default: int64default.StaticInt64(-1)},
		"comment":          schema.StringAttribute{Optional: true},
		"oid":              schema.Int64Attribute{Computed: true, PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()}},
	}}
}

func (role) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m roleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	m.put(ctx, "create", &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}

func (role) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m roleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	m.put(ctx, "alter", &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}

func (role) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m roleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	m.connected(ctx, &resp.Diagnostics, func(server *pgx.Conn) error {
		_, err := server.Exec(ctx, "drop role if exists "+m.quoted())
		return err
	})
}

func (role) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m roleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	found := true
	m.connected(ctx, &resp.Diagnostics, func(server *pgx.Conn) error {
		err := m.learn(ctx, server)
		if errors.Is(err, pgx.ErrNoRows) {
			found, err = false, nil
		}
		return err
	})
	switch {
	case resp.Diagnostics.HasError():
	case !found:
		resp.State.RemoveResource(ctx)
	default:
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}

// ImportState takes over the role of a name.
func (role) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughID(ctx, path.Root("name"), req, resp)
}

// put creates or alters the role and fills in what is computed.
func (m *roleModel) put(ctx context.Context, verb string, diags *diag.Diagnostics) {
	m.connected(ctx, diags, func(server *pgx.Conn) error {
		comment := "null"
		if !m.Comment.IsNull() {
			var err error
			if comment, err = server.PgConn().EscapeString(m.Comment.ValueString()); err != nil {
				return err
			}
			comment = "'" + comment + "'"
		}
		if _, err := server.Exec(ctx, fmt.Sprintf("%s role %s connection limit %d", verb, m.quoted(), m.ConnectionLimit.ValueInt64())); err != nil {
			return err
		}
		if _, err := server.Exec(ctx, fmt.Sprintf("comment on role %s is %s", m.quoted(), comment)); err != nil {
			return err
		}
		return m.learn(ctx, server)
	})
}

func (m *roleModel) learn(ctx context.Context, server *pgx.Conn) error {
	const query = "select oid::bigint, rolconnlimit::bigint, shobj_description(oid, 'pg_authid') from pg_roles where rolname = $1"
	var oid, limit int64
	var comment *string
	if err := server.QueryRow(ctx, query, m.Name.ValueString()).Scan(&oid, &limit, &comment); err != nil {
		return err
	}
	m.OID, m.ConnectionLimit, m.Comment = types.Int64Value(oid), types.Int64Value(limit), types.StringPointerValue(comment)
	return nil
}

func (m *roleModel) quoted() string { return pgx.Identifier{m.Name.ValueString()}.Sanitize() }

// connected calls a function with a connection to the server.
func (m *roleModel) connected(ctx context.Context, diags *diag.Diagnostics, call func(*pgx.Conn) error) {
	if diags.HasError() {
		return
	}
	server, err := pgx.Connect(ctx, m.Database.ValueString())
	if err == nil {
		defer server.Close(ctx)
		err = call(server)
	}
	if err != nil {
		diags.AddError("Cannot keep the role", err.Error())
	}
}
