package lang

import (
	"testing"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

func TestConvertDoesWhatCtyDoes(t *testing.T) {
	a, b, one := cty.StringVal("a"), cty.StringVal("b"), cty.NumberIntVal(1)
	list, set := cty.List(cty.DynamicPseudoType), cty.Set(cty.DynamicPseudoType)
	for name, row := range map[string]struct {
		v cty.Value
		t cty.Type
	}{
		"one type to a list":         {cty.TupleVal([]cty.Value{a, b}), list},
		"one type to a set":          {cty.TupleVal([]cty.Value{a, b, a}), set},
		"one type to another":        {cty.TupleVal([]cty.Value{one, one}), cty.List(cty.String)},
		"several types":              {cty.TupleVal([]cty.Value{a, one}), list},
		"types that don't fit":       {cty.TupleVal([]cty.Value{a, cty.EmptyObjectVal}), list},
		"a null of any type":         {cty.TupleVal([]cty.Value{a, cty.NullVal(cty.DynamicPseudoType)}), set},
		"an unknown element":         {cty.TupleVal([]cty.Value{a, cty.UnknownVal(cty.String)}), set},
		"an element of unknown type": {cty.TupleVal([]cty.Value{cty.DynamicVal, cty.DynamicVal}), list},
		"a marked tuple":             {cty.TupleVal([]cty.Value{a, b}).Mark("m"), set},
		"a marked element":           {cty.TupleVal([]cty.Value{a.Mark("m"), b}), list},
		"no elements":                {cty.EmptyTupleVal, list},
		"a null tuple":               {cty.NullVal(cty.Tuple([]cty.Type{cty.String})), list},
		"an unknown tuple":           {cty.UnknownVal(cty.Tuple([]cty.Type{cty.String})), list},
		"tuples in a tuple":          {cty.TupleVal([]cty.Value{cty.TupleVal([]cty.Value{a}), cty.TupleVal([]cty.Value{b})}), cty.List(list)},
		"a tuple to a map":           {cty.TupleVal([]cty.Value{a}), cty.Map(cty.String)},
	} {
		t.Run(name, func(t *testing.T) {
			want, wantErr := convert.Convert(row.v, row.t)
			got, gotErr := Convert(row.v, row.t)
			if (wantErr == nil) != (gotErr == nil) || wantErr == nil && !got.RawEquals(want) {
				t.Errorf("got %#v, %v, want %#v, %v", got, gotErr, want, wantErr)
			}
		})
	}
}

func BenchmarkConvert(b *testing.B) {
	values := make([]cty.Value, 10_000)
	for i := range values {
		values[i] = cty.NumberIntVal(int64(i))
	}
	tuple, set := cty.TupleVal(values), cty.Set(cty.DynamicPseudoType)
	run := func(b *testing.B, convert func(cty.Value, cty.Type) (cty.Value, error)) {
		for b.Loop() {
			if _, err := convert(tuple, set); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("Tuple", func(b *testing.B) { run(b, Convert) })
	b.Run("TupleStd", func(b *testing.B) { run(b, convert.Convert) })
}
