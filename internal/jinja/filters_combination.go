package jinja

import (
	"errors"
	"slices"
)

// combinationFilters make many lists of few elements, and are accounted for
// one by one.
func combinationFilters() map[string]builtin {
	return map[string]builtin{
		"product":      {rest: true, named: true, f: product},
		"permutations": ofList(permutations, opt("r", nil)),
		"combinations": ofList(combinations, need("r")),
	}
}

// product returns each combination of an element of every list.
func product(r *run, v any, a args) (any, error) {
	lists, _, _, err := columns(r, v, a.rest)
	if err != nil {
		return nil, err
	}
	if n, ok := a.named.get("repeat"); ok {
		times, err := asInt(n)
		if err != nil {
			return nil, err
		}
		if times > maxDepth {
			return nil, limitf("product repeats at most %d times", maxDepth)
		}
		lists = slices.Repeat(lists, max(0, times))
	}
	rows := [][]any{nil}
	for _, l := range lists {
		if err := r.takeList(len(rows) * len(l) * len(lists)); err != nil {
			return nil, err
		}
		var longer [][]any
		for _, row := range rows {
			for _, item := range l {
				longer = append(longer, append(slices.Clone(row), item))
			}
		}
		rows = longer
	}
	out := newList()
	for _, row := range rows {
		out.items = append(out.items, newTuple(row...))
	}
	return out, nil
}

func permutations(r *run, items []any, a args) (any, error) {
	n := len(items)
	if a.values[0] != nil {
		var err error
		if n, err = a.int(0); err != nil {
			return nil, err
		}
	}
	used := make([]bool, len(items))
	return r.choose(len(items), n, items, func(_, i int) bool { return !used[i] }, func(i int, in bool) { used[i] = in })
}

func combinations(r *run, items []any, a args) (any, error) {
	n, err := a.int(0)
	if err != nil {
		return nil, err
	}
	return r.choose(len(items), n, items, func(last, i int) bool { return i > last }, func(int, bool) {})
}

// choose returns the ways to choose n of the elements: may says whether the
// i-th may follow the one that was chosen last, and mark is told of each.
func (r *run) choose(of, n int, items []any, may func(last, i int) bool, mark func(i int, in bool)) (any, error) {
	if n < 0 {
		return nil, errors.New("the number of elements is at least 0")
	}
	out := newList()
	if n > of {
		return out, nil
	}
	if n > maxDepth {
		return nil, limitf("the number of elements to choose is at most %d", maxDepth)
	}
	row := make([]any, 0, n)
	var next func(last int) error
	next = func(last int) error {
		if err := r.step(1); err != nil {
			return err
		}
		if len(row) == n {
			out.items = append(out.items, newTuple(slices.Clone(row)...))
			return r.takeList(n + 1)
		}
		for i, item := range items {
			if !may(last, i) {
				continue
			}
			mark(i, true)
			row = append(row, item)
			err := next(i)
			row = row[:len(row)-1]
			mark(i, false)
			if err != nil {
				return err
			}
		}
		return nil
	}
	return out, next(-1)
}
