package history

import (
	"slices"
	"time"
)

// Acknowledgement says that somebody knows of a difference, and that it needs
// not be told again for a time. It is still shown.
type Acknowledgement struct {
	By     string    `json:"by"` // the name of a token
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
	Until  time.Time `json:"until"`
}

func (a *Acknowledgement) equals(b *Acknowledgement) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.By == b.By && a.Reason == b.Reason && a.At.Equal(b.At) && a.Until.Equal(b.Until)
}

// acknowledge returns what is known of a subject whose difference somebody has
// acknowledged, or nobody any more, and what happened with that.
func acknowledge(before State, by *Acknowledgement, at time.Time) (State, []Transition) {
	if before.Drift == nil || before.Drift.Acknowledged.equals(by) {
		return before, nil
	}
	drift := *before.Drift
	t := Transition{At: at, Subject: before.Subject, Event: Acknowledged, Verdict: before.Verdict, Previous: before.Verdict, Found: before.Found}
	if drift.Acknowledged = by; by == nil {
		drift.Untold = false
		t.Event, t.Ended = New, before.Drift.Acknowledged
	}
	t.Drift = &drift
	before.Drift = &drift
	return before, []Transition{t}
}

// isMuted reports whether nobody is told of a transition: the difference was
// acknowledged when it came. To know that it is gone, one has to know of it.
func (t Transition) isMuted() bool {
	switch {
	case t.Drift == nil:
		return false
	case t.Event == New, t.Event == Changed:
		return t.Drift.Acknowledged != nil
	}
	return t.Event == Resolved && t.Drift.Untold
}

// Acknowledge has every difference that is open acknowledged by whom known
// returns, or by nobody where that is nil, and returns what happened with that,
// as [Store.Record] does. IsWanted says of a task whether somebody is to be told.
func (s *Store) Acknowledge(known func(State) *Acknowledgement, isWanted func(task string) bool) ([]Transition, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Subject
	for subject, state := range s.states {
		if state.Drift != nil && !state.Drift.Acknowledged.equals(known(state)) {
			found = append(found, subject)
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	slices.SortFunc(found, compareSubjects)
	var e entry
	s.run = s.nextID()
	for _, subject := range found {
		next, transitions := acknowledge(s.states[subject], known(s.states[subject]), s.now().UTC())
		s.states[subject] = next
		e.States = append(e.States, next)
		s.note(&e, transitions, isWanted(subject.Task))
	}
	s.prune()
	return e.Transitions, s.write(e, true)
}
