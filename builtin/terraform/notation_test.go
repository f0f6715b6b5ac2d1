package terraform

import (
	"encoding/json"
	"regexp"
	"testing"
)

func TestSameInAnotherNotation(t *testing.T) {
	t.Parallel()
	n := func(text string) json.Number { return json.Number(text) }
	all := normalize{NullEmpty: true, JSONStrings: true}
	for name, test := range map[string]struct {
		rules normalize
		a, b  any
		want  bool
	}{
		"a number with a fraction of none":    {normalize{}, n("1"), n("1.0"), true},
		"a number with an exponent":           {normalize{}, n("1e3"), n("1000"), true},
		"large numbers that differ":           {normalize{}, n("9007199254740993"), n("9007199254740992"), false},
		"a number and a text":                 {all, n("1"), "1", false},
		"numbers deep inside":                 {normalize{}, map[string]any{"a": []any{n("1.0")}}, map[string]any{"a": []any{n("1")}}, true},
		"null and an empty text, if told":     {all, nil, "", true},
		"null and an empty text":              {normalize{}, nil, "", false},
		"null and false":                      {all, nil, false, false},
		"a member that is null and one less":  {all, map[string]any{"a": nil}, map[string]any{}, true},
		"JSON in another order, if told":      {all, `{"a":1,"b":2}`, ` {"b":2.0,"a":1}`, true},
		"JSON in another order":               {normalize{}, `{"a":1,"b":2}`, `{"b":2,"a":1}`, false},
		"texts that only look alike":          {all, "1", "1.0", false},
		"JSON with something behind it":       {all, `{"a":1}`, `{"a":1} x`, false},
		"lists in another order, if not told": {all, []any{"a", "b"}, []any{"b", "a"}, false},
	} {
		if got := (notation{rules: test.rules}).same("x", test.a, test.b); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	unordered := notation{unordered: []*regexp.Regexp{wildcard("*.cidrs")}}
	if !unordered.same("rule.cidrs", []any{"a", "b", "b"}, []any{"b", "a", "b"}) || unordered.same("rule.cidrs", []any{"a", "a"}, []any{"a", "b"}) {
		t.Error("a list without order is not compared as one")
	}
}
