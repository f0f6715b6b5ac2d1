package terraform

import (
	"cmp"
	"time"

	"github.com/driftless-hq/driftless/internal/process"
)

// phase is a part of a check.
type phase string

const (
	phaseQueue phase = "queue" // waiting for others
	phaseInit  phase = "init"
	phasePlan  phase = "plan"
	phaseShow  phase = "show"
	phaseApply phase = "apply"
)

// The command and its providers are Go programs, which spend about a fifth of
// their CPU time on collecting garbage. As long as they are small, it costs
// little memory to let them collect less often.
const (
	smallRSS  = 256 << 20 // bytes, of the largest process of the last check
	smallGOGC = "300"     // percent, see the documentation of runtime/debug.SetGCPercent
)

// usage is what a check took.
type usage struct {
	phases  map[phase]time.Duration
	cpu     time.Duration // of the command and its providers
	maxRSS  int64         // of the largest of them, in bytes
	memory  int64         // of all that ran at the same time, in bytes, as far as was seen
	orphans int           // processes that were left and had to be killed
	init    string        // why the stack was initialised; empty: it was not
	engine  engine        // nothing where there was no plan
}

func newUsage() *usage { return &usage{phases: map[phase]time.Duration{}} }

func (u *usage) add(p phase, r process.Result) {
	u.phases[p] += r.Duration
	u.cpu += r.CPU
	u.maxRSS = max(u.maxRSS, r.MaxRSS)
	u.memory = max(u.memory, r.Memory, r.MaxRSS)
}

// ran is how long the command ran.
func (u *usage) ran() (took time.Duration) {
	for p, of := range u.phases {
		if p != phaseQueue {
			took += of
		}
	}
	return took
}

// addAll adds what an earlier check of the same stack took.
func (u *usage) addAll(other *usage) {
	for p, took := range other.phases {
		u.phases[p] += took
	}
	u.cpu += other.cpu
	u.maxRSS = max(u.maxRSS, other.maxRSS)
	u.memory = max(u.memory, other.memory)
	u.orphans += other.orphans
	u.init = cmp.Or(u.init, other.init)
}
