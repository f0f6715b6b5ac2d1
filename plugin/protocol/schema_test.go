package protocol_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
	"google.golang.org/protobuf/proto"

	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/protocol"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// whole is a schema with all that there is.
func whole() *schema.Block {
	inner := schema.Block{Doc: "A rule.", Attributes: []schema.Attribute{
		{Name: "match", Type: cty.String, Doc: "What.", Required: true, Format: schema.Regexp},
		{Name: "keep", Type: schema.EventExpr, Doc: "Which."},
	}}
	return &schema.Block{
		Doc: "All there is.",
		Attributes: []schema.Attribute{
			{Name: "path", Type: cty.String, Doc: "A path.", Required: true, Format: schema.AbsolutePath, Claim: schema.Edits},
			{Name: "level", Type: cty.String, Doc: "A level.", Default: cty.StringVal("info"), Enum: []string{"info", "warn"}, Deprecated: "Use path."},
			{Name: "words", Type: cty.List(cty.String), Doc: "Words.", Default: cty.ListValEmpty(cty.String)},
			{Name: "token", Type: cty.String, Doc: "A token.", Sensitive: true},
			{Name: "any", Type: cty.DynamicPseudoType, Doc: "Anything."},
			{Name: "rc", Type: cty.Number, Doc: "A status.", Computed: true},
			{Name: "until", Type: schema.SelfExpr, Doc: "When."},
			{Name: "fields", Type: schema.EventExprs, Doc: "What to set."},
		},
		Blocks: []schema.Nested{
			{Name: "one", Nesting: schema.Single, Block: inner, Required: true},
			{Name: "many", Nesting: schema.List, Block: inner},
			{Name: "named", Nesting: schema.Map, Label: "name", Block: inner},
		},
	}
}

var (
	sameValue = cmp.Comparer(func(a, b cty.Value) bool { return a.GoString() == b.GoString() })
	sameType  = cmp.Comparer(func(a, b cty.Type) bool { return a.Equals(b) })
)

func TestSchemasCross(t *testing.T) {
	packed, err := protocol.PackSchema(whole())
	if err != nil {
		t.Fatal(err)
	}
	got, err := protocol.UnpackSchema(packed)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole(), got, sameValue, sameType); diff != "" {
		t.Error(diff)
	}
	if none, err := protocol.UnpackSchema(nil); none != nil || err != nil {
		t.Errorf("no schema: got %v, %v", none, err)
	}
}

func TestWhatIsNoSchemaIsRefused(t *testing.T) {
	deep := &protocol.Block{}
	for range 20 {
		deep = &protocol.Block{Blocks: []*protocol.Nested{{Name: "a", Nesting: "single", Block: deep}}}
	}
	for name, row := range map[string]struct {
		block *protocol.Block
		want  string
	}{
		"no type":              {&protocol.Block{Attributes: []*protocol.Attribute{{Name: "a"}}}, "attribute a"},
		"an unknown type":      {&protocol.Block{Attributes: []*protocol.Attribute{{Name: "a", Type: []byte(`"text"`)}}}, "attribute a"},
		"an unknown kind":      {&protocol.Block{Attributes: []*protocol.Attribute{{Name: "a", Expression: "of mine"}}}, `no kind of expression "of mine"`},
		"a default of nothing": {&protocol.Block{Attributes: []*protocol.Attribute{{Name: "a", Type: []byte(`"string"`), Default: []byte{}}}}, "attribute a"},
		"an unknown nesting":   {&protocol.Block{Blocks: []*protocol.Nested{{Name: "b", Nesting: "set", Block: &protocol.Block{}}}}, "block b"},
		"a block of nothing":   {&protocol.Block{Blocks: []*protocol.Nested{{Name: "b", Nesting: "list"}}}, "block b"},
		"blocks without end":   {deep, "more than 16 deep"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := protocol.UnpackSchema(row.block); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
}

// config is a value of the whole schema, with the expressions in it.
func config() cty.Value {
	expr := func(text string) event.Expr {
		return event.Expr{Text: text, Eval: func(_ *event.Batch, i int) event.Value { return event.IntValue(int64(i)) }}
	}
	keep := expr("event.a")
	rule := cty.ObjectVal(map[string]cty.Value{"match": cty.StringVal("x"), "keep": cty.CapsuleVal(schema.EventExpr, &keep)})
	without := cty.ObjectVal(map[string]cty.Value{"match": cty.StringVal("y"), "keep": cty.NullVal(schema.EventExpr)})
	return cty.ObjectVal(map[string]cty.Value{
		"path": cty.StringVal("/a"), "level": cty.StringVal("info"), "words": cty.ListValEmpty(cty.String), "token": cty.NullVal(cty.String),
		"any": cty.ObjectVal(map[string]cty.Value{"a": cty.True}), "rc": cty.NullVal(cty.Number),
		"until": cty.CapsuleVal(schema.SelfExpr, &schema.Self{Text: "self.rc == 0"}),
		"fields": cty.CapsuleVal(schema.EventExprs, &event.ExprMap{
			{Name: "b", Expr: expr("event.b")}, {Name: "c", Expr: expr("event.c")},
		}),
		"one": rule, "many": cty.ListVal([]cty.Value{without, rule}), "named": cty.MapVal(map[string]cty.Value{"\xff": rule}),
	})
}

func TestConfigurationsCrossWithTheirExpressions(t *testing.T) {
	packed, found, err := protocol.PackConfig(whole(), config())
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	got, err := protocol.UnpackConfig(whole(), packed, func(i int, typ cty.Type, e *protocol.Expression) cty.Value {
		texts = append(texts, e.GetText()+strings.Join(protocol.UnpackNames(e.GetNames()), ","))
		switch typ {
		case schema.EventExpr:
			return cty.CapsuleVal(typ, &event.Expr{Text: e.GetText()})
		case schema.EventExprs:
			return cty.CapsuleVal(typ, &event.ExprMap{})
		}
		return cty.CapsuleVal(typ, &schema.Self{Text: e.GetText()})
	})
	if err != nil {
		t.Fatal(err)
	}
	if !got.Type().Equals(config().Type()) || !got.GetAttr("any").RawEquals(config().GetAttr("any")) || got.GetAttr("one").GetAttr("keep").IsNull() {
		t.Errorf("got %#v", got)
	}
	if want := []string{"self.rc == 0", "b,c", "event.a", "event.a", "event.a"}; !cmp.Equal(want, texts) || len(found) != len(want) {
		t.Errorf("%d expressions %q, want %q", len(found), texts, want)
	}
}

func TestExpressionsBecomeColumns(t *testing.T) {
	_, found, err := protocol.PackConfig(whole(), config())
	if err != nil {
		t.Fatal(err)
	}
	batch := new(event.Batch)
	b := event.NewBuilder(batch)
	for range 3 {
		b.Log(time.Unix(1, 0), []byte("x"))
	}
	columns := found.Columns(batch)
	if len(columns) != 5 { // two members of one object, and three others; the one over self has none
		t.Fatalf("%d columns", len(columns))
	}
	for _, column := range columns {
		values, err := event.DecodeValues(column.GetValues())
		if err != nil || len(values) != 3 || values[2].Int() != 2 {
			t.Errorf("got %v, %v", values, err)
		}
	}
}

func TestWhatIsNoConfigurationIsRefused(t *testing.T) {
	lacking := cty.ObjectVal(map[string]cty.Value{"path": cty.StringVal("/a")})
	for name, v := range map[string]cty.Value{"none": cty.NilVal, "one of another block": lacking, "a text": cty.StringVal("x")} {
		if _, _, err := protocol.PackConfig(whole(), v); err == nil {
			t.Errorf("%s was packed as a configuration", name)
		}
		if _, err := protocol.PackBlock(whole(), v); err == nil {
			t.Errorf("%s was packed as a value", name)
		}
	}
	packed, _, err := protocol.PackConfig(whole(), config())
	if err != nil {
		t.Fatal(err)
	}
	packed.Expressions = append(packed.Expressions, &protocol.Expression{Path: protocol.PackPath(cty.GetAttrPath("path"))})
	refuse := func(int, cty.Type, *protocol.Expression) cty.Value { return cty.NullVal(schema.EventExpr) }
	if _, err := protocol.UnpackConfig(whole(), packed, refuse); err == nil {
		t.Error("an expression that stands nowhere was taken")
	}
}

// FuzzUnpack reads whatever it is given as a schema, a configuration of that
// schema, and a value of it.
func FuzzUnpack(f *testing.F) {
	block, err := protocol.PackSchema(whole())
	if err != nil {
		f.Fatal(err)
	}
	packed, _, err := protocol.PackConfig(whole(), config())
	if err != nil {
		f.Fatal(err)
	}
	for _, m := range [][2]proto.Message{{block, packed}, {&protocol.Block{}, &protocol.Config{Value: []byte{0x80}}}} {
		a, errA := proto.Marshal(m[0])
		b, errB := proto.Marshal(m[1])
		if errA != nil || errB != nil {
			f.Fatal(errA, errB)
		}
		f.Add(a, b)
	}
	f.Fuzz(func(t *testing.T, block, config []byte) {
		var m protocol.Block
		var c protocol.Config
		if proto.Unmarshal(block, &m) != nil || proto.Unmarshal(config, &c) != nil {
			return
		}
		b, err := protocol.UnpackSchema(&m)
		if err != nil {
			return
		}
		v, err := protocol.UnpackConfig(b, &c, func(_ int, typ cty.Type, _ *protocol.Expression) cty.Value { return cty.NullVal(typ) })
		if err != nil {
			return
		}
		packed, err := protocol.PackBlock(b, v)
		if err != nil {
			return // a list of blocks whose attributes of any type differ has no one type
		}
		if _, err := protocol.UnpackBlock(b, packed, v); err != nil {
			t.Errorf("%#v can't be read again: %v", v, err)
		}
	})
}
