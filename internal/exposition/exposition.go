// Package exposition writes the metrics of event batches in the Prometheus
// text format 0.0.4. The same batches give the same bytes: families are in
// the order of their names, samples and labels in the order they came in.
//
//	text, problems := exposition.Append(nil, batches...)
//	w.Header().Set("Content-Type", exposition.ContentType)
//	w.Write(text)
package exposition

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/driftless-hq/driftless/plugin/event"
)

// ContentType is the media type of what [Append] writes.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Problem says what was left out of the exposition, and why.
type Problem struct {
	Metric  string // the name of the family
	Reason  string
	Samples int // how many samples were left out; 0 when only the help was
}

// Error returns the problem as a sentence.
func (p Problem) Error() string {
	if p.Samples == 0 {
		return fmt.Sprintf("metric %q: %s", p.Metric, p.Reason)
	}
	return fmt.Sprintf("metric %q: %d samples left out: %s", p.Metric, p.Samples, p.Reason)
}

// Append appends the metrics of all batches to dst. Events of other kinds are
// passed over. Timestamps are not written, so that Prometheus notices when a
// series ends.
//
// The first family of a name decides its type and its help. A sample that
// can't be written as it is, because another has its series or its names
// aren't legal, is left out and reported; nothing is ever renamed.
func Append(dst []byte, batches ...*event.Batch) ([]byte, []Problem) {
	c := collection{families: map[string]*family{}, problems: problems{}}
	for _, b := range batches {
		c.add(b)
	}
	w := writer{dst: dst, problems: c.problems, seen: newSeen()}
	for _, name := range slices.Sorted(maps.Keys(c.families)) {
		w.family(c.families[name])
	}
	return w.dst, w.problems.sorted()
}

// family is all that is known of one name.
type family struct {
	*event.Family
	samples []sample
}

type sample struct {
	batch *event.Batch
	index int
}

// collection groups the samples of batches by their names.
type collection struct {
	families map[string]*family
	problems problems
}

func (c *collection) add(b *event.Batch) {
	// The samples of a family mostly follow each other.
	var last *event.Family
	var into *family
	for i := range b.Len() {
		described, _ := b.Metric(i)
		if described == nil {
			continue
		}
		if described != last {
			last, into = described, c.find(described)
		}
		if described.Type != into.Type {
			c.problems.add(described.Name, "it is a "+into.Type.String()+" elsewhere and a "+described.Type.String()+" here", 1)
			continue
		}
		into.samples = append(into.samples, sample{b, i})
	}
}

func (c *collection) find(described *event.Family) *family {
	f, ok := c.families[described.Name]
	if !ok {
		f = &family{Family: described}
		c.families[described.Name] = f
	}
	return f
}

// problems counts the samples of each problem.
type problems map[Problem]int

func (p problems) add(metric, reason string, samples int) {
	p[Problem{Metric: metric, Reason: reason}] += samples
}

func (p problems) sorted() []Problem {
	var list []Problem
	for problem, samples := range p {
		problem.Samples = samples
		list = append(list, problem)
	}
	slices.SortFunc(list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Reason, b.Reason))
	})
	return list
}

// isMetricName reports whether s may name a metric.
func isMetricName(s string) bool {
	for i := range len(s) {
		if !isNameByte(s[i], i) && s[i] != ':' {
			return false
		}
	}
	return s != ""
}

// isLabelName reports whether s may name a label. Two underscores at the
// beginning are for Prometheus itself.
func isLabelName(s string) bool {
	for i := range len(s) {
		if !isNameByte(s[i], i) {
			return false
		}
	}
	return s != "" && !(len(s) >= 2 && s[0] == '_' && s[1] == '_')
}

func isNameByte(c byte, i int) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || i > 0 && '0' <= c && c <= '9'
}
