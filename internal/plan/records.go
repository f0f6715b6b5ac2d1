package plan

import (
	"encoding/json"
	"maps"
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
// which configurations the host is now known to be in accord with, and what
// was learnt by running something. A task that takes no part declares nothing.
func Records(old map[string]state.Record, results []Result, key []byte, now time.Time) map[string]state.Record {
	records := make(map[string]state.Record)
	for _, r := range results {
		settled := r.Outcome == Changed || r.Outcome == Unchanged
		if !settled || len(r.Step.members) == 0 || r.Step.Idle {
			continue
		}
		a := r.Step.Addr.String()
		if record, isNew := r.record(old[a], key, now.UTC()); isNew {
			records[a] = record
		}
	}
	return records
}

// record draws up the record of a step that is as declared. A command brings
// about no state.
func (r Result) record(old state.Record, key []byte, now time.Time) (record state.Record, isNew bool) {
	record = old
	if r.Step.Sensitive {
		record.Learnt = nil
	} else if r.learnt != nil {
		record.Learnt = r.learnt
	}
	if r.Step.Change.Action == plugin.Run {
		return record, !maps.EqualFunc(record.Learnt, old.Learnt, func(a, b json.RawMessage) bool { return string(a) == string(b) })
	}
	record.Inputs, record.Applied = r.Step.inputsDigest(key), now
	if r.Outcome == Changed {
		record.Changed = now
	}
	return record, record.Inputs != old.Inputs || r.Outcome == Changed
}
