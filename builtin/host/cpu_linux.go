package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
)

var (
	cpuSeconds = counter("node_cpu_seconds_total", "Seconds each CPU spent in each mode.")
	cpuGuest   = counter("node_cpu_guest_seconds_total", "Seconds each CPU spent running guests. They are part of the modes user and nice as well.")
)

// ticksPerSecond is the unit of /proc/stat. It is 100 for programs on every
// architecture that Go runs on, whatever the kernel uses itself.
const ticksPerSecond = 100

// jumpBack is how far idle time must go back to mean that the CPU was
// unplugged and is another one now: 3 seconds, as in node_exporter.
const jumpBack = 3 * ticksPerSecond

// The columns of a CPU's line in /proc/stat.
const (
	tickIdle      = 3
	tickGuest     = 8
	tickGuestNice = 9
)

var cpuModes = [...]string{"user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"}

type cpuTicks [10]uint64

// cpuState is what is known of one CPU.
type cpuState struct {
	id    string
	ticks cpuTicks
	round uint64 // the round in which the kernel listed it last
}

// advance takes over new values. The kernel lets some of them, idle and iowait
// above all, go back a little, which a counter must not.
func (s *cpuState) advance(next cpuTicks) {
	if s.ticks[tickIdle] > next[tickIdle] && s.ticks[tickIdle]-next[tickIdle] >= jumpBack {
		s.ticks = next
		return
	}
	for i, n := range next {
		s.ticks[i] = max(s.ticks[i], n)
	}
}

// cpuPart measures the time of CPUs. It forgets those that go offline.
type cpuPart struct {
	stat  *kernelFile
	sysfs *cpuSysfs
	cpus  []*cpuState
	byID  map[string]*cpuState
}

func newCPU(stat *kernelFile, sys string) *cpuPart {
	return &cpuPart{stat: stat, sysfs: newCPUSysfs(sys), byID: map[string]*cpuState{}}
}

func (p *cpuPart) collect(_ context.Context, r *round) error {
	text, err := p.stat.content(r)
	if err != nil {
		return err
	}
	if err := p.update(text, r.n); err != nil {
		return fmt.Errorf("%s: %w", p.stat.path, err)
	}
	for _, s := range p.cpus {
		for i, mode := range cpuModes {
			r.add(cpuSeconds, float64(s.ticks[i])/ticksPerSecond, "cpu", s.id, "mode", mode)
		}
	}
	for _, s := range p.cpus {
		r.add(cpuGuest, float64(s.ticks[tickGuest])/ticksPerSecond, "cpu", s.id, "mode", "user")
		r.add(cpuGuest, float64(s.ticks[tickGuestNice])/ticksPerSecond, "cpu", s.id, "mode", "nice")
	}
	p.sysfs.collect(r)
	return nil
}

func (p *cpuPart) close() error { return errors.Join(p.stat.close(), p.sysfs.close()) }

// update takes over the lines of /proc/stat.
func (p *cpuPart) update(text []byte, round uint64) error {
	for len(text) > 0 {
		var line []byte
		line, text = cutLine(text)
		id, ticks, ok, err := parseCPU(line)
		if err != nil {
			return err
		}
		if ok {
			p.cpu(id, round).advance(ticks)
		}
	}
	p.cpus = slices.DeleteFunc(p.cpus, func(s *cpuState) bool {
		if s.round == round {
			return false
		}
		delete(p.byID, s.id)
		return true
	})
	if len(p.cpus) == 0 {
		return errors.New("it lists no CPU")
	}
	return nil
}

func (p *cpuPart) cpu(id []byte, round uint64) *cpuState {
	s := p.byID[string(id)]
	if s == nil {
		s = &cpuState{id: string(id)}
		p.byID[s.id] = s
		p.cpus = append(p.cpus, s)
	}
	s.round = round
	return s
}

// parseCPU reads a line of /proc/stat. It is not ok for a line that isn't
// about one CPU. Columns that an old kernel lacks are 0.
func parseCPU(line []byte) (id []byte, ticks cpuTicks, ok bool, err error) {
	name, rest := cutField(line)
	id, found := bytes.CutPrefix(name, []byte("cpu"))
	if _, isNumber := number(id); !found || !isNumber {
		return nil, cpuTicks{}, false, nil
	}
	for i := range ticks {
		var field []byte
		field, rest = cutField(rest)
		if len(field) == 0 {
			break
		}
		if ticks[i], ok = number(field); !ok {
			return nil, cpuTicks{}, false, fmt.Errorf("%q of %s is not a number", field, name)
		}
	}
	return id, ticks, true, nil
}
