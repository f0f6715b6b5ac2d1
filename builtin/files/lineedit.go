package files

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// lineEdit is what a lineinfile task does to a text. It is pure.
type lineEdit struct {
	absent     bool
	line       string
	template   replacement    // the line with groups to fill in, nil without backrefs
	match      *regexp.Regexp // nil: a line that is equal
	anchor     *regexp.Regexp // nil: an end of the file
	before     bool           // the new line goes before the anchor
	firstMatch bool
}

func newLineEdit(c lineinfileConfig) (*lineEdit, error) {
	e := &lineEdit{absent: c.State == absent, firstMatch: c.FirstMatch, before: c.InsertBefore != nil}
	if c.Line != nil {
		e.line = *c.Line
	}
	var err error
	if e.match, err = compile(c.Regexp); err != nil {
		return nil, err
	}
	if c.Backrefs {
		if e.template, err = parseReplacement(e.line, e.match); err != nil {
			return nil, err
		}
	}
	place, end := c.InsertAfter, endOfFile
	if e.before {
		place, end = c.InsertBefore, beginOfFile
	}
	if place != nil && *place != end {
		e.anchor, err = compile(place)
	}
	return e, err
}

func compile(pattern *string) (*regexp.Regexp, error) {
	if pattern == nil {
		return nil, nil
	}
	return regexp.Compile(*pattern)
}

func (e *lineEdit) apply(text []byte) []byte {
	all := parseLines(text)
	if e.absent {
		return all.remove(e.matches).bytes()
	}
	if at := e.find(all, e.matches); at >= 0 {
		all[at].text = e.replace(all[at].text)
		return all.bytes()
	}
	if e.template != nil {
		return text // there is nothing to take the groups from
	}
	return all.insert(e.place(all), e.line).bytes()
}

func (e *lineEdit) matches(text string) bool {
	if e.match == nil {
		return text == e.line
	}
	return e.match.MatchString(text)
}

// find returns the index of the line to take, -1 for none.
func (e *lineEdit) find(all lines, matches func(string) bool) int {
	is := func(l line) bool { return matches(l.text) }
	if e.firstMatch {
		return slices.IndexFunc(all, is)
	}
	for i, one := range slices.Backward(all) {
		if is(one) {
			return i
		}
	}
	return -1
}

func (e *lineEdit) replace(old string) string {
	if e.template == nil {
		return e.line
	}
	return e.template.expand(e.match, old)
}

// place is where a new line goes. Where the anchor is not found that is the
// end of the file.
func (e *lineEdit) place(all lines) int {
	if e.anchor == nil {
		if e.before {
			return 0
		}
		return len(all)
	}
	at := e.find(all, e.anchor.MatchString)
	switch {
	case at < 0:
		return len(all)
	case e.before:
		return at
	}
	return at + 1
}

// replacement is a line with groups to fill in.
type replacement []part

// part is a text, or a group where text is "".
type part struct {
	text  string
	group int
}

var groupReference = regexp.MustCompile(`\\(?:(\d)|g<(\w+)>|(\\))`)

// parseReplacement reads \1 to \9, \g<name> and \\ in a line.
func parseReplacement(line string, re *regexp.Regexp) (replacement, error) {
	out := replacement{}
	at := 0
	for _, loc := range groupReference.FindAllStringSubmatchIndex(line, -1) {
		if loc[0] > at {
			out = append(out, part{text: line[at:loc[0]]})
		}
		at = loc[1]
		if loc[6] >= 0 {
			out = append(out, part{text: `\`})
			continue
		}
		name := line[loc[0]+1 : loc[1]]
		if loc[4] >= 0 {
			name = line[loc[4]:loc[5]]
		}
		group, err := groupNumberOf(name, re)
		if err != nil {
			return nil, err
		}
		out = append(out, part{group: group})
	}
	if at < len(line) {
		out = append(out, part{text: line[at:]})
	}
	return out, nil
}

func groupNumberOf(name string, re *regexp.Regexp) (int, error) {
	if n, err := strconv.Atoi(name); err == nil && n <= re.NumSubexp() {
		return n, nil
	}
	if n := re.SubexpIndex(name); n >= 0 {
		return n, nil
	}
	return 0, fmt.Errorf("the line refers to the group %q, which regexp doesn't have", name)
}

// expand fills in the groups of the first match in old. What lies outside of
// the match goes: it is the line that is replaced, not the match.
func (r replacement) expand(re *regexp.Regexp, old string) string {
	groups := re.FindStringSubmatch(old)
	var out strings.Builder
	for _, p := range r {
		if p.text != "" {
			out.WriteString(p.text)
		} else {
			out.WriteString(groups[p.group])
		}
	}
	return out.String()
}
