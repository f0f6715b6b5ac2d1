package schema

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/event"
)

type inner struct {
	Name string `schema:"name"`
}

type everything struct {
	Text   string            `schema:"text"`
	Maybe  *string           `schema:"maybe"`
	Flag   bool              `schema:"flag"`
	Count  int               `schema:"count"`
	Ratio  float64           `schema:"ratio"`
	Wait   time.Duration     `schema:"wait"`
	Limit  Bytes             `schema:"limit"`
	List   []string          `schema:"list"`
	Map    map[string]string `schema:"map"`
	Any    cty.Value         `schema:"any"`
	Expr   event.Expr        `schema:"expr"`
	Single *inner            `schema:"single"`
	Many   []inner           `schema:"many"`
	Named  map[string]inner  `schema:"named"`
}

var innerBlock = Block{Attributes: []Attribute{{Name: "name", Type: cty.String}}}

var everythingBlock = &Block{
	Attributes: []Attribute{
		{Name: "text", Type: cty.String}, {Name: "maybe", Type: cty.String}, {Name: "flag", Type: cty.Bool},
		{Name: "count", Type: cty.Number}, {Name: "ratio", Type: cty.Number},
		{Name: "wait", Type: cty.String, Format: Duration}, {Name: "limit", Type: cty.String, Format: Size},
		{Name: "list", Type: cty.List(cty.String)}, {Name: "map", Type: cty.Map(cty.String)},
		{Name: "any", Type: cty.DynamicPseudoType}, {Name: "expr", Type: EventExpr},
		{Name: "learnt", Type: cty.String, Computed: true},
	},
	Blocks: []Nested{
		{Name: "single", Block: innerBlock}, {Name: "many", Nesting: List, Block: innerBlock}, {Name: "named", Nesting: Map, Label: "name", Block: innerBlock},
	},
}

func full() map[string]cty.Value {
	one := cty.ObjectVal(map[string]cty.Value{"name": cty.StringVal("n")})
	expr := event.Expr{Text: "event.a"}
	return map[string]cty.Value{
		"text": cty.StringVal("t"), "maybe": cty.StringVal("m"), "flag": cty.True,
		"count": cty.NumberIntVal(3), "ratio": cty.NumberFloatVal(0.5),
		"wait": cty.StringVal("2m"), "limit": cty.StringVal("1KiB"),
		"list": cty.ListVal([]cty.Value{cty.StringVal("a"), cty.StringVal("b")}),
		"map":  cty.MapVal(map[string]cty.Value{"k": cty.StringVal("v")}),
		"any":  cty.NumberIntVal(7), "expr": cty.CapsuleVal(EventExpr, &expr), "learnt": cty.NullVal(cty.String),
		"single": one, "many": cty.ListVal([]cty.Value{one}), "named": cty.MapVal(map[string]cty.Value{"x": one}),
	}
}

func TestDecodeReadsEveryKindOfField(t *testing.T) {
	var got everything
	if err := Decode(cty.ObjectVal(full()), &got); err != nil {
		t.Fatal(err)
	}
	m := "m"
	want := everything{
		Text: "t", Maybe: &m, Flag: true, Count: 3, Ratio: 0.5, Wait: 2 * time.Minute, Limit: 1024,
		List: []string{"a", "b"}, Map: map[string]string{"k": "v"}, Any: cty.NumberIntVal(7), Expr: event.Expr{Text: "event.a"},
		Single: &inner{"n"}, Many: []inner{{"n"}}, Named: map[string]inner{"x": {"n"}},
	}
	equal := cmp.Comparer(func(a, b cty.Value) bool { return a == b || a.RawEquals(b) })
	if diff := cmp.Diff(want, got, equal); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeTakesNullForZero(t *testing.T) {
	values := full()
	for name, v := range values {
		values[name] = cty.NullVal(v.Type())
	}
	got := everything{Text: "old", Count: 9, List: []string{"old"}}
	if err := Decode(cty.ObjectVal(values), &got); err != nil {
		t.Fatal(err)
	}
	if got.Text != "" || got.Maybe != nil || got.Count != 0 || got.List != nil || got.Single != nil || got.Expr.IsSet() {
		t.Errorf("got %+v", got)
	}
}

func TestDecodeRefusesWhatDoesNotFit(t *testing.T) {
	tests := map[string]struct {
		change func(map[string]cty.Value)
		want   string
	}{
		"a fraction for a whole number": {func(v map[string]cty.Value) { v["count"] = cty.NumberFloatVal(1.5) }, "count: 1.5 is not a whole number"},
		"a value that is not known":     {func(v map[string]cty.Value) { v["text"] = cty.UnknownVal(cty.String) }, "text: the value is not known"},
		"another type":                  {func(v map[string]cty.Value) { v["flag"] = cty.StringVal("x") }, "flag: cannot decode string into bool"},
		"a duration that is none":       {func(v map[string]cty.Value) { v["wait"] = cty.StringVal("soon") }, "wait: \"soon\" is not a duration"},
		"an attribute that is missing":  {func(v map[string]cty.Value) { delete(v, "map") }, "the schema has no \"map\""},
		"something within a block": {func(v map[string]cty.Value) {
			v["single"] = cty.ObjectVal(map[string]cty.Value{"name": cty.True})
		}, "single: name: cannot decode bool into string"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			values := full()
			tt.change(values)
			var got everything
			if err := Decode(cty.ObjectVal(values), &got); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if err := Decode(cty.EmptyObjectVal, everything{}); err == nil {
		t.Error("a struct that is no pointer was taken")
	}
}

func TestCheckNamesWhereSchemaAndStructDiffer(t *testing.T) {
	if err := Check(everythingBlock, everything{}); err != nil {
		t.Error(err)
	}
	err := Check(&Block{
		Attributes: []Attribute{{Name: "extra", Type: cty.String}},
		Blocks:     []Nested{{Name: "inside", Block: Block{Attributes: []Attribute{{Name: "deep", Type: cty.String}}}}},
	}, struct {
		Inside *inner `schema:"inside"`
	}{})
	for _, want := range []string{"no field for extra", "no field for inside.deep", "no attribute for inside.name"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

func TestImpliedTypeNestsBlocks(t *testing.T) {
	got := everythingBlock.ImpliedType()
	want := cty.Object(map[string]cty.Type{"name": cty.String})
	if !got.AttributeType("single").Equals(want) || !got.AttributeType("many").Equals(cty.List(want)) || !got.AttributeType("named").Equals(cty.Map(want)) {
		t.Errorf("got %#v", got)
	}
}

func TestDecodePassesOverWhatIsNotLearntYet(t *testing.T) {
	config := struct {
		Size int `schema:"size,computed"`
	}{1}
	if err := Decode(cty.ObjectVal(map[string]cty.Value{"size": cty.UnknownVal(cty.Number)}), &config); err != nil || config.Size != 0 {
		t.Errorf("got %d, %v", config.Size, err)
	}
}

func TestDecodeTellsNoSecret(t *testing.T) {
	var config struct {
		Wait time.Duration `schema:"wait,sensitive"`
	}
	err := Decode(cty.ObjectVal(map[string]cty.Value{"wait": cty.StringVal("hunter2")}), &config)
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "wait") {
		t.Errorf("got %v", err)
	}
}
