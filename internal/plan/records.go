package plan

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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

// Records are what is to be remembered after an apply: which configurations
// the host is now known to be in accord with.
func Records(old map[string]state.Record, results []Result, key []byte, now time.Time) map[string]state.Record {
	records := make(map[string]state.Record)
	for _, r := range results {
		if r.Outcome != Changed && r.Outcome != Unchanged || r.Step.Change.Action == plugin.Run {
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

// inputsDigest covers what the configuration says, and nothing of the host.
func (s *Step) inputsDigest(key []byte) string {
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "%s %v\n", s.Addr, s.With)
	for _, v := range s.inputs {
		writeValue(h, v)
	}
	if s.owns && s.Change.Text != nil {
		writeBytes(h, s.Change.Text.After)
	}
	return hex.EncodeToString(h.Sum(nil))
}
