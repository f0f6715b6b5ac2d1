package host

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/driftless-hq/driftless/plugin/event"
)

// execSample is one value that a program wrote.
type execSample struct {
	name   string
	help   string
	kind   event.MetricType
	value  float64
	labels []string // pairs of a name and a value
}

// execFormat reads the output of a program. The names of metrics begin with
// prefix. Together with an error, parse returns what it read before.
type execFormat struct {
	parse func(prefix string, output []byte) ([]execSample, error)
	// exitStatus says that the exit status is a result rather than an error.
	exitStatus bool
}

func execFormats() map[string]execFormat {
	return map[string]execFormat{
		"json":       {parse: parseExecJSON},
		"prometheus": {parse: parseExecExposition},
		"keyvalue":   {parse: parseExecKeyValue},
		"nagios":     {parse: parseExecNagios, exitStatus: true},
		"value":      {parse: parseExecValue},
	}
}

func execFormatNames() []string { return slices.Sorted(maps.Keys(execFormats())) }

// execName joins parts to the name of a metric. What can't be in one becomes
// an underscore.
func execName(parts ...string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == ':' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '_'
	}, strings.Join(parts, "_"))
}

// execValue is a sample of a format that knows no types and no help.
func execValue(name string, value float64) execSample {
	s := execSample{name: name, kind: event.Gauge, value: value, help: "Value written by a program."}
	if strings.HasSuffix(name, "_total") {
		s.kind = event.Counter
	}
	return s
}

func parseExecValue(prefix string, output []byte) ([]execSample, error) {
	value, err := strconv.ParseFloat(string(bytes.TrimSpace(output)), 64)
	if err != nil {
		return nil, fmt.Errorf("the format value needs one number and nothing else: %w", errors.Unwrap(err))
	}
	return []execSample{execValue(prefix, value)}, nil
}

// parseExecKeyValue reads lines such as "name = 12.5". Empty lines and those
// that begin with # are comments.
func parseExecKeyValue(prefix string, output []byte) ([]execSample, error) {
	var samples []execSample
	var errs []error
	number := 0
	for line := range strings.Lines(string(output)) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, text, _ := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || name == "" {
			errs = append(errs, fmt.Errorf("line %d is not name=number", number))
			continue
		}
		samples = append(samples, execValue(execName(prefix, name), value))
	}
	return samples, joinFew(errs)
}

// joinFew joins errors, but not those of a file that is wrong throughout.
func joinFew(errs []error) error {
	const few = 5
	if len(errs) > few {
		return errors.Join(append(errs[:few:few], fmt.Errorf("and %d more", len(errs)-few))...)
	}
	return errors.Join(errs...)
}

// parseExecJSON takes the numbers and booleans of an object at any depth.
// The elements of an array are named by their index.
func parseExecJSON(prefix string, output []byte) ([]execSample, error) {
	decoder := json.NewDecoder(bytes.NewReader(output))
	decoder.UseNumber()
	var root any
	if err := decoder.Decode(&root); err != nil {
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("it is more than one JSON value")
	}
	var f flattener
	f.add(prefix, root)
	if len(f.samples) == 0 && len(f.errs) == 0 {
		return nil, errors.New("there is no number in the JSON")
	}
	return f.samples, joinFew(f.errs)
}

type flattener struct {
	samples []execSample
	errs    []error
}

func (f *flattener) add(name string, value any) {
	switch v := value.(type) {
	case json.Number:
		n, err := v.Float64()
		if err != nil {
			f.errs = append(f.errs, fmt.Errorf("the number of %s is out of range", name))
			return
		}
		f.samples = append(f.samples, execValue(name, n))
	case bool:
		n := 0.0
		if v {
			n = 1
		}
		f.samples = append(f.samples, execValue(name, n))
	case []any:
		for i, element := range v {
			f.add(name+"_"+strconv.Itoa(i), element)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			f.add(execName(name, key), v[key])
		}
	}
}
