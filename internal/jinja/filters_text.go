package jinja

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

func textFilters() map[string]builtin {
	width := opt("width", int64(80))
	all := map[string]builtin{
		"upper":      plainText(upper),
		"lower":      plainText(strings.ToLower),
		"capitalize": plainText(capitalize),
		"title":      plainText(titleFilter),
		"trim":       {params: []param{opt("chars", nil)}, f: trim},
		"center":     ofText(centerFilter, width),
		"indent":     ofText(indent, opt("width", int64(4)), opt("first", false), opt("blank", false)),
		"truncate":   ofText(truncate, opt("length", int64(255)), opt("killwords", false), opt("end", "..."), opt("leeway", nil)),
		"wordcount":  ofText(func(_ *run, s string, _ args) (any, error) { return int64(len(words(s))), nil }),
		"wordwrap":   ofText(wordwrap, opt("width", int64(79)), opt("break_long_words", true), opt("wrapstring", "\n"), opt("break_on_hyphens", true)),
		"format":     {rest: true, named: true, f: formatFilter},
		"replace":    {params: []param{need("old"), need("new"), opt("count", nil)}, f: replace},
		"split":      {params: []param{opt("sep", nil), opt("maxsplit", int64(-1))}, f: splitFilter},
		"comment":    commentFilter(),
		"quote":      plainText(shellQuote),
	}
	methods := stringMethods()
	for _, name := range []string{"lstrip", "rstrip", "strip", "splitlines", "ljust", "rjust"} {
		all[name] = builtin{params: methods[name].params, f: onText(methods[name].f)}
	}
	return all
}

func onText(f func(*run, any, args) (any, error)) func(*run, any, args) (any, error) {
	return func(r *run, v any, a args) (any, error) {
		s, err := r.text(v)
		if err != nil {
			return nil, err
		}
		return f(r, s, a)
	}
}

func trim(r *run, v any, a args) (any, error) {
	return onText(strip(true, true))(r, v, a)
}

func splitFilter(r *run, v any, a args) (any, error) {
	if _, ok := v.(string); !ok {
		return nil, fmt.Errorf("a string is needed, and not a value of type %s", typeName(v))
	}
	return split(false)(r, v, a)
}

// titleFilter makes a capital of the first letter of each word, where words
// are what blanks, hyphens and brackets leave.
func titleFilter(s string) string {
	start := true
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune("-({[<", c) || unicode.IsSpace(c) {
			start = true
			return c
		}
		if start {
			start = false
			return unicode.ToTitle(c)
		}
		return unicode.ToLower(c)
	}, s)
}

func centerFilter(r *run, s string, a args) (any, error) {
	width, err := a.int(0)
	if err != nil {
		return nil, err
	}
	return r.justified(s, width, " ", centered)
}

func indent(r *run, s string, a args) (any, error) {
	with := ""
	if text, ok := a.values[0].(string); ok {
		with = text
	} else {
		n, err := a.int(0)
		if err != nil {
			return nil, err
		}
		if n > maxWidth {
			return nil, fmt.Errorf("the width is larger than %d", maxWidth)
		}
		with = strings.Repeat(" ", max(0, n))
	}
	first, err := a.bool(1)
	if err != nil {
		return nil, err
	}
	blank, err := a.bool(2)
	if err != nil {
		return nil, err
	}
	lines := strings.SplitAfter(s+"\n", "\n")
	lines = lines[:len(lines)-1]
	if err := r.takeString(len(s) + len(lines)*len(with)); err != nil {
		return nil, err
	}
	var b strings.Builder
	for i, line := range lines {
		if (i > 0 || first) && (blank || line != "\n") || i == 0 && first {
			b.WriteString(with)
		}
		b.WriteString(line)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

func truncate(r *run, s string, a args) (any, error) {
	length, err := a.int(0)
	if err != nil {
		return nil, err
	}
	kill, err := a.bool(1)
	if err != nil {
		return nil, err
	}
	end, err := a.string(r, 2)
	if err != nil {
		return nil, err
	}
	leeway := 5
	if a.values[3] != nil {
		if leeway, err = a.int(3); err != nil {
			return nil, err
		}
	}
	room := length - utf8.RuneCountInString(end)
	switch {
	case room < 0:
		return nil, fmt.Errorf("the length is at least %d, that of the end", utf8.RuneCountInString(end))
	case leeway < 0:
		return nil, errors.New("the leeway is at least 0")
	case utf8.RuneCountInString(s) <= length+leeway:
		return s, nil
	}
	s = firstRunes(s, room)
	if i := strings.LastIndexByte(s, ' '); !kill && i >= 0 {
		s = s[:i]
	}
	return s + end, nil
}

// words are runs of letters, digits and underscores.
func words(s string) []string {
	return strings.FieldsFunc(s, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsNumber(c) })
}

func formatFilter(r *run, v any, a args) (any, error) {
	format, err := r.text(v)
	if err != nil {
		return nil, err
	}
	if a.named.len() > 0 {
		if len(a.rest) > 0 {
			return nil, errors.New("it takes arguments with names or without, not both")
		}
		return r.percent(format, nil, a.named)
	}
	return r.percent(format, a.rest, newTuple(a.rest...))
}

// shellQuote quotes a string for a POSIX shell, if it needs that.
func shellQuote(s string) string {
	safe := func(c rune) bool {
		return c < utf8.RuneSelf && (isAlphanumeric(byte(c)) || strings.ContainsRune("_@%+=:,./-", c))
	}
	if all(s, safe) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
}
