package pluginhost

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Status is what can be told of a provider.
type Status struct {
	Name    string
	Version string
	Up      bool
	Problem error     // why it isn't
	Next    time.Time // when it is started again, if it isn't up

	Starts    uint64        // of processes, the first too
	Crashes   uint64        // of processes, and starts that failed
	StartTime time.Duration // that the last start took
	Failed    map[string]uint64
}

// Status returns the state of all running providers, by name.
func (h *Host) Status() []Status {
	h.mu.Lock()
	running := slices.Collect(maps.Keys(h.running))
	h.mu.Unlock()
	all := make([]Status, len(running))
	for i, p := range running {
		all[i] = p.status()
	}
	slices.SortFunc(all, func(a, b Status) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

func (p *Provider) status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Status{
		Name:      p.spec.Name,
		Version:   cmp.Or(p.manifest.Version, p.spec.Binary.Version),
		Up:        p.current != nil,
		Problem:   p.problem,
		Next:      p.next,
		Starts:    p.starts,
		Crashes:   p.crashes.total,
		StartTime: p.took,
		Failed:    maps.Clone(p.failed),
	}
}
