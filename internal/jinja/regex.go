package jinja

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
)

func regexFilters() map[string]builtin {
	ignore, multi := opt("ignorecase", false), opt("multiline", false)
	return map[string]builtin{
		"regex_replace": ofText(regexReplace, opt("pattern", ""), opt("replacement", ""), ignore, multi),
		"regex_findall": ofText(regexFindAll, need("regex"), multi, ignore),
		"regex_search":  {params: []param{need("regex")}, rest: true, named: true, f: regexSearch},
		"regex_escape":  ofText(regexEscape, opt("re_type", "python")),
	}
}

const maxPattern = 10_000 // bytes

// compile compiles a regular expression of Python, as far as it has the same
// meaning here. Searching s with it is accounted for.
func (r *run) compile(pattern, s string, ignoreCase, multiline bool) (*regexp.Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, limitf("a regular expression has more than %d bytes", maxPattern)
	}
	// Time grows with the text and the pattern both.
	if err := r.step(1 + len(pattern) + len(s)*(1+len(pattern)/16)/8); err != nil {
		return nil, err
	}
	flags := ""
	if ignoreCase {
		flags += "i"
	}
	if multiline {
		flags += "m"
	}
	if flags != "" {
		flags = "(?" + flags + ")"
	}
	re, err := regexp.Compile(flags + fromPython(pattern))
	if err == nil {
		return re, nil
	}
	reason := "it can't be read"
	if bad, ok := errors.AsType[*syntax.Error](err); ok {
		reason = bad.Code.String()
	}
	switch {
	case strings.Contains(pattern, "(?=") || strings.Contains(pattern, "(?!") || strings.Contains(pattern, "(?<=") || strings.Contains(pattern, "(?<!"):
		reason = "it looks ahead or behind, which is not supported; take in what lies around and refer to groups instead"
	case strings.Contains(pattern, "(?P=") || backReference.MatchString(pattern):
		reason = "it refers back to a group within the expression, which is not supported"
	}
	return nil, fmt.Errorf("the regular expression is not valid: %s", reason)
}

var backReference = regexp.MustCompile(`(^|[^\\])(\\\\)*\\[1-9]`)

// fromPython rewrites what Python writes in another way: \Z for the end, and
// letters and digits of all scripts for \w and \d.
func fromPython(pattern string) string {
	var b strings.Builder
	inClass := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\\' && i+1 < len(pattern):
			i++
			b.WriteString(escapeFromPython(pattern[i], inClass))
			continue
		case c == '[' && !inClass:
			inClass = true
			b.WriteByte(c)
			if strings.HasPrefix(pattern[i+1:], "^") {
				b.WriteByte('^')
				i++
			}
			if strings.HasPrefix(pattern[i+1:], "]") {
				b.WriteString(`\]`)
				i++
			}
			continue
		case c == '[' && inClass:
			b.WriteString(`\[`)
			continue
		case c == ']':
			inClass = false
		}
		b.WriteByte(c)
	}
	return b.String()
}

// escapeFromPython rewrites a backslash and what follows it.
func escapeFromPython(c byte, inClass bool) string {
	switch {
	case c == 'Z' && !inClass:
		return `\z`
	case c == 'd':
		return `\p{Nd}`
	case c == 'D':
		return `\P{Nd}`
	case c == 'w' && inClass:
		return `\p{L}\p{N}_`
	case c == 'w':
		return `[\p{L}\p{N}_]`
	case c == 'W' && !inClass:
		return `[^\p{L}\p{N}_]`
	case strings.IndexByte("\"'!#%&,/:;<=>@_~ `", c) >= 0:
		return string(c) // escaped without need
	}
	return `\` + string(c)
}

// regexArguments are what most of the filters and tests have in common.
func (r *run) regexArguments(a args, pattern, ignore, multi int, s string) (*regexp.Regexp, error) {
	text, err := a.string(r, pattern)
	if err != nil {
		return nil, err
	}
	ignoreCase, err := a.bool(ignore)
	if err != nil {
		return nil, err
	}
	multiline, err := a.bool(multi)
	if err != nil {
		return nil, err
	}
	return r.compile(text, s, ignoreCase, multiline)
}

func regexReplace(r *run, s string, a args) (any, error) {
	re, err := r.regexArguments(a, 0, 2, 3, s)
	if err != nil {
		return nil, err
	}
	with, err := a.string(r, 1)
	if err != nil {
		return nil, err
	}
	parts, err := replacement(with, re)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	end := 0
	for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(s[end:m[0]])
		for _, p := range parts {
			switch {
			case p.group < 0:
				b.WriteString(p.text)
			case m[2*p.group] >= 0:
				b.WriteString(s[m[2*p.group]:m[2*p.group+1]])
			}
		}
		end = m[1]
		if b.Len() > maxRepeat {
			return nil, r.takeString(b.Len())
		}
	}
	b.WriteString(s[end:])
	return b.String(), r.takeString(b.Len())
}

// part is a part of a replacement: a text, or a group.
type part struct {
	text  string
	group int // -1 for a text
}

// replacement reads what Python replaces a match by.
func replacement(s string, re *regexp.Regexp) ([]part, error) {
	var parts []part
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			return append(parts, part{s, -1}), nil
		}
		parts = append(parts, part{s[:i], -1})
		s = s[i:]
		name, rest := groupName(s)
		if name == "" {
			text, problem := unescape(s[:2])
			if problem != "" {
				text = s[:2]
			}
			parts = append(parts, part{text, -1})
			s = s[2:]
			continue
		}
		group, err := groupIndex(name, re)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{"", group})
		s = rest
	}
}

// groupName reads \1 or \g<name> at the beginning of s, "" for neither.
func groupName(s string) (name, rest string) {
	if inner, ok := strings.CutPrefix(s, `\g<`); ok {
		name, rest, _ = strings.Cut(inner, ">")
		return name, rest
	}
	n := 1
	for n < len(s) && n < 3 && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return s[1:n], s[n:]
}

func groupIndex(name string, re *regexp.Regexp) (int, error) {
	group, err := strconv.Atoi(name)
	if err != nil {
		group = re.SubexpIndex(name)
	}
	if group < 0 || group > re.NumSubexp() {
		return 0, fmt.Errorf("the regular expression has no group %q", name)
	}
	return group, nil
}

func regexFindAll(r *run, s string, a args) (any, error) {
	re, err := r.regexArguments(a, 0, 2, 1, s)
	if err != nil {
		return nil, err
	}
	matches := re.FindAllStringSubmatch(s, -1)
	if err := r.takeList(len(matches) * (1 + re.NumSubexp())); err != nil {
		return nil, err
	}
	out := newList()
	for _, m := range matches {
		switch len(m) {
		case 1:
			out.items = append(out.items, m[0])
		case 2:
			out.items = append(out.items, m[1])
		default:
			groups := stringList(m[1:])
			groups.tuple = true
			out.items = append(out.items, groups)
		}
	}
	return out, nil
}

// regexSearch returns the first match, or the groups of it that are asked
// for, or None.
func regexSearch(r *run, v any, a args) (any, error) {
	s, err := r.text(v)
	if err != nil {
		return nil, err
	}
	flags, err := bind([]param{opt("ignorecase", false), opt("multiline", false)}, false, false, passed{named: a.named})
	if err != nil {
		return nil, err
	}
	flags.values = append(flags.values, a.values[0])
	re, err := r.regexArguments(flags, 2, 0, 1, s)
	if err != nil {
		return nil, err
	}
	m := re.FindStringSubmatchIndex(s)
	if m == nil {
		return nil, nil
	}
	if len(a.rest) == 0 {
		return s[m[0]:m[1]], nil
	}
	out := newList()
	for _, want := range a.rest {
		text, ok := want.(string)
		if !ok || !strings.HasPrefix(text, `\`) {
			return nil, errors.New(`a group is asked for as '\\1' or '\\g<name>'`)
		}
		name, _ := groupName(text)
		group, err := groupIndex(name, re)
		if err != nil {
			return nil, err
		}
		if m[2*group] < 0 {
			out.items = append(out.items, nil)
			continue
		}
		out.items = append(out.items, s[m[2*group]:m[2*group+1]])
	}
	return out, nil
}

func regexEscape(r *run, s string, a args) (any, error) {
	special := " \t\n\r\v\f#&()*+-.?[\\]^$|{}~"
	switch a.values[0] {
	case "python":
	case "posix_basic":
		special = `].[^$*\`
	default:
		return nil, errors.New(`re_type is "python" or "posix_basic"`)
	}
	var b strings.Builder
	for _, c := range s {
		if strings.ContainsRune(special, c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String(), r.takeString(b.Len())
}
