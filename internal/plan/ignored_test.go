package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

func TestWhatATaskTellsOfWhatIsIgnored(t *testing.T) {
	part := cty.ObjectVal(map[string]cty.Value{
		"address": cty.StringVal("a"), "class": cty.StringVal("drift"), "action": cty.StringVal("update"), "line": cty.NumberIntVal(3),
		"attributes": cty.ListVal([]cty.Value{cty.StringVal("x"), cty.NullVal(cty.String), cty.UnknownVal(cty.String), cty.StringVal("y")}),
		"pattern":    cty.StringVal("*"), "reason": cty.StringVal("known"), "owner": cty.StringVal("us"), "expires": cty.StringVal("2027-01-31"),
	})
	told := func(v cty.Value) cty.Value { return cty.ObjectVal(map[string]cty.Value{"ignored_parts": v}) }
	whole := IgnoredRecord{Address: "a", Class: "drift", Action: "update", Attributes: []string{"x", "y"}, By: IgnoredBy{Line: 3, Pattern: "*", Reason: "known", Owner: "us", Expires: "2027-01-31"}}
	for name, test := range map[string]struct {
		finding cty.Value
		want    []IgnoredRecord
	}{
		"nothing at all":             {cty.NilVal, nil},
		"something else":             {cty.StringVal("x"), nil},
		"no such attribute":          {cty.EmptyObjectVal, nil},
		"one that is null":           {told(cty.NullVal(cty.List(cty.EmptyObject))), nil},
		"one that isn't known":       {told(cty.DynamicVal), nil},
		"one that is no list":        {told(cty.True), nil},
		"a list of nothing":          {told(cty.ListValEmpty(cty.EmptyObject)), nil},
		"a part with nothing in it":  {told(cty.ListVal([]cty.Value{cty.EmptyObjectVal})), []IgnoredRecord{{}}},
		"a part of other types":      {told(cty.ListVal([]cty.Value{cty.ObjectVal(map[string]cty.Value{"address": cty.True, "line": cty.True, "attributes": cty.True})})), []IgnoredRecord{{}}},
		"a part with all there is":   {told(cty.ListVal([]cty.Value{part})), []IgnoredRecord{whole}},
		"parts of more than a type":  {told(cty.TupleVal([]cty.Value{part, cty.EmptyObjectVal})), []IgnoredRecord{whole, {}}},
		"a finding that isn't known": {cty.UnknownVal(told(cty.True).Type()), nil},
	} {
		if diff := cmp.Diff(test.want, ignoredOf(test.finding)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
