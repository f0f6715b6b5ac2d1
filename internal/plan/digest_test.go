package plan

import (
	"bytes"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func digested() *Step {
	return &Step{
		Addr: addr.Addr{Kind: addr.Task, Type: "file", Name: "f"}, With: []addr.Addr{{Kind: addr.Task, Type: "line", Name: "l"}},
		State: Planned,
		Change: plugin.Change{
			Action: plugin.Update, Fidelity: plugin.Exact,
			Before: cty.StringVal("before"), After: cty.StringVal("after"),
			Text:     &plugin.Text{Path: "/f", Before: []byte("before"), After: []byte("after")},
			Findings: []plugin.Finding{{Name: "n", Detail: []plugin.Entry{{Name: "e"}}}},
			Payload:  []byte("payload"),
		},
		members:  []member{{node: &eval.Node{}}},
		declared: []cty.Value{cty.StringVal("a"), cty.StringVal("b")},
	}
}

// TestTheDigestCoversWhatDecidesAnApply changes one thing at a time.
func TestTheDigestCoversWhatDecidesAnApply(t *testing.T) {
	key := bytes.Repeat([]byte{1}, 32)
	base := digested().digest(key)
	if again := digested().digest(key); again != base {
		t.Fatalf("two digests of the same are %s and %s", base, again)
	}
	if other := digested().digest(bytes.Repeat([]byte{2}, 32)); other == base {
		t.Error("it is the same with another key")
	}
	for name, change := range map[string]func(s *Step){
		"the address":                   func(s *Step) { s.Addr.Name = "g" },
		"the other tasks":               func(s *Step) { s.With = nil },
		"the state":                     func(s *Step) { s.State = Deferred },
		"that it is only detected":      func(s *Step) { s.DetectOnly = true },
		"that nothing triggers it":      func(s *Step) { s.Idle = true },
		"what the core is told":         func(s *Step) { s.members[0].node.Meta.OnError = eval.Continue },
		"that it is conditional":        func(s *Step) { s.Conditional = true },
		"the action":                    func(s *Step) { s.Change.Action = plugin.Delete },
		"the fidelity":                  func(s *Step) { s.Change.Fidelity = plugin.Predicted },
		"the value before":              func(s *Step) { s.Change.Before = cty.StringVal("x") },
		"the value after":               func(s *Step) { s.Change.After = cty.StringVal("x") },
		"a value that isn't known":      func(s *Step) { s.Change.After = cty.UnknownVal(cty.String) },
		"a value that is null":          func(s *Step) { s.Change.After = cty.NullVal(cty.String) },
		"the path of the text":          func(s *Step) { s.Change.Text.Path = "/g" },
		"the text before":               func(s *Step) { s.Change.Text.Before = nil },
		"the text after":                func(s *Step) { s.Change.Text.After = []byte("x") },
		"that the text isn't known":     func(s *Step) { s.Change.Text.Unknown = true },
		"where one text ends":           func(s *Step) { s.Change.Text.Before, s.Change.Text.After = []byte("beforea"), []byte("fter") },
		"that there is a text":          func(s *Step) { s.Change.Text = nil },
		"a part of a finding":           func(s *Step) { s.Change.Findings[0].Detail[0].Name = "x" },
		"the payload":                   func(s *Step) { s.Change.Payload = nil },
		"an argument":                   func(s *Step) { s.declared[1] = cty.StringVal("x") },
		"the order of the declarations": func(s *Step) { s.declared[0], s.declared[1] = s.declared[1], s.declared[0] },
	} {
		t.Run(name, func(t *testing.T) {
			s := digested()
			change(s)
			if s.digest(key) == base {
				t.Error("the digest is the same")
			}
		})
	}
}

func TestTheDigestOfADetectedStepIsNotOfWhatItFinds(t *testing.T) {
	one, other := digested(), digested()
	one.DetectOnly, other.DetectOnly = true, true
	other.Change = plugin.Change{Action: plugin.NoOp, Before: cty.True, After: cty.True}
	if one.digest(nil) != other.digest(nil) {
		t.Error("the digests differ")
	}
}

// TestExpressionsHaveNoPartInADigest has one deep in a nested block, where a
// value beside it still counts.
func TestExpressionsHaveNoPartInADigest(t *testing.T) {
	block := func(text, beside string) cty.Value {
		return cty.ObjectVal(map[string]cty.Value{"retry": cty.ListVal([]cty.Value{cty.ObjectVal(map[string]cty.Value{
			"until":  cty.CapsuleVal(schema.SelfExpr, &schema.Self{Text: text}),
			"beside": cty.StringVal(beside),
		})})})
	}
	sum := func(v cty.Value) string {
		d := newDigest(nil)
		d.value(v)
		return d.sum()
	}
	if sum(block("a", "x")) != sum(block("b", "x")) {
		t.Error("an expression that was compiled anew has another digest")
	}
	if sum(block("a", "x")) == sum(block("a", "y")) {
		t.Error("the value beside an expression is not in the digest")
	}
	if !withoutExprs(block("a", "x")).RawEquals(withoutExprs(block("b", "x"))) {
		t.Error("two values that differ only in an expression are not the same")
	}
}
