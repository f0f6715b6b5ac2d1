package plan

import (
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// pathState is a task's value: an argument of its own, and what all tasks of
// the path say of it.
func pathState(argument, mode, sum string) cty.Value {
	return cty.ObjectVal(map[string]cty.Value{argument: cty.StringVal("x"), "mode": cty.StringVal(mode), "sum": cty.StringVal(sum)})
}

func text(before, after string) *plugin.Text {
	return &plugin.Text{Attribute: "content", Before: []byte(before), After: []byte(after)}
}

func TestMerge(t *testing.T) {
	null := func(v cty.Value) cty.Value { return cty.NullVal(v.Type()) }
	unknown := cty.ObjectVal(map[string]cty.Value{"edit": cty.StringVal("x"), "mode": cty.StringVal("1"), "sum": cty.UnknownVal(cty.String)})
	change := func(a plugin.Action, before, after cty.Value, t *plugin.Text, payload string) plugin.Change {
		c := plugin.Change{Action: a, Fidelity: plugin.Exact, Before: before, After: after, Text: t, Reasons: []string{string(a)}}
		if payload != "" {
			c.Payload = []byte(payload)
		}
		return c
	}
	gone := cty.ObjectVal(map[string]cty.Value{"own": cty.StringVal("x"), "mode": cty.NullVal(cty.String), "sum": cty.NullVal(cty.String)})
	a, b, c := pathState("own", "1", "a"), pathState("own", "1", "b"), pathState("own", "2", "a")
	editA, editB, editC := pathState("edit", "1", "a"), pathState("edit", "1", "b"), pathState("edit", "2", "a")
	tests := []struct {
		name    string
		changes []plugin.Change
		action  plugin.Action
		applier int
	}{
		{"one change is itself", []plugin.Change{change(plugin.Run, a, b, nil, "p")}, plugin.Run, 0},
		{"nothing and nothing is nothing", []plugin.Change{change(plugin.NoOp, a, a, nil, ""), change(plugin.NoOp, editA, editA, text("a", "a"), "p")}, plugin.NoOp, 1},
		{"one way and back is nothing", []plugin.Change{change(plugin.Update, a, b, text("a", "b"), "p"), change(plugin.Update, editB, editA, text("b", "a"), "p")}, plugin.NoOp, 1},
		{"one way and back, but for the mode, is an update", []plugin.Change{change(plugin.Update, c, b, text("a", "b"), "p"), change(plugin.Update, editB, editA, text("b", "a"), "p")}, plugin.Update, 1},
		{"one way and not all the way back is an update", []plugin.Change{change(plugin.Update, a, b, text("a", "b"), "p"), change(plugin.Update, editB, editA, text("b", "a "), "p")}, plugin.Update, 1},
		{"back to what isn't known is an update", []plugin.Change{change(plugin.Update, a, b, text("a", "b"), "p"), change(plugin.Update, editB, unknown, text("b", "a"), "p")}, plugin.Update, 1},
		{"made and edited is made", []plugin.Change{change(plugin.Create, null(a), a, text("", "a"), "p"), change(plugin.Update, editA, editB, text("a", "b"), "p")}, plugin.Create, 1},
		{"not owned, and made by an edit, is made", []plugin.Change{change(plugin.NoOp, a, a, nil, ""), change(plugin.Create, null(editB), editB, text("", "b"), "p")}, plugin.Create, 1},
		{"made and removed is nothing", []plugin.Change{change(plugin.Create, null(a), a, nil, "p"), change(plugin.Delete, editA, null(editA), nil, "p")}, plugin.NoOp, 1},
		{"edited and removed is removed", []plugin.Change{change(plugin.Update, a, b, nil, "p"), change(plugin.Delete, editB, null(editB), nil, "p")}, plugin.Delete, 1},
		{"replaced and edited is replaced", []plugin.Change{change(plugin.Replace, a, b, nil, "p"), change(plugin.Update, editB, editC, nil, "p")}, plugin.Replace, 1},
		{"removed and made again otherwise is an update", []plugin.Change{change(plugin.Delete, a, gone, nil, "p"), change(plugin.Create, null(editB), editB, text("", "b"), "p")}, plugin.Update, 1},
		{"removed and made again as it was is nothing", []plugin.Change{change(plugin.Delete, a, gone, nil, "p"), change(plugin.Create, null(editA), editA, text("", "a"), "p")}, plugin.NoOp, 1},
		{"what has nothing to apply leaves it to the one before", []plugin.Change{change(plugin.Update, a, b, nil, "p"), change(plugin.NoOp, editB, editB, nil, "")}, plugin.Update, 0},
		{"a no-op with a payload applies what is before it", []plugin.Change{change(plugin.Update, a, b, nil, "p"), change(plugin.NoOp, editB, editB, nil, "q")}, plugin.Update, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			merged, applier := merge(tt.changes)
			if merged.Action != tt.action || applier != tt.applier {
				t.Errorf("got %s, applied by %d; want %s by %d", merged.Action, applier, tt.action, tt.applier)
			}
			if !merged.After.RawEquals(tt.changes[applier].After) || string(merged.Payload) != string(tt.changes[applier].Payload) {
				t.Error("it has not the value and the payload of the one that applies it")
			}
			if merged.Action == plugin.NoOp && !merged.Before.RawEquals(merged.After) {
				t.Error("nothing is to be done, and before is not after")
			}
			if len(tt.changes) > 1 && merged.Action == plugin.NoOp && merged.Reasons != nil {
				t.Errorf("nothing is to be done because of %q", merged.Reasons)
			}
		})
	}
}

func TestAMergedChangeIsAsSureAsTheLeastSure(t *testing.T) {
	v := pathState("own", "1", "a")
	for _, tt := range []struct{ a, b, want plugin.Fidelity }{
		{plugin.Exact, plugin.Exact, plugin.Exact},
		{plugin.Predicted, plugin.Exact, plugin.Predicted},
		{plugin.Exact, plugin.KnownAfterApply, plugin.KnownAfterApply},
		{plugin.KnownAfterApply, plugin.Opaque, plugin.KnownAfterApply},
	} {
		merged, _ := merge([]plugin.Change{
			{Action: plugin.NoOp, Fidelity: tt.a, Before: v, After: v},
			{Action: plugin.NoOp, Fidelity: tt.b, Before: v, After: v},
		})
		if merged.Fidelity != tt.want {
			t.Errorf("%s and %s are %s, want %s", tt.a, tt.b, merged.Fidelity, tt.want)
		}
	}
}
