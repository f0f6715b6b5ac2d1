package agent

import (
	"sync"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
)

// read is what a source was last asked, and what it last said.
type read struct {
	asked     cty.Value
	said      cty.Value // NilVal: nothing yet
	hasFailed bool      // and so it is what an earlier read said
}

// same reports whether both say the same.
func (r read) same(other read) bool {
	if r.said == cty.NilVal || other.said == cty.NilVal {
		return r.said == other.said
	}
	return r.said.RawEquals(other.said)
}

// reads are those of some sources at one moment.
type reads map[addr.Addr]read

// value returns what a source has said that was asked the same, so that the
// remote is not asked again for each task that refers to it.
func (r reads) value(a addr.Addr, cfg cty.Value) (cty.Value, bool) {
	last, ok := r[a]
	if !ok || last.said == cty.NilVal || last.hasFailed || !last.asked.RawEquals(cfg) {
		return cty.NilVal, false
	}
	return last.said, true
}

// readings are the last reads of the sources of an island.
type readings struct {
	mu   sync.Mutex
	last reads
}

func newReadings() *readings { return &readings{last: make(reads)} }

// succeeded notes what a source has said.
func (r *readings) succeeded(a addr.Addr, asked, said cty.Value) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last[a] = read{asked: asked, said: said}
}

// failed notes that a source could not be read. What it said before stays.
func (r *readings) failed(a addr.Addr, asked cty.Value) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last[a] = read{asked: asked, said: r.last[a].said, hasFailed: true}
}

// get returns the last read of a source that has said something.
func (r *readings) get(a addr.Addr) (read, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := r.last[a]
	return last, last.said != cty.NilVal
}

// asked returns what a source was last asked.
func (r *readings) asked(a addr.Addr) (cty.Value, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, ok := r.last[a]
	return last.asked, ok
}

// of returns the last reads of sources, an empty one of each that was not read.
func (r *readings) of(sources []addr.Addr) reads {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make(reads, len(sources))
	for _, a := range sources {
		all[a] = r.last[a]
	}
	return all
}
