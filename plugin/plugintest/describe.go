package plugintest

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// text is what is compared and shown of two things that should be equal: a
// line for each part.
type text struct{ strings.Builder }

func (t *text) line(format string, args ...any) { fmt.Fprintf(t, format+"\n", args...) }

// difference returns the first line in which two descriptions differ, empty
// where they don't.
func difference(what, direct, wire string) error {
	if direct == wire {
		return nil
	}
	a, b := strings.Split(direct, "\n"), strings.Split(wire, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Errorf("%s differs:\n  direct: %s\n  wire:   %s", what, a[i], b[i])
		}
	}
	return fmt.Errorf("%s differs: it has %d lines directly, and %d over the wire", what, len(a), len(b))
}

func describeManifest(m plugin.Manifest) string {
	var t text
	t.line("provider %s %s: %s", m.Name, m.Version, m.Doc)
	describeBlock(&t, "config", m.Config)
	for _, one := range m.Types {
		t.line("%s: emits %t, detects only %t, enforced by %q", one.Ref, one.Emits, one.DetectOnly, one.EnforcedBy)
		describeBlock(&t, one.Ref.String(), one.Schema)
	}
	for _, f := range m.Functions {
		t.line("function %s: %s %#v", f.Name, f.Doc, f.Result)
		for _, p := range f.Parameters {
			t.line("function %s: %s %s %#v %t", f.Name, p.Name, p.Doc, p.Type, p.AllowNull)
		}
		if f.Variadic != nil {
			t.line("function %s: %s... %s %#v %t", f.Name, f.Variadic.Name, f.Variadic.Doc, f.Variadic.Type, f.Variadic.AllowNull)
		}
	}
	return t.String()
}

func describeBlock(t *text, at string, b *schema.Block) {
	if b == nil {
		t.line("%s: none", at)
		return
	}
	t.line("%s: %s", at, b.Doc)
	for _, a := range b.Attributes {
		t.line("%s.%s: %#v %q required %t, default %#v, computed %t, sensitive %t, deprecated %q, enum %q, format %q, claim %q",
			at, a.Name, a.Type, a.Doc, a.Required, a.Default, a.Computed, a.Sensitive, a.Deprecated, a.Enum, a.Format, a.Claim)
	}
	for i := range b.Blocks {
		n := &b.Blocks[i]
		t.line("%s.%s: nesting %d, required %t, label %q", at, n.Name, n.Nesting, n.Required, n.Label)
		describeBlock(t, at+"."+n.Name, &n.Block)
	}
}

func describeDiagnostics(diags plugin.Diagnostics) string {
	var t text
	for _, d := range diags {
		t.line("%s: %q %q at %s", d.Severity, d.Summary, d.Detail, describePath(d.Path))
	}
	return t.String()
}

func describePath(path cty.Path) string {
	var t text
	for _, step := range path {
		switch s := step.(type) {
		case cty.GetAttrStep:
			fmt.Fprintf(&t, ".%s", s.Name)
		case cty.IndexStep:
			fmt.Fprintf(&t, "[%#v]", s.Key)
		}
	}
	return t.String()
}

func describeChange(c plugin.Change) string {
	var t text
	t.line("action %s, fidelity %s, only reported %t", c.Action, c.Fidelity, c.ReportOnly)
	t.line("before %s", describeValue(c.Before))
	t.line("after %s", describeValue(c.After))
	t.line("reasons %q", c.Reasons)
	t.line("warnings %q", c.Warnings)
	t.line("payload %q", c.Payload)
	if c.Text != nil {
		t.line("text of %s at %q: before %q %t, after %q %t, unknown %t", c.Text.Attribute, c.Text.Path,
			c.Text.Before, c.Text.Before != nil, c.Text.After, c.Text.After != nil, c.Text.Unknown)
	}
	for _, f := range c.Findings {
		t.line("finding %q %q %q %q %s", f.Name, f.Verdict, f.Summary, f.Detail, describeValue(f.Value))
	}
	return t.String()
}

// describeValue shows an expression by its text: it can't be the same one on
// both sides of the wire.
func describeValue(v cty.Value) string {
	if v == cty.NilVal {
		return "none"
	}
	if v.IsNull() {
		return "null" // a null is the same whatever it would have held
	}
	plain, err := cty.Transform(v, func(_ cty.Path, part cty.Value) (cty.Value, error) {
		switch {
		case !part.Type().IsCapsuleType():
			return part, nil
		case !part.IsKnown():
			return cty.UnknownVal(cty.String), nil
		case part.IsNull():
			return cty.NullVal(cty.String), nil
		}
		return cty.StringVal(describeExpression(part.EncapsulatedValue())), nil
	})
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%#v", plain)
}

func describeExpression(inside any) string {
	switch e := inside.(type) {
	case *event.Expr:
		return e.Text
	case *schema.Self:
		return e.Text
	case *event.ExprMap:
		var names []string
		for _, one := range *e {
			names = append(names, one.Name)
		}
		return strings.Join(names, ",")
	}
	return fmt.Sprintf("%T", inside)
}

// describeBatch shows all that the events of a batch are.
func describeBatch(b *event.Batch) string {
	var t text
	for i := range b.Len() {
		body, has := b.Body(i)
		raw, json := b.Raw(i)
		origin, offset := b.Origin(i)
		t.line("event %d: %s at %s, body %q %t, raw %q %t, from %q %q at %d", i, b.Kind(i), b.Time(i), body, has, raw, json, origin.Source, origin.Path, offset)
		if family, value := b.Metric(i); family != nil {
			t.line("event %d: %s %s %q = %v", i, family.Type, family.Name, family.Help, value)
		}
		for j := range b.NumFields(i) {
			name, v := b.FieldAt(i, j)
			t.line("event %d: %s = %d %q %v", i, b.Name(name), v.Kind(), v.Text(), v.Number())
		}
	}
	return t.String()
}
