package host

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/driftless-hq/driftless/plugin/event"
)

// parseExecNagios reads the performance data of a check, which follows a bar
// in the first line, and once more in those after it:
//
//	DISK OK | /=2643MB;5948;5958;0;5968 'load 1'=0.03;;;0
//	more text | /boot=68MB
func parseExecNagios(prefix string, output []byte) ([]execSample, error) {
	first, rest, _ := strings.Cut(string(output), "\n")
	_, perfdata, _ := strings.Cut(first, "|")
	_, more, _ := strings.Cut(rest, "|")
	perfdata += " " + more

	var samples []execSample
	for {
		perfdata = strings.TrimSpace(perfdata)
		if perfdata == "" {
			return samples, nil
		}
		label, after, err := cutPerfLabel(perfdata)
		if err != nil {
			return samples, err
		}
		end := strings.IndexAny(after, " \t\r\n")
		if end < 0 {
			end = len(after)
		}
		text, _, _ := strings.Cut(after[:end], ";") // thresholds and limits follow
		perfdata = after[end:]
		if text == "U" || text == "" {
			continue // the check says that it doesn't know
		}
		sample, err := perfSample(prefix, label, text)
		if err != nil {
			return samples, err
		}
		samples = append(samples, sample)
	}
}

// cutPerfLabel takes a label with its equals sign off the beginning. A label
// with spaces is in single quotes, which are doubled inside.
func cutPerfLabel(text string) (label, after string, err error) {
	if text[0] != '\'' {
		label, after, found := strings.Cut(text, "=")
		if !found || label == "" || strings.ContainsAny(label, " \t\r\n'") {
			return "", "", errors.New("the performance data is not label=value")
		}
		return label, after, nil
	}
	for i := 1; i < len(text); i++ {
		if text[i] != '\'' {
			continue
		}
		if strings.HasPrefix(text[i+1:], "'") {
			i++
			continue
		}
		if i == 1 || !strings.HasPrefix(text[i+1:], "=") {
			break
		}
		return strings.ReplaceAll(text[1:i], "''", "'"), text[i+2:], nil
	}
	return "", "", errors.New("a quoted label of the performance data is empty or doesn't end")
}

var perfValue = regexp.MustCompile(`^([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)(.*)$`)

// perfUnit is a unit of performance data in terms of Prometheus' base units.
type perfUnit struct {
	suffix string
	factor float64
	kind   event.MetricType
}

func perfUnitOf(unit string) perfUnit {
	switch unit {
	case "s":
		return perfUnit{"_seconds", 1, event.Gauge}
	case "ms":
		return perfUnit{"_seconds", 1e-3, event.Gauge}
	case "us", "µs":
		return perfUnit{"_seconds", 1e-6, event.Gauge}
	case "%":
		return perfUnit{"_ratio", 1e-2, event.Gauge}
	case "c":
		return perfUnit{"_total", 1, event.Counter}
	case "B":
		return perfUnit{"_bytes", 1, event.Gauge}
	case "KB", "kB", "KiB":
		return perfUnit{"_bytes", 1 << 10, event.Gauge}
	case "MB", "MiB":
		return perfUnit{"_bytes", 1 << 20, event.Gauge}
	case "GB", "GiB":
		return perfUnit{"_bytes", 1 << 30, event.Gauge}
	case "TB", "TiB":
		return perfUnit{"_bytes", 1 << 40, event.Gauge}
	}
	return perfUnit{"", 1, event.Gauge} // a unit that isn't Nagios' own, such as V
}

func perfSample(prefix, label, text string) (execSample, error) {
	match := perfValue.FindStringSubmatch(text)
	if match == nil {
		return execSample{}, fmt.Errorf("the performance data of %q is not a number", label)
	}
	value, err := strconv.ParseFloat(match[1], 64)
	if err != nil {
		return execSample{}, fmt.Errorf("the performance data of %q is out of range", label)
	}
	unit := perfUnitOf(match[2])
	return execSample{
		name:  strings.TrimSuffix(execName(prefix, label), unit.suffix) + unit.suffix,
		help:  "Performance data of a check.",
		kind:  unit.kind,
		value: value * unit.factor,
	}, nil
}
