package jinja

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strings"
)

// tests returns the tests by name.
func tests() map[string]builtin {
	all := map[string]builtin{
		"defined":     ofAny(func(_ *run, v any) bool { _, missing := v.(undefined); return !missing }),
		"undefined":   ofAny(func(_ *run, v any) bool { _, missing := v.(undefined); return missing }),
		"none":        ofAny(func(_ *run, v any) bool { return v == nil }),
		"true":        ofAny(func(_ *run, v any) bool { return v == true }),
		"false":       ofAny(func(_ *run, v any) bool { return v == false }),
		"boolean":     ofType[bool](),
		"integer":     ofType[int64](),
		"float":       ofType[float64](),
		"string":      ofType[string](),
		"mapping":     ofType[*dict](),
		"callable":    ofType[callable](),
		"number":      ofAny(func(_ *run, v any) bool { _, _, _, ok := number(v); return ok }),
		"sequence":    ofAny(isSequence),
		"iterable":    ofDefined(func(r *run, v any) (any, error) { return isSequence(r, v), nil }),
		"odd":         ofDefined(func(_ *run, v any) (any, error) { n, err := asInt(v); return n%2 != 0, err }),
		"even":        ofDefined(func(_ *run, v any) (any, error) { n, err := asInt(v); return n%2 == 0, err }),
		"divisibleby": {params: []param{need("num")}, f: divisibleBy},
		"lower":       ofDefined(func(r *run, v any) (any, error) { s, err := r.text(v); return isLower(s), err }),
		"upper":       ofDefined(func(r *run, v any) (any, error) { s, err := r.text(v); return isUpper(s), err }),
		"sameas":      {params: []param{need("other")}, lenient: true, f: func(_ *run, v any, a args) (any, error) { return identical(v, a.values[0]), nil }},
		"escaped":     ofAny(func(*run, any) bool { return false }),
		"in":          {params: []param{need("seq")}, f: func(r *run, v any, a args) (any, error) { return r.contains(a.values[0], v) }},
		"contains":    {params: []param{need("value")}, f: func(r *run, v any, a args) (any, error) { return r.contains(v, a.values[0]) }},
		"filter":      ofDefined(func(r *run, v any) (any, error) { return named(v, r.filters) }),
		"test":        ofDefined(func(r *run, v any) (any, error) { return named(v, r.tests) }),

		"any":    ofDefined(func(r *run, v any) (any, error) { return r.quantified(v, true) }),
		"all":    ofDefined(func(r *run, v any) (any, error) { ok, err := r.quantified(v, false); return ok, err }),
		"truthy": {params: []param{opt("convert_bool", false)}, f: truthy},
		"falsy":  {params: []param{opt("convert_bool", false)}, f: falsy},
		"nan":    ofDefined(func(_ *run, v any) (any, error) { f, ok := v.(float64); return ok && math.IsNaN(f), nil }),
		"subset": {params: []param{need("b")}, f: func(r *run, v any, a args) (any, error) { return r.subset(v, a.values[0]) }},
		"superset": {params: []param{need("b")}, f: func(r *run, v any, a args) (any, error) {
			return r.subset(a.values[0], v)
		}},
		"match":   regexTest(true),
		"search":  regexTest(false),
		"regex":   {params: []param{opt("pattern", ""), opt("ignorecase", false), opt("multiline", false), opt("match_type", "search")}, f: matchesRegex},
		"version": {params: []param{need("version"), opt("operator", "eq"), opt("strict", nil), opt("version_type", nil)}, f: versionTest},
		"uri":     {params: []param{opt("schemes", nil)}, f: isURI},
		"url":     {params: []param{opt("schemes", nil)}, f: isURL},
		"urn":     ofDefined(func(r *run, v any) (any, error) { return schemeIs(v, newList("urn")) }),
	}
	addComparisons(all)
	for alias, name := range map[string]string{"issubset": "subset", "issuperset": "superset", "version_compare": "version", "isnan": "nan"} {
		all[alias] = all[name]
	}
	return all
}

// addComparisons adds the operators, each under all of its names.
func addComparisons(all map[string]builtin) {
	for name, operator := range map[string]string{
		"eq": "==", "equalto": "==", "==": "==", "ne": "!=", "!=": "!=", "lt": "<", "lessthan": "<", "<": "<", "le": "<=", "<=": "<=",
		"gt": ">", "greaterthan": ">", ">": ">", "ge": ">=", ">=": ">=",
	} {
		all[name] = builtin{params: []param{need("other")}, f: func(r *run, v any, a args) (any, error) { return r.compare(operator, v, a.values[0]) }}
	}
}

// ofAny makes a test of what may be undefined.
func ofAny(f func(r *run, v any) bool) builtin {
	return builtin{lenient: true, constant: true, f: func(r *run, v any, _ args) (any, error) { return f(r, v), nil }}
}

func ofType[T any]() builtin {
	return ofAny(func(_ *run, v any) bool { _, ok := v.(T); return ok })
}

func ofDefined(f func(r *run, v any) (any, error)) builtin {
	return builtin{f: func(r *run, v any, _ args) (any, error) { return f(r, v) }}
}

func isSequence(_ *run, v any) bool {
	switch v.(type) {
	case string, *list, *dict:
		return true
	}
	return false
}

func divisibleBy(_ *run, v any, a args) (any, error) {
	n, err := asInt(v)
	if err != nil {
		return nil, err
	}
	by, err := a.int(0)
	if err == nil && by == 0 {
		err = errZero
	}
	if err != nil {
		return nil, err
	}
	return n%by == 0, nil
}

func named(v any, all map[string]builtin) (any, error) {
	name, ok := v.(string)
	if !ok {
		return false, nil
	}
	_, known := all[unqualified(name)]
	return known, nil
}

// quantified is any() of Python, or all().
func (r *run) quantified(v any, whether bool) (any, error) {
	items, err := r.asList(v)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		ok, err := truth(item)
		if err != nil {
			return nil, err
		}
		if ok == whether {
			return whether, nil
		}
	}
	return !whether, nil
}

func truthy(_ *run, v any, a args) (any, error) {
	convert, err := a.bool(0)
	if err != nil {
		return nil, err
	}
	if s, ok := v.(string); ok && convert {
		switch strings.ToLower(strings.TrimSpace(s)) {
		case "y", "yes", "on", "1", "true", "t", "1.0":
			return true, nil
		case "n", "no", "off", "0", "false", "f", "0.0":
			return false, nil
		}
	}
	return truth(v)
}

func falsy(r *run, v any, a args) (any, error) {
	ok, err := truthy(r, v, a)
	if err != nil {
		return nil, err
	}
	return ok == false, nil
}

func (r *run) subset(v, of any) (any, error) {
	a, err := r.asList(v)
	if err != nil {
		return nil, err
	}
	b, err := r.asList(of)
	if err != nil {
		return nil, err
	}
	rest, err := r.withIn(a, b, false)
	return len(rest) == 0, err
}

// regexTest makes a test of a regular expression, which match only looks for
// at the beginning.
func regexTest(atStart bool) builtin {
	return builtin{params: []param{opt("pattern", ""), opt("ignorecase", false), opt("multiline", false)}, f: func(r *run, v any, a args) (any, error) {
		return r.testRegex(v, a, atStart)
	}}
}

func (r *run) testRegex(v any, a args, atStart bool) (any, error) {
	s, err := r.text(v)
	if err != nil {
		return nil, err
	}
	re, err := r.regexArguments(a, 0, 1, 2, s)
	if err != nil || !atStart {
		return err == nil && re.MatchString(s), err
	}
	if re, err = regexp.Compile(`\A(?:` + re.String() + ")"); err != nil {
		return nil, err
	}
	return re.MatchString(s), nil
}

func matchesRegex(r *run, v any, a args) (any, error) {
	switch a.values[3] {
	case "search", "match":
		return r.testRegex(v, a, a.values[3] == "match")
	}
	return nil, errors.New(`match_type is "search" or "match"`)
}

func schemeIs(v, schemes any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return false, nil
	}
	u, err := url.Parse(s)
	if err != nil {
		return false, nil //nolint:nilerr // what can't be parsed is no address
	}
	switch want := schemes.(type) {
	case nil:
		return true, nil
	case string:
		return strings.Contains(want, u.Scheme), nil
	case *list:
		for _, one := range want.items {
			if one == u.Scheme {
				return true, nil
			}
		}
		return len(want.items) == 0, nil
	}
	return nil, fmt.Errorf("the schemes are a list, and not a value of type %s", typeName(schemes))
}

func isURI(_ *run, v any, a args) (any, error) { return schemeIs(v, a.values[0]) }

func isURL(_ *run, v any, a args) (any, error) {
	ok, err := schemeIs(v, a.values[0])
	if err != nil || ok != true {
		return false, err
	}
	u, err := url.Parse(v.(string)) // as schemeIs parsed it
	return err == nil && (u.Host != "" || u.Scheme == "file"), err
}
