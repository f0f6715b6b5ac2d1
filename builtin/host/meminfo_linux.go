package host

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/driftless-hq/driftless/plugin/event"
)

// meminfoPart reports every line of /proc/meminfo, whatever the kernel has.
type meminfoPart struct {
	file     *kernelFile
	families map[string]*event.Family // by the key of the line
}

func newMeminfo(proc string) *meminfoPart {
	return &meminfoPart{file: newKernelFile(proc + "/meminfo"), families: map[string]*event.Family{}}
}

func (p *meminfoPart) collect(_ context.Context, r *round) error {
	text, err := p.file.content(r)
	if err != nil {
		return err
	}
	if len(text) == 0 {
		return fmt.Errorf("%s is empty", p.file.path)
	}
	for len(text) > 0 {
		var line []byte
		line, text = cutLine(text)
		m, err := parseMeminfo(line)
		if err != nil {
			return fmt.Errorf("%s: %w", p.file.path, err)
		}
		r.add(p.family(m), m.value)
	}
	return nil
}

func (p *meminfoPart) close() error { return p.file.close() }

func (p *meminfoPart) family(m memory) *event.Family {
	// A key always has the same unit, so the key alone finds the family.
	f := p.families[string(m.key)]
	if f == nil {
		f = gauge(m.name(), "What /proc/meminfo says of "+string(m.key)+".")
		p.families[string(m.key)] = f
	}
	return f
}

// memory is one line of /proc/meminfo.
type memory struct {
	key   []byte // as in the file: "Active(anon)"
	value float64
	bytes bool // the value is in bytes rather than in pages or the like
}

// name is the metric of the line: node_memory_Active_anon_bytes.
func (m memory) name() string {
	name := strings.Map(func(c rune) rune {
		switch {
		case c == ')':
			return -1
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
			return c
		}
		return '_'
	}, string(m.key))
	if m.bytes {
		return "node_memory_" + name + "_bytes"
	}
	return "node_memory_" + name
}

// parseMeminfo reads a line such as "MemTotal:  24684084 kB".
func parseMeminfo(line []byte) (memory, error) {
	key, rest, found := bytes.Cut(line, []byte(":"))
	if !found || len(key) == 0 {
		return memory{}, fmt.Errorf("%q has no key", line)
	}
	field, rest := cutField(rest)
	n, ok := number(field)
	if !ok {
		return memory{}, fmt.Errorf("%q has no number", line)
	}
	unit, _ := cutField(rest)
	switch string(unit) {
	case "":
		return memory{key: key, value: float64(n)}, nil
	case "kB":
		return memory{key: key, value: float64(n) * 1024, bytes: true}, nil
	}
	return memory{}, fmt.Errorf("the unit of %q is not known", line)
}
