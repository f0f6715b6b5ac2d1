package jinja

import (
	"errors"
	"fmt"
	"strings"
)

// valueFilters are those of any value.
func valueFilters() map[string]builtin {
	return map[string]builtin{
		"default":    {params: []param{opt("default_value", ""), opt("boolean", false)}, lenient: true, constant: true, f: defaultFilter},
		"mandatory":  {params: []param{opt("msg", nil)}, lenient: true, constant: true, f: mandatory},
		"ternary":    {params: []param{need("true_val"), need("false_val"), opt("none_val", nil)}, f: ternary},
		"bool":       simple(boolFilter),
		"string":     simple(func(r *run, v any) (any, error) { return r.text(v) }),
		"pprint":     simple(func(r *run, v any) (any, error) { return r.repr(v) }),
		"type_debug": {lenient: true, f: func(_ *run, v any, _ args) (any, error) { return typeName(v), nil }},
		"attr":       {params: []param{need("name")}, f: attr},
		"extract":    {params: []param{need("container"), opt("morekeys", nil)}, f: extract},
		"safe":       simple(func(r *run, v any) (any, error) { return r.text(v) }),
	}
}

func defaultFilter(_ *run, v any, a args) (any, error) {
	if _, missing := v.(undefined); missing {
		return a.values[0], nil
	}
	byTruth, err := a.bool(1)
	if err != nil || !byTruth {
		return v, err
	}
	ok, err := truth(v)
	if !ok {
		return a.values[0], err
	}
	return v, err
}

func mandatory(r *run, v any, a args) (any, error) {
	u, missing := v.(undefined)
	if !missing {
		return v, nil
	}
	if a.values[0] == nil {
		return nil, &missingError{u}
	}
	message, err := a.string(r, 0)
	if err != nil {
		return nil, err
	}
	u.reason = message
	return nil, &missingError{u}
}

func ternary(_ *run, v any, a args) (any, error) {
	if v == nil && a.values[2] != nil {
		return a.values[2], nil
	}
	ok, err := truth(v)
	if ok {
		return a.values[0], err
	}
	return a.values[1], err
}

// boolFilter takes what Ansible takes for true.
func boolFilter(_ *run, v any) (any, error) {
	switch v := v.(type) {
	case nil, bool:
		return v, nil
	case string:
		switch strings.ToLower(v) {
		case "yes", "on", "1", "true":
			return true, nil
		}
		return false, nil
	case int64:
		return v == 1, nil
	case float64:
		return v == 1, nil
	}
	return false, nil
}

func attr(r *run, v any, a args) (any, error) {
	name, err := a.string(r, 0)
	if err != nil {
		return nil, err
	}
	return r.member(v, name, place{}), nil
}

// extract is container[v], and of that the items of morekeys.
func extract(r *run, v any, a args) (any, error) {
	container, err := a.any(0)
	if err != nil {
		return nil, err
	}
	keys := []any{v}
	if more, ok := a.values[1].(*list); ok {
		keys = append(keys, more.items...)
	} else if a.values[1] != nil {
		keys = append(keys, a.values[1])
	}
	for _, key := range keys {
		if err := defined(container, key); err != nil {
			return nil, err
		}
		container = r.item(container, key, place{})
	}
	return container, nil
}

// path is an attribute that a filter looks up: names and indices with dots
// between them. Empty is the value itself.
func (r *run) path(v any, attribute any) (any, error) {
	switch attribute := attribute.(type) {
	case nil:
		return v, nil
	case int64:
		return r.item(v, attribute, place{}), nil
	case string:
		for part := range strings.SplitSeq(attribute, ".") {
			var key any = part
			if n, err := parseIndex(part); err == nil {
				key = n
			}
			v = r.item(v, key, place{})
		}
		return v, nil
	}
	return nil, fmt.Errorf("the attribute is a string or an integer, and not a value of type %s", typeName(attribute))
}

var errNoIndex = errors.New("no index")

func parseIndex(s string) (int64, error) {
	if s == "" || len(s) > 9 {
		return 0, errNoIndex
	}
	n := int64(0)
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, errNoIndex
		}
		n = n*10 + int64(c-'0')
	}
	return n, nil
}

// folded is a value as filters compare it that ignore case.
func folded(v any, caseSensitive bool) any {
	if s, ok := v.(string); ok && !caseSensitive {
		return strings.ToLower(s)
	}
	return v
}
