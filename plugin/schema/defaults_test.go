package schema

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

func TestWhatABlockIsWhereNothingIsWritten(t *testing.T) {
	inner := Block{Attributes: []Attribute{{Name: "a", Type: cty.String}}}
	b := &Block{
		Attributes: []Attribute{{Name: "with", Type: cty.Number, Default: cty.Zero}, {Name: "without", Type: cty.Bool, Required: true}},
		Blocks:     []Nested{{Name: "one", Block: inner, Required: true}, {Name: "list", Nesting: List, Block: inner}, {Name: "named", Nesting: Map, Block: inner}},
	}
	want := cty.ObjectVal(map[string]cty.Value{
		"with": cty.Zero, "without": cty.NullVal(cty.Bool), "one": cty.NullVal(inner.ImpliedType()),
		"list": cty.ListValEmpty(inner.ImpliedType()), "named": cty.MapValEmpty(inner.ImpliedType()),
	})
	if got := b.Defaults(); !got.RawEquals(want) {
		t.Errorf("got %#v", got)
	}
	if diff := cmp.Diff([]string{"without", "one"}, b.Required()); diff != "" {
		t.Error(diff)
	}
}
