package plan

import (
	"time"

	"github.com/driftless-hq/driftless/internal/state"
	"github.com/driftless-hq/driftless/plugin"
)

// Drifted reports whether a step differs from the host because the host has
// changed: what the configuration says was brought about before.
func (s *Step) Drifted(records map[string]state.Record, key []byte) bool {
	if s.State != Planned || s.Change.Action == plugin.NoOp {
		return false
	}
	return s.DetectOnly || records[s.Addr.String()].Inputs == s.inputsDigest(key)
}

// Records are what is to be remembered after an apply, as far as it is new:
// which configurations the host is now known to be in accord with. A command
// brings about no state, and a task that takes no part declares none.
func Records(old map[string]state.Record, results []Result, key []byte, now time.Time) map[string]state.Record {
	records := make(map[string]state.Record)
	for _, r := range results {
		settled := r.Outcome == Changed || r.Outcome == Unchanged
		if !settled || len(r.Step.members) == 0 || r.Step.Change.Action == plugin.Run {
			continue
		}
		a := r.Step.Addr.String()
		record := state.Record{Inputs: r.Step.inputsDigest(key), Applied: now.UTC(), Changed: old[a].Changed}
		if r.Outcome == Changed {
			record.Changed = now.UTC()
		}
		if record.Inputs != old[a].Inputs || r.Outcome == Changed {
			records[a] = record
		}
	}
	return records
}
