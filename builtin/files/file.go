package files

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func fileType() taskType {
	return taskType{name: "file", schema: fileSchema(), validate: validateFile, open: openFile}
}

func fileSchema() *schema.Block {
	return &schema.Block{
		Doc: "Keeps a file as declared: its content, mode and owner. What is left out stays as it is. A new file has mode 0644 unless told otherwise.",
		Attributes: append(targetAttributes(schema.Owns),
			schema.Attribute{Name: "content", Type: cty.String, Doc: "The content of the file."},
			schema.Attribute{Name: "source", Type: cty.String, Doc: "A file of this host to copy the content from, such as one in a git source."},
			forceAttribute(),
			stateAttribute("`present`, or `absent` for no file at the path."),
		),
	}
}

func forceAttribute() schema.Attribute {
	return schema.Attribute{Name: "force", Type: cty.Bool, Default: cty.False,
		Doc: "Put the file in the place of a symbolic link. Otherwise a link at the path is an error."}
}

func validateFile(cfg cty.Value) plugin.Diagnostics {
	diags := validateTarget(cfg)
	if isSet(cfg.GetAttr("content")) && isSet(cfg.GetAttr("source")) {
		diags = append(diags, plugin.Error(plugin.Attr("source"), "Two contents", "A file takes its content either from content or from source. Remove one of them.")...)
	}
	return diags
}

// fileConfig is what a file declares beside its target.
type fileConfig struct {
	Content *string `schema:"content"`
	Source  *string `schema:"source"`
	Force   bool    `schema:"force"`
	State   string  `schema:"state"`
}

func openFile(cfg cty.Value, env plugin.Env) (plugin.Task, error) {
	t, err := decodeTarget(cfg)
	if err != nil {
		return nil, err
	}
	var c fileConfig
	if err := schema.Decode(cfg, &c); err != nil {
		return nil, err
	}
	task := &wholeFile{cfg: cfg, env: env, target: t, force: c.Force, absent: c.State == absent}
	switch {
	case c.Content != nil:
		declared := content{managed: true, attribute: "content", bytes: []byte(*c.Content)}
		task.want = func(context.Context, plugin.Host) (content, plugin.Diagnostics) { return declared, nil }
	case c.Source != nil:
		source, err := filepath.Abs(*c.Source)
		if err != nil {
			return nil, err
		}
		task.want = func(_ context.Context, host plugin.Host) (content, plugin.Diagnostics) {
			return readSource(host, source)
		}
	default:
		task.want = func(context.Context, plugin.Host) (content, plugin.Diagnostics) { return content{}, nil }
	}
	return task, nil
}

// wholeFile is a task that decides all of a file, or that there is none.
type wholeFile struct {
	cfg cty.Value
	env plugin.Env
	target
	force  bool
	absent bool
	want   func(context.Context, plugin.Host) (content, plugin.Diagnostics)
}

var _ plugin.Task = (*wholeFile)(nil)

// Plan implements [plugin.Task].
func (t *wholeFile) Plan(ctx context.Context, host plugin.Host) (plugin.Change, plugin.Diagnostics) {
	now, err := observe(host, t.Path)
	if err != nil {
		return plugin.Change{}, plugin.Error(plugin.Attr("path"), "Unreadable file", "%s.", sentence(err))
	}
	if diags := t.checkType(now); diags.HasErrors() {
		return plugin.Change{}, diags
	}
	if t.absent {
		return planAbsent(host, t.cfg, t.target, now)
	}
	want, diags := t.want(ctx, host)
	if diags.HasErrors() {
		return plugin.Change{}, diags
	}
	err = now.read(host, t.Path)
	if errors.Is(err, fs.ErrPermission) && !want.managed {
		err = nil // mode and owner can be managed without reading
	}
	if err != nil {
		return plugin.Change{}, plugin.Error(plugin.Attr("path"), "Unreadable file", "%s.", sentence(err))
	}
	if !want.managed {
		now.sum()
	}
	p := planner{host: host, cfg: t.cfg, target: t.target, now: now, want: want}
	return p.plan()
}

func (t *wholeFile) checkType(now state) plugin.Diagnostics {
	switch {
	case !now.exists || now.file.IsRegular():
		return nil
	case now.file.IsSymlink() && (t.force || t.absent):
		return nil
	case now.file.IsSymlink():
		return plugin.Error(plugin.Attr("path"), "Symbolic link", "%s is a symbolic link to %s. Manage the file that it points to, or set force = true to put the file in the link's place.", t.Path, now.file.Target)
	}
	return plugin.Error(plugin.Attr("path"), "Not a file", "%s is %s, which this task neither replaces nor removes.", t.Path, describeType(now.file.Type))
}

// Apply implements [plugin.Task].
func (t *wholeFile) Apply(ctx context.Context, change plugin.Change) (cty.Value, plugin.Diagnostics) {
	return apply(ctx, t.env, t.Path, change)
}

// Close implements [plugin.Instance].
func (t *wholeFile) Close(context.Context) error { return nil }
