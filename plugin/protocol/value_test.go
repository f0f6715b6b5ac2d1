package protocol_test

import (
	"bytes"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/protocol"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// values are one of each shape that a configuration can have.
func values() map[string]cty.Value {
	huge, _, _ := big.ParseFloat("123456789012345678901234567890.5", 10, 512, big.ToNearestEven)
	return map[string]cty.Value{
		"a text":                     cty.StringVal("ünï\x00"),
		"a text that is not UTF-8":   cty.StringVal("\xff\xfe"),
		"an empty text":              cty.StringVal(""),
		"a number":                   cty.NumberIntVal(-7),
		"a fraction":                 cty.NumberFloatVal(0.1),
		"a number beyond 64 bits":    cty.NumberVal(huge),
		"a bool":                     cty.True,
		"a null":                     cty.NullVal(cty.String),
		"an unknown value":           cty.UnknownVal(cty.List(cty.String)),
		"an unknown that isn't null": cty.UnknownVal(cty.String).RefineNotNull(),
		"a list":                     cty.ListVal([]cty.Value{cty.StringVal("a"), cty.UnknownVal(cty.String), cty.NullVal(cty.String)}),
		"an empty list":              cty.ListValEmpty(cty.Map(cty.Bool)),
		"a map":                      cty.MapVal(map[string]cty.Value{"\xff": cty.True}),
		"a set":                      cty.SetVal([]cty.Value{cty.Zero, cty.NumberIntVal(1)}),
		"an object in an object":     cty.ObjectVal(map[string]cty.Value{"a": cty.ObjectVal(map[string]cty.Value{"b": cty.EmptyTupleVal})}),
	}
}

func TestValuesCrossWithAndWithoutTheirType(t *testing.T) {
	for name, v := range values() {
		t.Run(name, func(t *testing.T) {
			packed, err := protocol.PackValue(v, v.Type())
			if err != nil {
				t.Fatal(err)
			}
			if got, err := protocol.UnpackValue(packed, v.Type()); err != nil || !got.RawEquals(v) {
				t.Errorf("got %#v, %v; want %#v", got, err, v)
			}
			packed, err = protocol.PackValue(v, cty.DynamicPseudoType)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := protocol.UnpackValue(packed, cty.DynamicPseudoType); err != nil || !got.RawEquals(v) {
				t.Errorf("of any type: got %#v, %v; want %#v", got, err, v)
			}
			packed, typ, err := protocol.PackTyped(v)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := protocol.UnpackTyped(packed, typ); err != nil || !got.RawEquals(v) {
				t.Errorf("with its type: got %#v, %v; want %#v", got, err, v)
			}
		})
	}
}

func TestWhatIsNoValueIsRefused(t *testing.T) {
	marked := cty.StringVal("secret").Mark("sensitive")
	for name, v := range map[string]cty.Value{"no value": cty.NilVal, "a marked value": marked, "another type": cty.EmptyObjectVal} {
		if _, err := protocol.PackValue(v, cty.String); err == nil {
			t.Errorf("%s was packed", name)
		}
	}
	anything := cty.DynamicPseudoType
	for name, row := range map[string]struct {
		packed []byte
		t      cty.Type
		want   string
	}{
		"nothing":                              {nil, cty.String, "cut short"},
		"a list that announces all the memory": {[]byte{0xdd, 0xff, 0xff, 0xff, 0xff}, cty.List(cty.String), "cut short"},
		"a map that announces all the memory":  {[]byte{0xdf, 0xff, 0xff, 0xff, 0xff}, cty.Map(cty.String), "cut short"},
		"a text that is cut off":               {[]byte{0xd9, 0x05, 'a'}, cty.String, "cut short"},
		"lists in lists without an end":        {bytes.Repeat([]byte{0x91}, 1<<20), anything, "cut short"},
		"a byte that is no msgpack":            {[]byte{0xc1}, cty.String, "no msgpack"},
		"bytes behind the value":               {[]byte{0xc0, 0xc0}, cty.String, "follow its end"},
		"a number that nobody can write down":  {append([]byte{0xab}, "1e100000000"...), cty.Number, "beyond any use"},
		"another type than is expected":        {[]byte{0xc3}, cty.Number, "unpack a value"},
		"an object that lacks an attribute":    {[]byte{0x80}, cty.Object(map[string]cty.Type{"a": cty.Bool}), "unpack a value"},
	} {
		t.Run(name, func(t *testing.T) {
			if v, err := protocol.UnpackValue(row.packed, row.t); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %#v, %v; want %q", v, err, row.want)
			}
		})
	}
	for _, typ := range []string{"", "[", `"text"`, `["list"]`, `["object",3]`, strings.Repeat(`["list",`, 20_000)} {
		if got, err := protocol.UnpackType([]byte(typ)); err == nil {
			t.Errorf("%.40q is the type %#v", typ, got)
		}
	}
}

func FuzzUnpackValue(f *testing.F) {
	for _, v := range values() {
		packed, err := protocol.PackValue(v, cty.DynamicPseudoType)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed)
	}
	f.Add([]byte{0xdd, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, packed []byte) {
		for _, typ := range []cty.Type{cty.DynamicPseudoType, cty.List(cty.Map(cty.Number)), cty.Set(cty.String), cty.Tuple([]cty.Type{cty.Bool, cty.String})} {
			v, err := protocol.UnpackValue(packed, typ)
			if err != nil {
				continue
			}
			again, err := protocol.PackValue(v, typ)
			if err != nil {
				t.Fatalf("%#v: %v", v, err)
			}
			// What an unknown value is refined by isn't always kept.
			if back, err := protocol.UnpackValue(again, typ); err != nil || !back.Type().Equals(v.Type()) {
				t.Fatalf("%#v becomes %#v, %v", v, back, err)
			}
		}
		_, _ = protocol.UnpackType(packed) // that it returns is all
	})
}

func TestPathsCross(t *testing.T) {
	path := cty.GetAttrPath("env").IndexString("\xff").Index(cty.NumberIntVal(3)).GetAttr("a")
	if got := protocol.UnpackPath(protocol.PackPath(path)); !got.Equals(path) {
		t.Errorf("got %#v", got)
	}
	for name, odd := range map[string]cty.Value{"a bool": cty.True, "an unknown key": cty.UnknownVal(cty.String), "a null": cty.NullVal(cty.Number)} {
		if got := protocol.UnpackPath(protocol.PackPath(cty.GetAttrPath("a").Index(odd).GetAttr("b"))); !got.Equals(cty.GetAttrPath("a")) {
			t.Errorf("a step by %s: got %#v, want what is before it", name, got)
		}
	}
	if got := protocol.UnpackPath([]*protocol.Step{nil, {}}); len(got) > 0 {
		t.Errorf("steps of nothing: got %#v", got)
	}
}

func TestNamesCross(t *testing.T) {
	for _, names := range [][]string{nil, {}, {"a", "", "\xff"}} {
		if diff := cmp.Diff(names, protocol.UnpackNames(protocol.PackNames(names))); diff != "" {
			t.Error(diff)
		}
	}
	if got := protocol.ValidTexts([]string{"a\xffb"}); got[0] != "a\uFFFDb" {
		t.Errorf("got %q", got)
	}
}

func TestExpressionsAreNoPartOfAValueWithItsType(t *testing.T) {
	v := cty.ObjectVal(map[string]cty.Value{
		"rc":    cty.Zero,
		"until": cty.CapsuleVal(schema.SelfExpr, &schema.Self{Text: "self.rc == 0"}),
		"list":  cty.ListVal([]cty.Value{cty.ObjectVal(map[string]cty.Value{"keep": cty.NullVal(schema.EventExpr)})}),
	})
	packed, typ, err := protocol.PackTyped(protocol.WithoutExpressions(v))
	if err != nil {
		t.Fatal(err)
	}
	got, err := protocol.UnpackTyped(packed, typ)
	if err != nil || !got.GetAttr("rc").RawEquals(cty.Zero) || !got.GetAttr("until").IsNull() {
		t.Errorf("got %#v, %v", got, err)
	}
}
