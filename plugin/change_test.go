package plugin_test

import (
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

func TestAChangeIsDueUntilItIsMade(t *testing.T) {
	a, b, none := cty.StringVal("a"), cty.StringVal("b"), cty.NullVal(cty.String)
	for _, test := range []struct {
		name               string
		before, after, now cty.Value
		action             plugin.Action
		due, wrong         bool
	}{
		{"nothing there yet", none, a, none, plugin.Create, true, false},
		{"another value", b, a, b, plugin.Update, true, false},
		{"nothing to do", a, a, a, plugin.NoOp, false, false},
		{"made already", b, a, a, plugin.Update, false, false},
		{"changed since the plan", b, a, none, plugin.Update, false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			change := plugin.Between(test.before, test.after)
			now, diags, due := change.Due(test.now, nil)
			if change.Action != test.action || due != test.due || diags.HasErrors() != test.wrong || !now.RawEquals(test.now) {
				t.Errorf("%s is due %v, %v", change.Action, due, diags)
			}
		})
	}
	if _, diags, due := plugin.Between(none, a).Due(cty.NilVal, plugin.Error(nil, "Unreadable", "It can't be read.")); due || len(diags) != 1 {
		t.Errorf("what can't be read is due %v, %v", due, diags)
	}
}
