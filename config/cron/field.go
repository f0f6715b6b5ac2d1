package cron

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/driftless-hq/driftless/internal/suggest"
)

// set are numbers below 64.
type set uint64

func (s set) has(n int) bool { return s&(1<<n) != 0 }

// field is one of the five fields of an expression.
type field struct {
	name     string
	min, max int
	names    []string // of the values, from that of min on
	example  string   // of what can be written
}

// fields are those of an expression, in their order.
func fields() []field {
	return []field{
		{name: "minute", max: 59, example: "0,30 or */15"},
		{name: "hour", max: 23, example: "3 or 8-18"},
		{name: "day of the month", min: 1, max: 31, example: "1 or 1-7"},
		{name: "month", min: 1, max: 12, example: "6 or jan-mar", names: []string{
			"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
		}},
		{name: "day of the week", max: 7, example: "mon-fri or sun", names: []string{
			"sun", "mon", "tue", "wed", "thu", "fri", "sat",
		}},
	}
}

// parse reads a list of values, ranges and steps.
func (f field) parse(text string) (set, error) {
	var all set
	for term := range strings.SplitSeq(text, ",") {
		values, err := f.parseTerm(term)
		if err != nil {
			return 0, err
		}
		all |= values
	}
	return all, nil
}

// parseTerm reads one value, one range, or every so many values of one.
func (f field) parseTerm(term string) (set, error) {
	base, stepText, hasStep := strings.Cut(term, "/")
	from, to, err := f.parseRange(base, hasStep)
	if err != nil {
		return 0, err
	}
	step := 1
	if hasStep {
		if step, err = strconv.Atoi(stepText); err != nil || step < 1 || step > f.max {
			return 0, fmt.Errorf("the step in the %s %q is not a number from 1 to %d, as in \"*/%d\"", f.name, term, f.max, min(15, f.max/2))
		}
	}
	var values set
	for n := from; n <= to; n += step {
		values |= 1 << n
	}
	return values, nil
}

// parseRange reads what comes before a step. One value with a step begins a
// range.
func (f field) parseRange(text string, hasStep bool) (from, to int, err error) {
	if text == "*" {
		return f.min, f.last(), nil
	}
	first, second, isRange := strings.Cut(text, "-")
	if from, err = f.parseValue(first); err != nil {
		return 0, 0, err
	}
	switch {
	case !isRange && hasStep:
		return from, f.last(), nil
	case !isRange:
		return from, from, nil
	}
	if to, err = f.parseValue(second); err != nil {
		return 0, 0, err
	}
	if to == 0 && f.max == 7 { // a week that goes to its Sunday
		to = 7
	}
	if to < from {
		return 0, 0, fmt.Errorf("the %s %q ends before it begins: write it as two ranges with a comma between them, as in \"%d-%d,%d-%d\"", f.name, text, from, f.last(), f.min, to)
	}
	return from, to, nil
}

// last is the last value that a star covers: Sunday is in it already.
func (f field) last() int {
	if f.max == 7 {
		return 6
	}
	return f.max
}

func (f field) parseValue(text string) (int, error) {
	for i, name := range f.names {
		if strings.EqualFold(name, text) {
			return f.min + i, nil
		}
	}
	n, err := strconv.Atoi(text)
	if err == nil && n >= f.min && n <= f.max {
		return n, nil
	}
	return 0, f.explain(text)
}

// explain says why a text is no value of the field.
func (f field) explain(text string) error {
	problem := fmt.Sprintf("the %s %q is not a number from %d to %d", f.name, text, f.min, f.max)
	if len(f.names) > 0 {
		problem = fmt.Sprintf("the %s %q is neither a number from %d to %d nor a name such as %q", f.name, text, f.min, f.max, f.names[1])
	}
	if text == "?" {
		return fmt.Errorf("%s; what may be anything is written \"*\"", problem)
	}
	if near := suggest.Name(strings.ToLower(text), f.names); near != "" {
		return fmt.Errorf("%s; did you mean %q?", problem, near)
	}
	return fmt.Errorf("%s; write it as in %s", problem, f.example)
}
