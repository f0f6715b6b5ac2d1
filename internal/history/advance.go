package history

import (
	"slices"
	"time"
)

// Advance returns what is known of a subject after an observation, and what
// happened with that. The state of a subject that was never seen is that with
// nothing but its name.
//
// A check that fails changes nothing of what is known, and is told of once. One
// that tells something after that is told of first, and then only what it says
// other than was known before.
func Advance(before State, o Observation) (State, []Transition) {
	m := machine{before: before, now: before, o: o}
	if Tells(o.Verdict) {
		m.recover()
		m.learn()
	}
	m.fail()
	m.now.Subject, m.now.LastCheck = o.Subject, o.At
	if verdict := m.verdict(); verdict != before.Verdict {
		m.now.Verdict, m.now.Since = verdict, o.At
	}
	for i := range m.transitions {
		m.transitions[i].Verdict = m.now.Verdict
	}
	return m.now, m.transitions
}

// machine is one step from a state to the next.
type machine struct {
	before, now State
	o           Observation
	transitions []Transition
}

// verdict is what the subject shows after the observation. Somebody who holds a
// lock, or a task that fails as a whole, doesn't end an error.
func (m *machine) verdict() string {
	switch {
	case !m.now.StaleSince.IsZero():
		return Aged
	case Tells(m.o.Verdict):
		return m.o.Verdict
	case !m.now.ErrorSince.IsZero():
		return Failed
	}
	return m.o.Verdict
}

func (m *machine) add(event Event, drift *Drift, found Found) *Transition {
	m.transitions = append(m.transitions, Transition{
		At: m.o.At, Subject: m.o.Subject, Event: event, Previous: m.before.Verdict, Drift: drift, Found: found,
	})
	return &m.transitions[len(m.transitions)-1]
}

// recover ends the trouble that there was with the checks.
func (m *machine) recover() {
	hadError, wasStale := !m.now.ErrorSince.IsZero(), !m.now.StaleSince.IsZero()
	m.now.StaleSince = time.Time{}
	if hadError && m.o.Error != "" {
		return // it is still there
	}
	if hadError || wasStale {
		m.add(Recovered, m.now.Drift, m.found()).Error = m.now.Error // the one that is over
	}
	m.now.Error, m.now.ErrorSince = "", time.Time{}
}

// learn takes over what a check found.
func (m *machine) learn() {
	o := m.o
	wasOpen, isRemedied := isOpen(m.before.Known) && m.before.Drift != nil, o.Remedy.State == Applied
	switch {
	case isOpen(o.Verdict) && !wasOpen:
		m.now.Drift = &Drift{Since: o.At, Commit: o.Commit, Recurring: m.recall(), Acknowledged: o.Acknowledged, Untold: o.Acknowledged != nil}
		m.add(New, m.now.Drift, o.Found)
	case isOpen(o.Verdict) && (o.Fingerprint != m.before.Fingerprint || o.Verdict != m.before.Known):
		m.change()
	case !isOpen(o.Verdict) && isRemedied:
		drift := m.before.Drift
		if drift == nil { // it was found and put right in one run
			drift = &Drift{Since: o.At, Commit: o.Commit, Recurring: m.recall()}
		}
		m.add(Remediated, drift, m.corrected())
		m.now.Drift = nil
	case !isOpen(o.Verdict) && wasOpen:
		m.add(Resolved, m.before.Drift, m.corrected())
		m.now.Drift = nil
	}
	m.now.Known, m.now.Found, m.now.Ignored = o.Verdict, o.Found, o.Ignored
	if !isOpen(o.Verdict) { // the corrected resources are in the history
		m.now.Fingerprint, m.now.Resources, m.now.Diff, m.now.Truncated = "", nil, "", false
	}
	m.now.LastSuccess, m.now.StaleAfter = o.At, o.StaleAfter
}

// change takes over another difference in place of the one that is open. Whoever
// wasn't told of that is told of this as of a new one.
func (m *machine) change() {
	o, drift, event := m.o, *m.now.Drift, Changed
	if o.Fingerprint != m.before.Fingerprint {
		drift.Recurring = m.recall()
	}
	if drift.Untold && o.Acknowledged == nil {
		drift.Untold, event = false, New
	}
	ended := drift.Acknowledged
	drift.Acknowledged = o.Acknowledged
	m.now.Drift = &drift
	t := m.add(event, m.now.Drift, o.Found)
	if o.Acknowledged == nil {
		t.Ended = ended
	}
}

// corrected is what was put right: what the run says, or what was known to
// differ before it.
func (m *machine) corrected() Found {
	found := m.before.Found
	if m.o.Fingerprint != "" {
		found = m.o.Found
	}
	found.Commit, found.Remedy = m.o.Commit, m.o.Remedy
	return found
}

// recall notes a difference that has appeared, and returns how often the same
// was there before.
func (m *machine) recall() int {
	past := slices.Clone(m.now.Past)
	times := 0
	if i := slices.IndexFunc(past, func(p Past) bool { return p.Fingerprint == m.o.Fingerprint }); i >= 0 {
		times = past[i].Times
		past = slices.Delete(past, i, i+1)
	}
	past = append(past, Past{m.o.Fingerprint, times + 1})
	m.now.Past = past[max(0, len(past)-maxPast):]
	return times
}

// fail notes the trouble that there is with the checks.
func (m *machine) fail() {
	o := m.o
	if o.Error != "" || o.Verdict == Failed {
		m.now.Error = o.Error
		if m.now.ErrorSince.IsZero() && o.Verdict != Aged {
			m.now.ErrorSince = o.At
			m.add(Errored, m.now.Drift, m.found()).Error = o.Error
		}
	}
	if m.isStale() && m.now.StaleSince.IsZero() {
		m.now.StaleSince = o.At
		m.add(Stale, m.now.Drift, m.found()).Error = o.Error
	}
}

// found is as much of what was found as a transition tells that is about the
// check itself.
func (m *machine) found() Found { return Found{Summary: m.o.Summary, Commit: m.o.Commit} }

// isStale reports whether what is known is too old to hold any more.
func (m *machine) isStale() bool {
	if Tells(m.o.Verdict) {
		return false
	}
	limit := m.now.StaleAfter
	return m.o.Verdict == Aged || limit > 0 && !m.now.LastSuccess.IsZero() && m.o.At.Sub(m.now.LastSuccess) >= limit
}
