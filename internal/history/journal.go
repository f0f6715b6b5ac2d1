package history

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"time"
)

// entry is one record of the journal: all that one run, or one acceptance of
// what was told, has changed.
type entry struct {
	States      []State      `json:"states,omitempty"`
	Checks      []check      `json:"checks,omitempty"` // of which nothing else has changed
	Removed     []Subject    `json:"removed,omitempty"`
	Transitions []Transition `json:"transitions,omitempty"`
	Waiting     []int64      `json:"waiting,omitempty"` // those of the transitions that are to be told
	Told        []int64      `json:"told,omitempty"`    // those that are not to be told any more
}

func (e entry) isEmpty() bool {
	return len(e.States)+len(e.Checks)+len(e.Removed)+len(e.Transitions)+len(e.Told) == 0
}

// check is when a subject was last checked.
type check struct {
	Subject
	At      time.Time `json:"at"`
	Success time.Time `json:"success,omitzero"`
}

const (
	// The journal is written anew when it is larger than compactSize and
	// compactRatio times what it was after the last time.
	compactSize  = 1 << 20
	compactRatio = 4
)

// replay takes over a record of the journal.
func (s *Store) replay(payload []byte) error {
	var e entry
	if err := json.Unmarshal(payload, &e); err != nil {
		return err
	}
	for _, st := range e.States {
		s.states[st.Subject] = st
	}
	for _, c := range e.Checks {
		if st, ok := s.states[c.Subject]; ok {
			st.LastCheck, st.LastSuccess = c.At, c.Success
			s.states[c.Subject] = st
		}
	}
	for _, subject := range e.Removed {
		delete(s.states, subject)
	}
	s.transitions = append(s.transitions, e.Transitions...)
	for _, t := range e.Transitions {
		s.lastID = max(s.lastID, t.ID)
		if slices.Contains(e.Waiting, t.ID) {
			s.waiting = append(s.waiting, &waiting{Transition: t})
		}
	}
	s.waiting = slices.DeleteFunc(s.waiting, func(w *waiting) bool { return slices.Contains(e.Told, w.ID) })
	return nil
}

// write appends an entry, and has it on the disk where it must outlive a loss of
// power. After a write that failed all is written anew: memory and disk differ.
func (s *Store) write(e entry, mustLast bool) error {
	if s.journal == nil {
		return nil // it was said when the store was opened
	}
	err := s.problem
	if err == nil {
		err = s.appendEntry(e, mustLast)
	}
	if err != nil || s.journal.Size() > s.compactAt {
		err = s.rewrite()
	}
	s.problem = err
	return err
}

func (s *Store) appendEntry(e entry, mustLast bool) error {
	payload, err := json.Marshal(e)
	if err == nil {
		err = s.journal.Append(payload)
	}
	if err == nil && mustLast {
		err = s.journal.Sync()
	}
	return err
}

// rewrite writes the journal anew with what is known now.
func (s *Store) rewrite() error {
	if err := s.journal.Rewrite(s.entries()); err != nil {
		return fmt.Errorf("write the history of drift: %w; what is known is kept in memory, and written as soon as that can be done", err)
	}
	s.compactAt = max(compactSize, compactRatio*s.journal.Size())
	return nil
}

// entries is all that is known, in small records.
func (s *Store) entries() iter.Seq2[[]byte, error] {
	isWaiting := make(map[int64]bool)
	for _, w := range s.waiting {
		isWaiting[w.ID] = true
	}
	return func(yield func([]byte, error) bool) {
		for _, subject := range s.subjects() {
			if !yield(json.Marshal(entry{States: []State{s.states[subject]}})) {
				return
			}
		}
		for _, t := range s.transitions {
			e := entry{Transitions: []Transition{t}}
			if isWaiting[t.ID] {
				e.Waiting = []int64{t.ID}
			}
			if !yield(json.Marshal(e)) {
				return
			}
		}
	}
}
