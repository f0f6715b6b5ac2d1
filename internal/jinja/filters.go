package jinja

import "maps"

// filters returns the filters by name.
func filters() map[string]builtin {
	all := map[string]builtin{}
	for _, group := range []map[string]builtin{
		valueFilters(), textFilters(), markupFilters(), listFilters(), sequenceFilters(), selectFilters(), setFilters(), combinationFilters(),
		dictFilters(), numberFilters(), codecFilters(), regexFilters(), hashFilters(), pathFilters(), timeFilters(), chanceFilters(),
	} {
		maps.Copy(all, group)
	}
	for alias, name := range map[string]string{"d": "default", "e": "escape", "count": "length"} {
		all[alias] = all[name]
	}
	return all
}

// simple makes a filter without arguments.
func simple(f func(r *run, v any) (any, error)) builtin {
	return builtin{f: func(r *run, v any, _ args) (any, error) { return f(r, v) }}
}

// ofText makes a filter of the text of a value.
func ofText(f func(r *run, s string, a args) (any, error), params ...param) builtin {
	return builtin{params: params, f: func(r *run, v any, a args) (any, error) {
		s, err := r.text(v)
		if err != nil {
			return nil, err
		}
		if err := r.payForInput(s); err != nil {
			return nil, err
		}
		return f(r, s, a)
	}}
}

// plainText makes a filter of one text that can't fail.
func plainText(f func(s string) string) builtin {
	return ofText(func(r *run, s string, _ args) (any, error) {
		out := f(s)
		return out, r.takeString(len(out))
	})
}

// ofList makes a filter of the elements of a value.
func ofList(f func(r *run, items []any, a args) (any, error), params ...param) builtin {
	return builtin{params: params, f: func(r *run, v any, a args) (any, error) {
		items, err := r.asList(v)
		if err != nil {
			return nil, err
		}
		return f(r, items, a)
	}}
}
