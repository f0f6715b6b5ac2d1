package files

import (
	"context"
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func lineinfileType() taskType {
	return taskType{name: "lineinfile", schema: lineinfileSchema(), validate: validateLineinfile, open: openLineinfile}
}

// The words that stand for the ends of a file where a line can be put.
const (
	endOfFile   = "EOF"
	beginOfFile = "BOF"
)

func lineinfileSchema() *schema.Block {
	return &schema.Block{
		Doc: "Keeps one line of a file as declared, and the rest of the file as it is, with its line ends and a missing newline at its end.",
		Attributes: append(targetAttributes(schema.Edits),
			schema.Attribute{Name: "line", Type: cty.String, Doc: "The line, without a newline. With backrefs, `\\1` to `\\9` and `\\g<name>` stand for the groups of regexp."},
			schema.Attribute{Name: "regexp", Type: cty.String, Format: schema.Regexp,
				Doc: "What the line to replace, or to remove, looks like. The line itself must match it too, so that it is found again. Left out, the line is looked for as it is."},
			schema.Attribute{Name: "insert_after", Type: cty.String, Format: schema.Regexp,
				Doc: "Where a new line goes: after the last line that matches, or at `EOF`, which is the default."},
			schema.Attribute{Name: "insert_before", Type: cty.String, Format: schema.Regexp,
				Doc: "Where a new line goes: before the last line that matches, or at `BOF`."},
			schema.Attribute{Name: "create", Type: cty.Bool, Default: cty.False, Doc: "Make the file if it does not exist."},
			schema.Attribute{Name: "backrefs", Type: cty.Bool, Default: cty.False, Doc: "Put the groups of regexp into the line. Nothing is added where regexp doesn't match."},
			schema.Attribute{Name: "first_match", Type: cty.Bool, Default: cty.False, Doc: "Take the first line that matches instead of the last."},
			stateAttribute("`present`, or `absent` for no line that matches regexp, or is the line."),
		),
	}
}

func validateLineinfile(cfg cty.Value) plugin.Diagnostics {
	diags := validateTarget(cfg)
	line, lineKnown := knownString(cfg.GetAttr("line"))
	pattern, patternKnown := knownString(cfg.GetAttr("regexp"))
	state, _ := knownString(cfg.GetAttr("state"))
	backrefs := cfg.GetAttr("backrefs")
	if state == present && cfg.GetAttr("line").IsNull() {
		diags = append(diags, plugin.Error(plugin.Attr("line"), "Missing line", "There is no line to put into the file. Set line.")...)
	}
	if state == absent && cfg.GetAttr("line").IsNull() && cfg.GetAttr("regexp").IsNull() {
		diags = append(diags, plugin.Error(plugin.Attr("regexp"), "Missing regexp", "Nothing says which lines to remove. Set regexp, or line for lines that are equal to it.")...)
	}
	if lineKnown && strings.ContainsAny(line, "\r\n") {
		diags = append(diags, plugin.Error(plugin.Attr("line"), "More than one line", "The line holds a line break. For several lines use a task \"blockinfile\".")...)
	}
	if isSet(cfg.GetAttr("insert_after")) && isSet(cfg.GetAttr("insert_before")) {
		diags = append(diags, plugin.Error(plugin.Attr("insert_before"), "Two places", "A new line goes either after or before something. Remove insert_after or insert_before.")...)
	}
	if !isSet(backrefs) {
		return diags
	}
	if backrefs.True() && cfg.GetAttr("regexp").IsNull() {
		return append(diags, plugin.Error(plugin.Attr("backrefs"), "Missing regexp", "Backrefs puts groups of regexp into the line, and there is no regexp. Set it, or remove backrefs.")...)
	}
	if lineKnown && patternKnown && state == present {
		diags = append(diags, validatePattern(line, pattern, backrefs.True())...)
	}
	return diags
}

func validatePattern(line, pattern string, backrefs bool) plugin.Diagnostics {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return plugin.Error(plugin.Attr("regexp"), "Invalid regular expression", "%s.", sentence(err))
	}
	if backrefs {
		if _, err := parseReplacement(line, re); err != nil {
			return plugin.Error(plugin.Attr("line"), "Unknown group", "%s.", sentence(err))
		}
		return nil
	}
	if !re.MatchString(line) {
		return plugin.Error(plugin.Attr("regexp"), "Line doesn't match its regexp", "The line would not be found again by regexp, and so be added once more in every run. Write a regexp that matches the line too.")
	}
	return nil
}

type lineinfileConfig struct {
	Line         *string `schema:"line"`
	Regexp       *string `schema:"regexp"`
	InsertAfter  *string `schema:"insert_after"`
	InsertBefore *string `schema:"insert_before"`
	Create       bool    `schema:"create"`
	Backrefs     bool    `schema:"backrefs"`
	FirstMatch   bool    `schema:"first_match"`
	State        string  `schema:"state"`
}

func openLineinfile(cfg cty.Value, env plugin.Env) (plugin.Task, error) {
	t, err := decodeTarget(cfg)
	if err != nil {
		return nil, err
	}
	var c lineinfileConfig
	if err := schema.Decode(cfg, &c); err != nil {
		return nil, err
	}
	edit, err := newLineEdit(c)
	if err != nil {
		return nil, err
	}
	return &editedFile{cfg: cfg, env: env, target: t, create: c.Create, needed: c.State == present, edit: edit.apply}, nil
}

// editedFile is a task that changes a part of a file.
type editedFile struct {
	cfg cty.Value
	env plugin.Env
	target
	create bool // make the file if there is none
	needed bool // a missing file can't be as declared
	edit   func([]byte) []byte
}

var _ plugin.Task = (*editedFile)(nil)

// Plan implements [plugin.Task].
func (t *editedFile) Plan(_ context.Context, host plugin.Host) (plugin.Change, plugin.Diagnostics) {
	now, err := observe(host, t.Path)
	if err == nil {
		err = now.read(host, t.Path)
	}
	if err != nil {
		return plugin.Change{}, plugin.Error(plugin.Attr("path"), "Unreadable file", "%s.", sentence(err))
	}
	if diags := t.check(now); diags.HasErrors() {
		return plugin.Change{}, diags
	}
	if !now.exists && !t.needed {
		return planAbsent(host, t.cfg, t.target, now)
	}
	want := content{managed: true, attribute: "line", unknown: now.file.Unknown}
	if !want.unknown {
		want.bytes = t.edit(now.content)
		if diags := t.checkFixpoint(want.bytes); diags.HasErrors() {
			return plugin.Change{}, diags
		}
	}
	p := planner{host: host, cfg: t.cfg, target: t.target, now: now, want: want, edits: true}
	return p.plan()
}

func (t *editedFile) check(now state) plugin.Diagnostics {
	switch {
	case !now.exists && t.needed && !t.create:
		return plugin.Error(plugin.Attr("path"), "Missing file", "There is no file %s to edit, and no task before this one makes it. Set create = true to make it.", t.Path)
	case !now.exists:
		return nil
	case now.file.IsSymlink():
		return plugin.Error(plugin.Attr("path"), "Symbolic link", "%s is a symbolic link to %s. Edit the file that it points to.", t.Path, now.file.Target)
	case !now.file.IsRegular():
		return plugin.Error(plugin.Attr("path"), "Not a file", "%s is %s, which can't be edited.", t.Path, describeType(now.file.Type))
	case now.file.Size > maxText:
		return plugin.Error(plugin.Attr("path"), "File too large", "%s has %d bytes. A file that is edited may have %d.", t.Path, now.file.Size, maxText)
	}
	return nil
}

// checkFixpoint refuses an edit that would change its own result, and so the
// file in every run.
func (t *editedFile) checkFixpoint(result []byte) plugin.Diagnostics {
	if string(t.edit(result)) == string(result) {
		return nil
	}
	return plugin.Error(plugin.Attr("line"), "Edit never settles", "The edit of %s would change its own result again, and so the file in every run. Write a regexp that doesn't match the line once it is in place, or a line that stays the same when it is replaced by itself.", t.Path)
}

// Apply implements [plugin.Task].
func (t *editedFile) Apply(ctx context.Context, change plugin.Change) (cty.Value, plugin.Diagnostics) {
	return apply(ctx, t.env, t.Path, change)
}

// Close implements [plugin.Instance].
func (t *editedFile) Close(context.Context) error { return nil }
