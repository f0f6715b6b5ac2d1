package jinja

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// What methods of strings and filters share.

func replace(r *run, v any, a args) (any, error) {
	s, err := r.text(v)
	if err != nil {
		return nil, err
	}
	old, err := a.string(r, 0)
	if err != nil {
		return nil, err
	}
	with, err := a.string(r, 1)
	if err != nil {
		return nil, err
	}
	count := -1
	if a.values[2] != nil {
		if count, err = a.int(2); err != nil {
			return nil, err
		}
	}
	n := strings.Count(s, old)
	if count >= 0 {
		n = min(n, count)
	}
	if n > 0 && len(with) > maxRepeat/n {
		return nil, r.takeString(maxRepeat + 1)
	}
	return strings.Replace(s, old, with, count), r.takeString(len(s) + n*max(0, len(with)-len(old)))
}

// affix makes a method of a test for a prefix, or for one of a tuple of them.
func affix(has func(s, affix string) bool) func(*run, any, args) (any, error) {
	return func(r *run, v any, a args) (any, error) {
		candidates := newList(a.values[0])
		if l, ok := a.values[0].(*list); ok {
			candidates = l
		}
		for _, c := range candidates.items {
			s, ok := c.(string)
			if !ok {
				return nil, errors.New("a string is needed")
			}
			if has(v.(string), s) {
				return true, nil
			}
		}
		return false, nil
	}
}

func texts(f func(s, t string) string) func(*run, any, args) (any, error) {
	return func(r *run, v any, a args) (any, error) {
		t, err := a.string(r, 0)
		return f(v.(string), t), err
	}
}

func findText(find func(s, sub string) int, must bool) func(*run, any, args) (any, error) {
	return func(r *run, v any, a args) (any, error) {
		sub, err := a.string(r, 0)
		if err != nil {
			return nil, err
		}
		s := v.(string)
		i := find(s, sub)
		if i < 0 {
			if must {
				return nil, errors.New("the string does not contain it")
			}
			return int64(-1), nil
		}
		return int64(utf8.RuneCountInString(s[:i])), nil
	}
}

func countText(r *run, v any, a args) (any, error) {
	sub, err := a.string(r, 0)
	return int64(strings.Count(v.(string), sub)), err
}

func partition(r *run, v any, a args) (any, error) {
	sep, err := a.string(r, 0)
	before, after, found := strings.Cut(v.(string), sep)
	if !found {
		return newTuple(before, "", ""), err
	}
	return newTuple(before, sep, after), err
}

func rpartition(r *run, v any, a args) (any, error) {
	sep, err := a.string(r, 0)
	s := v.(string)
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return newTuple("", "", s), err
	}
	return newTuple(s[:i], sep, s[i+len(sep):]), err
}

func zfill(r *run, v any, a args) (any, error) {
	width, err := a.int(0)
	if err != nil {
		return nil, err
	}
	s := v.(string)
	n := width - utf8.RuneCountInString(s)
	if n <= 0 {
		return s, nil
	}
	if err := r.takeString(n + len(s)); err != nil {
		return nil, err
	}
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = s[:1], s[1:]
	}
	return sign + strings.Repeat("0", n) + s, nil
}

// centered is how many of n blanks go to the left. An odd one does where the
// width is odd.
func centered(n, width int) int { return n/2 + n&width&1 }

// justify makes a method that fills a string up to a width, with as many
// characters to the left as share says.
func justify(share func(n, width int) int) func(*run, any, args) (any, error) {
	return func(r *run, v any, a args) (any, error) {
		width, err := a.int(0)
		if err != nil {
			return nil, err
		}
		fill, err := a.string(r, 1)
		if err != nil {
			return nil, err
		}
		if utf8.RuneCountInString(fill) != 1 {
			return nil, errors.New("the fill is one character")
		}
		return r.justified(v.(string), width, fill, share)
	}
}

func (r *run) justified(s string, width int, fill string, share func(n, width int) int) (any, error) {
	n := width - utf8.RuneCountInString(s)
	if n <= 0 {
		return s, nil
	}
	if n > maxRepeat {
		return nil, r.takeString(n)
	}
	left := share(n, width)
	return strings.Repeat(fill, left) + s + strings.Repeat(fill, n-left), r.takeString(len(s) + n*len(fill))
}

// joinTexts joins the elements of a list. Of is what is taken of each, nil
// for the element itself.
func (r *run) joinTexts(v any, sep string, of func(any) (any, error)) (any, error) {
	items, err := r.asList(v)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for i, item := range items {
		if of != nil {
			if item, err = of(item); err != nil {
				return nil, err
			}
		}
		text, err := r.text(item)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			text = sep + text
		}
		if b.Len()+len(text) > maxRepeat {
			return nil, r.takeString(b.Len() + len(text))
		}
		if err := r.take(len(text)); err != nil {
			return nil, err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}
