package files

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/atomicfile"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// content is what a task wants a file to hold. The zero value leaves it as it
// is.
type content struct {
	managed   bool
	attribute string // the attribute that decides it
	bytes     []byte
	unknown   bool    // an earlier task decides it in its Apply
	stream    *stream // in place of bytes, where there are too many
}

// planner puts together the change of one file.
type planner struct {
	host plugin.Host
	cfg  cty.Value
	target
	now  state
	want content
	// edits says that the task changes a part of what it finds, so that its
	// text is a link in a chain even where nothing differs.
	edits bool
}

// plan compares what is at the path with what is wanted there.
func (p *planner) plan() (plugin.Change, plugin.Diagnostics) {
	file, diags := p.startFrom()
	if diags.HasErrors() {
		return plugin.Change{}, diags
	}
	unknown, diags := p.access.apply(p.host, &file)
	if diags.HasErrors() {
		return plugin.Change{}, diags
	}
	next, diags := p.nextState(file)
	if diags.HasErrors() {
		return plugin.Change{}, diags
	}
	change := plugin.Change{Action: plugin.NoOp, Fidelity: plugin.Exact}
	change.After = p.value(next, unknown)
	change.Before, change.Reasons = p.before(change.After, next, unknown)
	if p.want.unknown || len(unknown) > 0 {
		change.Fidelity = plugin.KnownAfterApply
	}
	if len(change.Reasons) > 0 {
		change.Action = p.action()
		if diags := p.describe(&change, next); diags.HasErrors() {
			return plugin.Change{}, diags
		}
	}
	if p.edits {
		change.Text = p.text(next)
	}
	// An owner that has nothing to do is never the one that is applied, while
	// an edit may be the last of a chain in which others have.
	if p.edits || change.Action != plugin.NoOp {
		change.Payload = p.payload(next)
	}
	p.putInto(p.host, change.Action, next)
	return change, nil
}

// startFrom is the file before anything is declared of it.
func (p *planner) startFrom() (plugin.File, plugin.Diagnostics) {
	if p.now.isRegular() {
		return p.now.file, nil
	}
	dir := p.dir()
	above, err := p.host.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return plugin.File{}, plugin.Error(plugin.Attr("path"), "Missing directory", "%s can't be made: the directory %s does not exist, and no task before this one makes it. Declare a task \"directory\" for it.", p.Path, dir)
	case err != nil:
		return plugin.File{}, plugin.Error(plugin.Attr("path"), "Unreadable directory", "%s.", sentence(err))
	case !above.IsDir():
		return plugin.File{}, plugin.Error(plugin.Attr("path"), "Not a directory", "%s can't be made: %s is %s.", p.Path, dir, describeType(above.Type))
	}
	return newFile(p.host, dir), nil
}

// nextState is what the path will hold, given its owner and mode.
func (p *planner) nextState(file plugin.File) (state, plugin.Diagnostics) {
	next := state{exists: true, file: file}
	next.file.Validate = append(slices.Clone(p.now.file.Validate), p.commands()...)
	next.file.Backup = p.now.file.Backup || p.Backup
	switch {
	case !p.want.managed && p.now.isRegular():
		next.content, next.checksum = p.now.content, p.now.checksum
		return next, nil
	case !p.want.managed:
		next.content = []byte{}
	case p.want.unknown:
		next.file.Unknown = true
		return next, nil
	case p.want.stream != nil:
		next.file.Size, next.checksum = p.want.stream.Size, p.want.stream.Checksum
		return next, p.compareLarge()
	default:
		next.content = p.want.bytes
	}
	next.file.Unknown = false
	next.file.Size = int64(len(next.content))
	next.sum()
	return next, p.compareLarge()
}

// compareLarge reads the checksum of a present file that is too large to be
// held, so that Apply can tell whether it is still the same.
func (p *planner) compareLarge() plugin.Diagnostics {
	if !p.now.isRegular() || p.now.file.Size <= maxText || p.now.checksum != "" {
		return nil
	}
	sum, err := checksumFile(p.Path)
	if err != nil {
		return plugin.Error(plugin.Attr("path"), "Unreadable file", "%s.", sentence(err))
	}
	p.now.checksum = sum
	return nil
}

// value is the task's value with the path in a state.
func (p *planner) value(s state, unknown []string) cty.Value {
	attrs := p.cfg.AsValueMap()
	attrs["mode"] = cty.StringVal(schema.FormatMode(s.file.Mode))
	attrs["owner"] = cty.StringVal(p.host.UserName(s.file.UID))
	attrs["group"] = cty.StringVal(p.host.GroupName(s.file.GID))
	attrs["checksum"] = cty.NullVal(cty.String)
	attrs["size"] = cty.NullVal(cty.Number)
	for _, attribute := range unknown {
		attrs[attribute] = p.cfg.GetAttr(attribute)
	}
	switch {
	case !s.file.IsRegular():
	case s.file.Unknown:
		attrs["checksum"] = cty.UnknownVal(cty.String)
		attrs["size"] = cty.UnknownVal(cty.Number)
	default:
		attrs["size"] = cty.NumberIntVal(s.file.Size)
		if s.checksum != "" {
			attrs["checksum"] = cty.StringVal(s.checksum)
		}
	}
	return cty.ObjectVal(attrs)
}

// before is the task's value with the path as it is now, and the reasons why
// it is not after. Where there is nothing to do it is after itself.
func (p *planner) before(after cty.Value, next state, unknown []string) (cty.Value, []string) {
	if !p.now.exists {
		return cty.NullVal(after.Type()), []string{"does not exist"}
	}
	var reasons []string
	if !p.now.isRegular() {
		reasons = []string{"is " + describeType(p.now.file.Type)}
	} else {
		if p.differs(next) {
			reasons = append(reasons, p.want.attribute)
		}
		reasons = append(reasons, accessReasons(p.now.file, next.file, unknown)...)
	}
	if len(reasons) == 0 {
		return after, nil
	}
	p.now.sum()
	before := p.value(p.now, nil)
	if p.want.attribute == "content" && p.isText() {
		attrs := before.AsValueMap()
		attrs["content"] = cty.StringVal(string(p.now.content))
		before = cty.ObjectVal(attrs)
	}
	return before, reasons
}

func (p *planner) isText() bool {
	return p.now.content != nil && utf8.Valid(p.now.content)
}

func (p *planner) differs(next state) bool {
	switch {
	case !p.want.managed:
		return false
	case next.file.Unknown || p.now.file.Unknown:
		return true
	case p.now.file.Size != next.file.Size:
		return true
	case next.content != nil && p.now.content != nil:
		return !bytes.Equal(next.content, p.now.content)
	}
	return p.now.checksum != next.checksum
}

func (p *planner) action() plugin.Action {
	switch {
	case !p.now.exists:
		return plugin.Create
	case !p.now.isRegular():
		return plugin.Replace
	}
	return plugin.Update
}

// describe adds to a change what its reader should know.
func (p *planner) describe(change *plugin.Change, next state) plugin.Diagnostics {
	if p.now.isRegular() && !p.differs(next) {
		return nil // owner and mode are changed where the file is
	}
	warnings, err := atomicfile.Check(p.Path)
	if err != nil {
		return plugin.Error(plugin.Attr("path"), "File can't be replaced", "%s.", sentence(err))
	}
	change.Warnings = append(change.Warnings, warnings...)
	if p.want.stream != nil || !p.want.managed {
		return nil // too large to show, or empty
	}
	if p.now.isRegular() && p.now.content == nil && !p.now.file.Unknown {
		change.Warnings = append(change.Warnings, "The present content is larger than 16 MiB and is not shown.")
	}
	change.Text = p.text(next)
	return nil
}

func (p *planner) text(next state) *plugin.Text {
	return &plugin.Text{
		Attribute: p.want.attribute, Path: p.Path,
		Before: p.now.content, After: next.content, Unknown: next.file.Unknown,
	}
}

// putInto plans the result for the tasks after this one. Where nothing
// changes the host knows already, but for the commands that edits inherit.
func (p *planner) putInto(host plugin.Host, action plugin.Action, next state) {
	if action == plugin.NoOp && len(p.commands()) == 0 {
		return
	}
	file := next.file
	if next.content == nil && p.want.stream != nil {
		// Too large to be held for others to read; they see its size.
		file.Unknown = true
	}
	host.Put(p.Path, file, next.content)
}

// dir is the directory of the path, free of symbolic links.
func (p *planner) dir() string {
	dir, _ := splitPath(p.Path)
	return resolve(p.host, dir)
}

func (p *planner) payload(next state) []byte {
	file := next.file
	return encodePayload(payload{
		Dir: exactString(p.dir()), File: &file, Content: p.want.managed,
		Stream: p.want.stream, Backup: file.Backup,
	})
}

// planAbsent plans that nothing is at the path.
func planAbsent(host plugin.Host, cfg cty.Value, t target, now state) (plugin.Change, plugin.Diagnostics) {
	p := planner{host: host, cfg: cfg, target: t, now: now}
	change := plugin.Change{Action: plugin.NoOp, Fidelity: plugin.Exact, After: p.absentValue()}
	change.Before = change.After
	if !now.exists {
		return change, nil
	}
	change.Payload = encodePayload(payload{Dir: exactString(p.dir()), Content: now.isRegular(), Backup: t.Backup})
	if _, err := atomicfile.Check(t.Path); err != nil {
		return plugin.Change{}, plugin.Error(plugin.Attr("path"), "File can't be removed", "%s.", sentence(err))
	}
	if err := p.now.read(host, t.Path); err != nil && !errors.Is(err, fs.ErrPermission) {
		return plugin.Change{}, plugin.Error(plugin.Attr("path"), "Unreadable file", "%s.", sentence(err))
	}
	p.now.sum()
	attrs := p.value(p.now, nil).AsValueMap()
	attrs["state"] = cty.StringVal(present)
	change.Before = cty.ObjectVal(attrs)
	change.Action, change.Reasons = plugin.Delete, []string{"state"}
	host.Remove(t.Path)
	return change, nil
}

// absentValue is the task's value where nothing is at the path.
func (p *planner) absentValue() cty.Value {
	attrs := p.cfg.AsValueMap()
	for _, attribute := range []string{"mode", "owner", "group", "checksum"} {
		attrs[attribute] = cty.NullVal(cty.String)
	}
	attrs["size"] = cty.NullVal(cty.Number)
	return cty.ObjectVal(attrs)
}
