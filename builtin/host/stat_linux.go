package host

import (
	"context"
	"errors"
	"fmt"

	"github.com/driftless-hq/driftless/plugin/event"
)

// statFields are the lines of /proc/stat that hold one number, or begin with
// the one that is their sum.
var statFields = [...]struct {
	key    string
	family *event.Family
}{
	{"btime", gauge("node_boot_time_seconds", "When the host was booted, as Unix time.")},
	{"ctxt", counter("node_context_switches_total", "Number of context switches.")},
	{"processes", counter("node_forks_total", "Number of processes and threads that were started.")},
	{"intr", counter("node_intr_total", "Number of interrupts.")},
	{"procs_blocked", gauge("node_procs_blocked", "Number of processes that wait for input or output.")},
	{"procs_running", gauge("node_procs_running", "Number of processes that run or could run.")},
}

type statPart struct{ file *kernelFile }

func (p *statPart) collect(_ context.Context, r *round) error {
	text, err := p.file.content(r)
	if err != nil {
		return err
	}
	values, err := parseStat(text)
	if err != nil {
		return fmt.Errorf("%s: %w", p.file.path, err)
	}
	for i, v := range values {
		if v.found {
			r.add(statFields[i].family, float64(v.n))
		}
	}
	return nil
}

func (p *statPart) close() error { return p.file.close() }

// statValues belong to the entries of statFields.
type statValues [len(statFields)]struct {
	n     uint64
	found bool
}

func parseStat(text []byte) (values statValues, err error) {
	found := false
	for len(text) > 0 {
		var line []byte
		line, text = cutLine(text)
		key, rest := cutField(line)
		for i := range statFields {
			if string(key) != statFields[i].key {
				continue
			}
			field, _ := cutField(rest)
			if values[i].n, values[i].found = number(field); !values[i].found {
				return values, fmt.Errorf("%q of %s is not a number", field, key)
			}
			found = true
		}
	}
	if !found {
		return values, errors.New("it has none of the lines that were expected")
	}
	return values, nil
}
