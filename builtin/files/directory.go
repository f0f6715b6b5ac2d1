package files

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// defaultDirMode is what a new directory gets where no mode is declared.
const defaultDirMode = 0o755

func directoryType() taskType {
	return taskType{name: "directory", schema: directorySchema(), validate: validateDirectory, open: openDirectory}
}

func directorySchema() *schema.Block {
	return &schema.Block{
		Doc: "Keeps a directory as declared: its mode and owner, and on request those of all that is below. A new directory has mode 0755 unless told otherwise. Symbolic links are never followed.",
		Attributes: append([]schema.Attribute{
			{Name: "path", Type: cty.String, Required: true, Format: schema.AbsolutePath, Claim: schema.Owns, Doc: "The directory to manage."},
			{Name: "recurse", Type: cty.Bool, Default: cty.False,
				Doc: "Give mode, owner and group to all that is below too, but for what other tasks manage and what is mounted. Of the mode, directories get x where r is set, and files keep x only where they have it."},
			{Name: "parents", Type: cty.Bool, Default: cty.True, Doc: "Make the missing directories above, with mode 0755."},
			{Name: "purge", Type: cty.List(cty.String),
				Doc: "Patterns of what is deleted from the directory unless a task manages it, relative to the directory: `*.conf`, or `**` for all that is below."},
			{Name: "force", Type: cty.Bool, Default: cty.False, Doc: "With state `absent`, delete the directory with all that is in it."},
			stateAttribute("`present`, or `absent` for no directory at the path."),
			{Name: "drifted", Type: cty.List(cty.String), Computed: true, Doc: "The paths below whose mode or owner is not as declared; none after apply."},
			{Name: "unmanaged", Type: cty.List(cty.String), Computed: true, Doc: "The paths below that are to be deleted; none after apply."},
		}, accessAttributes()...),
	}
}

func validateDirectory(cfg cty.Value) plugin.Diagnostics {
	var diags plugin.Diagnostics
	state, _ := knownString(cfg.GetAttr("state"))
	if p, ok := knownString(cfg.GetAttr("path")); ok && state == absent && path.Clean(p) == "/" {
		diags = append(diags, plugin.Error(plugin.Attr("path"), "Root directory", "The root directory can't be removed.")...)
	}
	patterns, _ := knownStrings(cfg.GetAttr("purge"))
	for _, pattern := range patterns {
		if !doublestar.ValidatePattern(pattern) || strings.HasPrefix(pattern, "/") || path.Clean(pattern) != pattern || strings.HasPrefix(pattern, "..") {
			diags = append(diags, plugin.Error(plugin.Attr("purge"), "Invalid pattern", "%q is not a pattern of paths in the directory. Write it as in \"*.conf\" or \"**/*.bak\".", pattern)...)
		}
	}
	recurse := cfg.GetAttr("recurse")
	if isSet(recurse) && recurse.True() && cfg.GetAttr("mode").IsNull() && cfg.GetAttr("owner").IsNull() && cfg.GetAttr("group").IsNull() {
		diags = append(diags, plugin.Error(plugin.Attr("recurse"), "Nothing to recurse with", "Recurse gives mode, owner and group to all that is below, and none of them is set. Set one, or remove recurse.")...)
	}
	return diags
}

type directoryConfig struct {
	Path    string   `schema:"path"`
	Recurse bool     `schema:"recurse"`
	Parents bool     `schema:"parents"`
	Purge   []string `schema:"purge"`
	Force   bool     `schema:"force"`
	State   string   `schema:"state"`
}

func openDirectory(cfg cty.Value, env plugin.Env) (plugin.Task, error) {
	t := &directory{cfg: cfg, env: env}
	if err := schema.Decode(cfg, &t.access); err != nil {
		return nil, err
	}
	return t, schema.Decode(cfg, &t.directoryConfig)
}

type directory struct {
	cfg cty.Value
	env plugin.Env
	access
	directoryConfig
}

var _ plugin.Task = (*directory)(nil)

// Plan implements [plugin.Task].
func (t *directory) Plan(ctx context.Context, host plugin.Host) (plugin.Change, plugin.Diagnostics) {
	now, err := observe(host, t.Path)
	if err != nil {
		return plugin.Change{}, plugin.Error(plugin.Attr("path"), "Unreadable directory", "%s.", sentence(err))
	}
	if now.exists && !now.file.IsDir() {
		return plugin.Change{}, plugin.Error(plugin.Attr("path"), "Not a directory", "%s is %s, which this task neither replaces nor removes.", t.Path, describeType(now.file.Type))
	}
	dir, name := splitPath(t.Path)
	p := &directoryPlanner{directory: t, ctx: ctx, host: host, now: now, at: path.Join(resolve(host, dir), name)}
	if t.State == absent {
		return p.planAbsent()
	}
	return p.planPresent()
}

// Apply implements [plugin.Task].
func (t *directory) Apply(_ context.Context, change plugin.Change) (cty.Value, plugin.Diagnostics) {
	return applyOps(t.Path, change)
}

// Close implements [plugin.Instance].
func (t *directory) Close(context.Context) error { return nil }

// directoryPlanner collects what is to be done for one directory.
type directoryPlanner struct {
	*directory
	ctx  context.Context
	host plugin.Host
	now  state
	at   string // the path without symbolic links
	ops  []op

	drifted, unmanaged []string
	findings           []plugin.Finding
	warnings           []string
}

func (p *directoryPlanner) planPresent() (plugin.Change, plugin.Diagnostics) {
	file := p.now.file
	if !p.now.exists {
		if diags := p.planParents(path.Dir(p.at)); diags.HasErrors() {
			return plugin.Change{}, diags
		}
		file = newFile(p.host, path.Dir(p.at))
		file.Type, file.Mode = fs.ModeDir, defaultDirMode
	}
	unknown, diags := p.access.apply(p.host, &file)
	if diags.HasErrors() {
		return plugin.Change{}, diags
	}
	if p.now.exists {
		if diags := p.planBelow(file); diags.HasErrors() {
			return plugin.Change{}, diags
		}
	}
	change := plugin.Change{Action: plugin.NoOp, Fidelity: plugin.Exact, Findings: p.findings, Warnings: p.warnings}
	if len(unknown) > 0 {
		change.Fidelity = plugin.KnownAfterApply
	}
	change.After = p.value(file, nil, nil)
	change.Before, change.Reasons = p.before(change.After, file, unknown)
	if len(change.Reasons) > 0 {
		change.Action = plugin.Update
	}
	if !p.now.exists {
		change.Action = plugin.Create
		p.add(op{Path: exactString(p.at), After: &file})
	} else if differsInAccess(p.now.file, file) {
		p.add(op{Path: exactString(p.at), Before: &p.now.file, After: &file})
	}
	change.Payload = encodeOps(p.ops)
	return change, nil
}

// planParents plans the missing directories above, the highest first.
func (p *directoryPlanner) planParents(dir string) plugin.Diagnostics {
	above, err := p.host.Lstat(dir)
	switch {
	case err == nil && above.IsDir():
		return nil
	case err == nil:
		return plugin.Error(plugin.Attr("path"), "Not a directory", "%s can't be made: %s is %s.", p.Path, dir, describeType(above.Type))
	case !errors.Is(err, fs.ErrNotExist):
		return plugin.Error(plugin.Attr("path"), "Unreadable directory", "%s.", sentence(err))
	case !p.Parents:
		return plugin.Error(plugin.Attr("parents"), "Missing directory", "%s can't be made: %s does not exist. Declare it as a task, or set parents = true.", p.Path, dir)
	}
	if diags := p.planParents(path.Dir(dir)); diags.HasErrors() {
		return diags
	}
	file := newFile(p.host, path.Dir(dir))
	file.Type, file.Mode = fs.ModeDir, defaultDirMode
	p.add(op{Path: exactString(dir), After: &file})
	return nil
}

// add plans an operation and shows its result to what is planned after it.
func (p *directoryPlanner) add(o op) {
	p.ops = append(p.ops, o)
	if o.After == nil {
		p.host.Remove(string(o.Path))
	} else {
		p.host.Put(string(o.Path), *o.After, nil)
	}
}

// value is the task's value with the directory in a state.
func (p *directoryPlanner) value(file plugin.File, drifted, unmanaged []string) cty.Value {
	attrs := p.cfg.AsValueMap()
	attrs["mode"] = cty.StringVal(schema.FormatMode(file.Mode))
	attrs["owner"] = cty.StringVal(p.host.UserName(file.UID))
	attrs["group"] = cty.StringVal(p.host.GroupName(file.GID))
	attrs["drifted"] = stringList(drifted)
	attrs["unmanaged"] = stringList(unmanaged)
	return cty.ObjectVal(attrs)
}

func stringList(items []string) cty.Value {
	if len(items) == 0 {
		return cty.ListValEmpty(cty.String)
	}
	values := make([]cty.Value, len(items))
	for i, item := range items {
		values[i] = cty.StringVal(item)
	}
	return cty.ListVal(values)
}

func (p *directoryPlanner) before(after cty.Value, next plugin.File, unknown []string) (cty.Value, []string) {
	if !p.now.exists {
		return cty.NullVal(after.Type()), []string{"does not exist"}
	}
	reasons := accessReasons(p.now.file, next, unknown)
	if len(p.drifted) > 0 {
		reasons = append(reasons, "drifted")
	}
	if len(p.unmanaged) > 0 {
		reasons = append(reasons, "unmanaged")
	}
	if len(reasons) == 0 {
		return after, nil
	}
	return p.value(p.now.file, p.drifted, p.unmanaged), reasons
}

// planAbsent plans that there is no directory, and nothing in it.
func (p *directoryPlanner) planAbsent() (plugin.Change, plugin.Diagnostics) {
	attrs := p.cfg.AsValueMap()
	for _, attribute := range []string{"mode", "owner", "group"} {
		attrs[attribute] = cty.NullVal(cty.String)
	}
	attrs["drifted"], attrs["unmanaged"] = stringList(nil), stringList(nil)
	after := cty.ObjectVal(attrs)
	if !p.now.exists {
		return plugin.Change{Action: plugin.NoOp, Fidelity: plugin.Exact, Before: after, After: after, Payload: encodeOps(nil)}, nil
	}
	if diags := p.refuseRemoval(); diags.HasErrors() {
		return plugin.Change{}, diags
	}
	if diags := p.removeTree(p.at, p.now.file); diags.HasErrors() {
		return plugin.Change{}, diags
	}
	p.unmanaged = p.unmanaged[:len(p.unmanaged)-1] // the last one is the directory itself
	before := p.value(p.now.file, nil, p.unmanaged).AsValueMap()
	before["state"] = cty.StringVal(present)
	return plugin.Change{
		Action: plugin.Delete, Fidelity: plugin.Exact, Reasons: []string{"state"},
		Before: cty.ObjectVal(before), After: after,
		Findings: p.findings[:len(p.findings)-1], Payload: encodeOps(p.ops),
	}, nil
}

func (p *directoryPlanner) refuseRemoval() plugin.Diagnostics {
	if p.at == "/" {
		return plugin.Error(plugin.Attr("path"), "Root directory", "%s is the root directory, which can't be removed.", p.Path)
	}
	if p.host.ClaimedBelow(p.at) {
		return plugin.Error(plugin.Attr("path"), "Directory in use", "%s can't be removed: another task manages something in it.", p.Path)
	}
	names, err := p.host.Names(p.at)
	if err != nil {
		return plugin.Error(plugin.Attr("path"), "Unreadable directory", "%s.", sentence(err))
	}
	if len(names) > 0 && !p.Force {
		return plugin.Error(plugin.Attr("force"), "Directory not empty", "%s holds %s. Set force = true to delete the directory with all that is in it.", p.Path, quoteList(names, 5))
	}
	return nil
}
