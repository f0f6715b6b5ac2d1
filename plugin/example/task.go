package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// task keeps a note in a notebook.
type task struct {
	inNotebook
	Key  string `schema:"key,required" doc:"What the note is found by."`
	Text string `schema:"text,required" doc:"What the note says."`
	Size int    `schema:"size,computed" doc:"The length of the text in bytes."`
}

func (s *settings) checkLength(_ context.Context, t *task) plugin.Diagnostics {
	if len(t.Text) > int(s.MaxLength) {
		return plugin.Error(plugin.Attr("text"), "Long note", "The text has %d bytes, and a note may have %d. Shorten it, or raise max_length of the provider.", len(t.Text), s.MaxLength)
	}
	return nil
}

// Plan implements [plugin.Task]. It reads through the host, where it finds
// what the tasks planned before it will have written.
func (t *task) Plan(_ context.Context, host plugin.Host) (plugin.Change, plugin.Diagnostics) {
	content, err := host.Content(t.Notebook)
	before, diags := t.value(content, err)
	if diags.HasErrors() {
		return plugin.Change{}, diags
	}
	planned := slices.Concat(content, format(t.note()))
	after, diags := t.value(planned, nil)
	change := plugin.Between(before, after)
	if change.Action == plugin.NoOp {
		return change, diags
	}
	file, err := host.Lstat(t.Notebook)
	if err != nil {
		file = plugin.File{Mode: 0o644, UID: os.Getuid(), GID: os.Getgid()}
	}
	host.Put(t.Notebook, file, planned)
	return change, diags
}

// Apply does what was planned, where the note is still what it was then.
func (t *task) Apply(_ context.Context, change plugin.Change) (cty.Value, plugin.Diagnostics) {
	now, diags, due := change.Due(t.value(os.ReadFile(t.Notebook)))
	if !due {
		return now, diags
	}
	if err := add(t.Notebook, t.note()); err != nil {
		return now, plugin.Error(nil, "Note not written", "%s.", err)
	}
	return change.After, nil
}

func (t *task) note() note { return note{Key: t.Key, Text: t.Text, Time: t.Env.Now()} }

// value is what others see of the task: null where content has no such note.
func (t *task) value(content []byte, err error) (cty.Value, plugin.Diagnostics) {
	found, ok := byKey(content)[t.Key]
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return cty.NilVal, plugin.Error(plugin.Attr("notebook"), "Unreadable notebook", "%s.", err)
	case !ok:
		return cty.NullVal(t.Config.Type()), nil
	}
	v := t.Config.AsValueMap()
	v["text"], v["size"] = cty.StringVal(found.Text), cty.NumberIntVal(int64(len(found.Text)))
	return cty.ObjectVal(v), nil
}

// data reads a note.
type data struct {
	inNotebook
	Key  string `schema:"key,required" doc:"What the note is found by."`
	Text string `schema:"text,computed" doc:"What the note says, null where there is none."`
}

func (d *data) Read(context.Context) (cty.Value, plugin.Diagnostics) {
	content, err := os.ReadFile(d.Notebook)
	if err != nil {
		return cty.NilVal, plugin.Error(plugin.Attr("notebook"), "Unreadable notebook", "%s.", err)
	}
	v := d.Config.AsValueMap()
	v["text"] = cty.NullVal(cty.String)
	if found, ok := byKey(content)[d.Key]; ok {
		v["text"] = cty.StringVal(found.Text)
	}
	return cty.ObjectVal(v), nil
}
