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

var _ plugin.Task = (*task)(nil)

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
	change := plugin.Change{Action: plugin.Update, Fidelity: plugin.Exact, Before: before, After: after}
	switch {
	case before.RawEquals(after):
		change.Action = plugin.NoOp
		return change, diags
	case before.IsNull():
		change.Action = plugin.Create
	}
	file, err := host.Lstat(t.Notebook)
	if err != nil {
		file = plugin.File{Mode: 0o644, UID: os.Getuid(), GID: os.Getgid()}
	}
	host.Put(t.Notebook, file, planned)
	return change, diags
}

// Apply implements [plugin.Task].
func (t *task) Apply(_ context.Context, change plugin.Change) (cty.Value, plugin.Diagnostics) {
	now, diags := t.value(os.ReadFile(t.Notebook))
	switch {
	case diags.HasErrors(), now.RawEquals(change.After): // the latter when it is called again
		return now, diags
	case !now.RawEquals(change.Before):
		return now, plugin.Error(nil, "Changed since the plan", "The note %q is not what it was when the change was planned. Plan again.", t.Key)
	}
	if err := add(t.Notebook, t.note()); err != nil {
		return now, plugin.Error(nil, "Note not written", "%s.", err)
	}
	return change.After, nil
}

func (t *task) note() note { return note{Key: t.Key, Text: t.Text, Time: t.Env.Now()} }

// value is what others see of the task where the notebook holds content. It is
// null where there is no such note.
func (t *task) value(content []byte, err error) (cty.Value, plugin.Diagnostics) {
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return cty.NilVal, plugin.Error(plugin.Attr("notebook"), "Unreadable notebook", "%s.", err)
	}
	found := latest(content, t.Key)
	if found == nil {
		return cty.NullVal(t.Config.Type()), nil
	}
	v := t.Config.AsValueMap()
	v["text"], v["size"] = cty.StringVal(found.Text), cty.NumberIntVal(int64(len(found.Text)))
	return cty.ObjectVal(v), nil
}
