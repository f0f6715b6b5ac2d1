package jinja

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// stringMethod makes a method without arguments.
func stringMethod(f func(s string) any) builtin {
	return builtin{f: func(_ *run, v any, _ args) (any, error) { return f(v.(string)), nil }}
}

func stringMethods() map[string]builtin {
	return map[string]builtin{
		"upper":      stringMethod(func(s string) any { return upper(s) }),
		"lower":      stringMethod(func(s string) any { return strings.ToLower(s) }),
		"casefold":   stringMethod(func(s string) any { return strings.ToLower(s) }),
		"capitalize": stringMethod(func(s string) any { return capitalize(s) }),
		"title":      stringMethod(func(s string) any { return pythonTitle(s) }),
		"swapcase":   stringMethod(func(s string) any { return strings.Map(swapCase, s) }),
		"isdigit":    stringMethod(func(s string) any { return all(s, unicode.IsDigit) }),
		"isdecimal":  stringMethod(func(s string) any { return all(s, unicode.IsDigit) }),
		"isnumeric":  stringMethod(func(s string) any { return all(s, unicode.IsNumber) }),
		"isalpha":    stringMethod(func(s string) any { return all(s, unicode.IsLetter) }),
		"isalnum":    stringMethod(func(s string) any { return all(s, isAlnum) }),
		"isspace":    stringMethod(func(s string) any { return all(s, unicode.IsSpace) }),
		"islower":    stringMethod(func(s string) any { return isLower(s) }),
		"isupper":    stringMethod(func(s string) any { return isUpper(s) }),
		"isascii":    stringMethod(func(s string) any { return all(s+"a", func(c rune) bool { return c < utf8.RuneSelf }) }),

		"strip":        {params: []param{opt("chars", nil)}, f: strip(true, true)},
		"lstrip":       {params: []param{opt("chars", nil)}, f: strip(true, false)},
		"rstrip":       {params: []param{opt("chars", nil)}, f: strip(false, true)},
		"split":        {params: []param{opt("sep", nil), opt("maxsplit", int64(-1))}, f: split(false)},
		"rsplit":       {params: []param{opt("sep", nil), opt("maxsplit", int64(-1))}, f: split(true)},
		"splitlines":   {params: []param{opt("keepends", false)}, f: splitLines},
		"replace":      {params: []param{need("old"), need("new"), opt("count", int64(-1))}, f: replace},
		"startswith":   {params: []param{need("prefix")}, f: affix(strings.HasPrefix)},
		"endswith":     {params: []param{need("suffix")}, f: affix(strings.HasSuffix)},
		"removeprefix": {params: []param{need("prefix")}, f: texts(strings.TrimPrefix)},
		"removesuffix": {params: []param{need("suffix")}, f: texts(strings.TrimSuffix)},
		"join":         {params: []param{need("iterable")}, f: func(r *run, v any, a args) (any, error) { return r.joinTexts(a.values[0], v.(string), nil) }},
		"find":         {params: []param{need("sub")}, f: findText(strings.Index, false)},
		"rfind":        {params: []param{need("sub")}, f: findText(strings.LastIndex, false)},
		"index":        {params: []param{need("sub")}, f: findText(strings.Index, true)},
		"rindex":       {params: []param{need("sub")}, f: findText(strings.LastIndex, true)},
		"count":        {params: []param{need("sub")}, f: countText},
		"partition":    {params: []param{need("sep")}, f: partition},
		"rpartition":   {params: []param{need("sep")}, f: rpartition},
		"zfill":        {params: []param{need("width")}, f: zfill},
		"center":       {params: []param{need("width"), opt("fillchar", " ")}, f: justify(centered)},
		"ljust":        {params: []param{need("width"), opt("fillchar", " ")}, f: justify(func(int, int) int { return 0 })},
		"rjust":        {params: []param{need("width"), opt("fillchar", " ")}, f: justify(func(n, _ int) int { return n })},
		"format":       {rest: true, named: true, f: func(r *run, v any, a args) (any, error) { return r.braceFormat(v.(string), a.rest, a.named) }},
	}
}

// upper is the capitals of a text, of which ß has two.
func upper(s string) string { return strings.ReplaceAll(strings.ToUpper(s), "ß", "SS") }

func all(s string, f func(rune) bool) bool {
	return s != "" && strings.IndexFunc(s, func(c rune) bool { return !f(c) }) < 0
}

func isAlnum(c rune) bool { return unicode.IsLetter(c) || unicode.IsNumber(c) }
func isLower(s string) bool {
	return strings.IndexFunc(s, unicode.IsUpper) < 0 && strings.IndexFunc(s, unicode.IsLower) >= 0
}
func isUpper(s string) bool {
	return strings.IndexFunc(s, unicode.IsLower) < 0 && strings.IndexFunc(s, unicode.IsUpper) >= 0
}

func swapCase(c rune) rune {
	if unicode.IsUpper(c) {
		return unicode.ToLower(c)
	}
	return unicode.ToUpper(c)
}

func capitalize(s string) string {
	c, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToTitle(c)) + strings.ToLower(s[n:])
}

// pythonTitle makes a capital of each letter that follows none.
func pythonTitle(s string) string {
	previous := false
	return strings.Map(func(c rune) rune {
		inWord := previous
		if previous = unicode.IsLetter(c); previous && !inWord {
			return unicode.ToTitle(c)
		}
		return unicode.ToLower(c)
	}, s)
}

// strip cuts blanks, or the characters that are given, off the ends.
func strip(left, right bool) func(*run, any, args) (any, error) {
	return func(r *run, v any, a args) (any, error) {
		s := v.(string)
		cut := unicode.IsSpace
		if a.values[0] != nil {
			chars, err := a.string(r, 0)
			if err != nil {
				return nil, err
			}
			cut = func(c rune) bool { return strings.ContainsRune(chars, c) }
		}
		if left {
			s = strings.TrimLeftFunc(s, cut)
		}
		if right {
			s = strings.TrimRightFunc(s, cut)
		}
		return s, nil
	}
}

// split splits at blanks or at a separator, a number of times at most.
func split(fromRight bool) func(*run, any, args) (any, error) {
	return func(r *run, v any, a args) (any, error) {
		most, err := a.int(1)
		if err != nil {
			return nil, err
		}
		sep := ""
		if a.values[0] != nil {
			if sep, err = a.string(r, 0); err != nil {
				return nil, err
			}
			if sep == "" {
				return nil, errors.New("the separator is empty")
			}
		}
		s := v.(string)
		if err := r.takeList(1 + len(s)/max(1, len(sep))); err != nil {
			return nil, err
		}
		var parts []string
		switch {
		case sep == "":
			parts = splitBlanks(s, most, fromRight)
		case fromRight:
			parts = splitRight(s, sep, most)
		case most < 0:
			parts = strings.Split(s, sep)
		default:
			parts = strings.SplitN(s, sep, most+1)
		}
		return stringList(parts), nil
	}
}

func stringList(parts []string) *list {
	l := &list{items: make([]any, len(parts))}
	for i, part := range parts {
		l.items[i] = part
	}
	return l
}

func splitRight(s, sep string, most int) []string {
	parts := strings.Split(s, sep)
	if most < 0 || len(parts) <= most+1 {
		return parts
	}
	first := len(parts) - most
	return append([]string{strings.Join(parts[:first], sep)}, parts[first:]...)
}

func splitBlanks(s string, most int, fromRight bool) []string {
	if most < 0 {
		return strings.Fields(s)
	}
	var parts []string
	if fromRight {
		for s = strings.TrimRightFunc(s, unicode.IsSpace); s != "" && len(parts) < most; s = strings.TrimRightFunc(s, unicode.IsSpace) {
			i := strings.LastIndexFunc(s, unicode.IsSpace)
			_, n := utf8.DecodeRuneInString(s[max(i, 0):])
			if i < 0 {
				n, i = 0, 0
			}
			parts = append([]string{s[i+n:]}, parts...)
			s = s[:i]
		}
		if s != "" {
			parts = append([]string{s}, parts...)
		}
		return parts
	}
	for s = strings.TrimLeftFunc(s, unicode.IsSpace); s != "" && len(parts) < most; s = strings.TrimLeftFunc(s, unicode.IsSpace) {
		i := strings.IndexFunc(s, unicode.IsSpace)
		if i < 0 {
			i = len(s)
		}
		parts = append(parts, s[:i])
		s = s[i:]
	}
	if s != "" {
		parts = append(parts, s)
	}
	return parts
}

func splitLines(r *run, v any, a args) (any, error) {
	keep, err := a.bool(0)
	if err != nil {
		return nil, err
	}
	s := v.(string)
	if err := r.takeList(1 + strings.Count(s, "\n") + strings.Count(s, "\r")); err != nil {
		return nil, err
	}
	l := newList()
	for s != "" {
		i := strings.IndexAny(s, "\n\r")
		if i < 0 {
			l.items = append(l.items, s)
			break
		}
		end := i + 1
		if strings.HasPrefix(s[i:], "\r\n") {
			end++
		}
		if keep {
			i = end
		}
		l.items = append(l.items, s[:i])
		s = s[end:]
	}
	return l, nil
}
