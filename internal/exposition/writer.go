package exposition

import (
	"strconv"
	"unicode/utf8"
)

type writer struct {
	dst      []byte
	problems problems
	labels   labels // of the sample that is being written
	seen     seen   // in the family that is being written
}

func (w *writer) family(f *family) {
	if len(f.samples) == 0 {
		return
	}
	if !isMetricName(f.Name) {
		w.problems.add(f.Name, "it is not a legal name of a metric", len(f.samples))
		return
	}
	start := len(w.dst)
	w.header(f)
	head := len(w.dst)
	clear(w.seen.samples)
	for _, s := range f.samples {
		if reason := w.sample(f.Name, s); reason != "" {
			w.problems.add(f.Name, reason, 1)
		}
	}
	if len(w.dst) == head {
		w.dst = w.dst[:start] // no sample was written
	}
}

func (w *writer) header(f *family) {
	switch {
	case f.Help == "":
	case !utf8.ValidString(f.Help):
		w.problems.add(f.Name, "its help is not valid UTF-8 and was left out", 0)
	default:
		w.dst = append(w.dst, "# HELP "...)
		w.dst = append(w.dst, f.Name...)
		w.dst = append(w.dst, ' ')
		w.dst = appendHelp(w.dst, f.Help)
		w.dst = append(w.dst, '\n')
	}
	w.dst = append(w.dst, "# TYPE "...)
	w.dst = append(w.dst, f.Name...)
	w.dst = append(w.dst, ' ')
	w.dst = append(w.dst, f.Type.String()...)
	w.dst = append(w.dst, '\n')
}

// sample writes one sample, or returns why it can't.
func (w *writer) sample(name string, s sample) (reason string) {
	if reason := w.labels.read(s); reason != "" {
		return reason
	}
	if !w.seen.add(&w.labels, s) {
		return "another sample has the same labels"
	}
	w.dst = append(w.dst, name...)
	for i, l := range w.labels.list {
		separator := byte(',')
		if i == 0 {
			separator = '{'
		}
		w.dst = append(w.dst, separator)
		w.dst = append(w.dst, l.name...)
		w.dst = append(w.dst, '=', '"')
		w.dst = appendLabelValue(w.dst, l.value)
		w.dst = append(w.dst, '"')
	}
	if len(w.labels.list) > 0 {
		w.dst = append(w.dst, '}')
	}
	w.dst = append(w.dst, ' ')
	_, value := s.batch.Metric(s.index)
	w.dst = appendFloat(w.dst, value)
	w.dst = append(w.dst, '\n')
	return ""
}

func appendLabelValue(dst, value []byte) []byte {
	done := 0
	for i, c := range value {
		if c == '\\' || c == '"' || c == '\n' {
			dst = append(dst, value[done:i]...)
			dst = appendEscaped(dst, c)
			done = i + 1
		}
	}
	return append(dst, value[done:]...)
}

func appendHelp(dst []byte, help string) []byte {
	for i := range len(help) {
		if help[i] == '"' {
			dst = append(dst, '"') // the only one that help has as it is
			continue
		}
		dst = appendEscaped(dst, help[i])
	}
	return dst
}

func appendEscaped(dst []byte, c byte) []byte {
	switch c {
	case '\\', '"':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	}
	return append(dst, c)
}

// appendFloat writes the shortest text that reads as v again; +Inf, -Inf and
// NaN are written as the format wants them.
func appendFloat(dst []byte, v float64) []byte { return strconv.AppendFloat(dst, v, 'g', -1, 64) }
