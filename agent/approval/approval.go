// Package approval keeps what operators have approved of, until it was used,
// is no good any more, or has expired: of remedies that are to be applied, or of
// drift that they have acknowledged. What it keeps survives a restart; a file
// that is damaged costs approvals, and never makes one.
//
//	store, err := approval.Open(dataDir, approval.Remedies, time.Now)
//	err = store.Add(approval.Grant{ID: id, Task: task, ...}, account)
//	ids := store.Of(task)
package approval

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/driftless-hq/driftless/internal/state"
)

// Grant lets one remedy be applied once, or acknowledges one drift.
type Grant struct {
	ID     string    `json:"id"`    // of the remedy, see [plan.Remedy], or the fingerprint of the drift
	Task   string    `json:"task"`  // its address
	Stack  string    `json:"stack"` // the name of the finding; empty: it is about the task itself
	By     string    `json:"by"`    // the name of a token
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
	Until  time.Time `json:"until"`
}

// The errors of a store.
var (
	ErrGranted = errors.New("it is approved already")
	ErrNone    = errors.New("there is no such approval")
)

// Kind is what grants are about. They are sealed under its name: they are no
// secret, but the seal makes sure that they are whole, and of this data
// directory.
type Kind string

// The kinds.
const (
	Remedies Kind = "approvals"
	Drift    Kind = "acknowledgements"
)

// Store keeps grants. It is safe for concurrent use, and the process that has
// it open must be the only one.
type Store struct {
	kind   Kind
	now    func() time.Time
	sealed *state.Sealed

	mu     sync.Mutex
	grants []Grant // in the order in which they were made
}

// Open opens a store of a data directory.
func Open(dir string, kind Kind, now func() time.Time) (*Store, error) {
	sealed, err := state.OpenSealed(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{kind: kind, now: now, sealed: sealed}
	content, err := sealed.Load(string(kind))
	if err != nil {
		return nil, fmt.Errorf("read the %s: %w", kind, err)
	}
	if content == nil {
		return s, nil
	}
	if err := json.Unmarshal(content, &s.grants); err != nil {
		s.grants = nil // of another version: what was approved has to be approved again
	}
	return s, nil
}

// Add takes a grant. Account is called before it counts; with an error of that,
// or where it can't be kept, it doesn't. It returns [ErrGranted] where there is
// one already.
func (s *Store) Add(g Grant, account func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	if i := s.index(g.ID); i >= 0 {
		return fmt.Errorf("%w, by %s at %s", ErrGranted, s.grants[i].By, s.grants[i].At.Format(time.RFC3339))
	}
	return s.add([]Grant{g}, account)
}

// Replace takes grants in place of those that are about the same. Otherwise it
// is as [Store.Add]: all of them count, or none.
func (s *Store) Replace(grants []Grant, account func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	return s.add(grants, account)
}

func (s *Store) add(grants []Grant, account func() error) error {
	if err := account(); err != nil {
		return err
	}
	before := s.grants
	s.grants = append(slices.DeleteFunc(slices.Clone(before), func(old Grant) bool { return slices.ContainsFunc(grants, old.isAboutSame) }), grants...)
	if err := s.save(); err != nil {
		s.grants = before
		return err
	}
	return nil
}

func (g Grant) isAboutSame(other Grant) bool {
	return g.ID == other.ID && g.Task == other.Task && g.Stack == other.Stack
}

// Revoke takes the grants with an id back, and calls account with each. It
// returns [ErrNone] where there is none. With another error they are taken back
// as well, but may count again after a restart.
func (s *Store) Revoke(id string, account func(Grant) error) ([]Grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	var revoked, left []Grant
	for _, g := range s.grants {
		if g.ID == id {
			revoked = append(revoked, g)
		} else {
			left = append(left, g)
		}
	}
	if len(revoked) == 0 {
		return nil, ErrNone
	}
	s.grants = left
	var errs []error
	for _, g := range revoked {
		errs = append(errs, account(g))
	}
	return revoked, errors.Join(append(errs, s.save())...)
}

// Retain ends the grants that don't hold any more.
func (s *Store) Retain(holds func(Grant) bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.grants)
	s.expire()
	s.grants = slices.DeleteFunc(s.grants, func(g Grant) bool { return !holds(g) })
	if len(s.grants) == before {
		return nil
	}
	return s.save()
}

// Of returns the ids of what is approved for a task.
func (s *Store) Of(task string) []string {
	var ids []string
	for _, g := range s.All() {
		if g.Task == task {
			ids = append(ids, g.ID)
		}
	}
	return ids
}

// Find returns the grant for a remedy.
func (s *Store) Find(id string) (Grant, bool) {
	all := s.All()
	i := slices.IndexFunc(all, func(g Grant) bool { return g.ID == id })
	if i < 0 {
		return Grant{}, false
	}
	return all[i], true
}

// All returns all grants, the oldest first.
func (s *Store) All() []Grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	return slices.Clone(s.grants)
}

func (s *Store) index(id string) int {
	return slices.IndexFunc(s.grants, func(g Grant) bool { return g.ID == id })
}

// expire forgets what has expired. It is left in the file until that is written
// anew, and is as little worth there.
func (s *Store) expire() {
	now := s.now()
	s.grants = slices.DeleteFunc(s.grants, func(g Grant) bool { return !g.isGood(now) })
}

// clockSlack is how far a clock may be set back without grants being lost.
const clockSlack = time.Hour

// isGood reports whether a grant counts. One that was made in the future was made
// by a clock that was wrong, and would last for longer than anybody meant.
func (g Grant) isGood(now time.Time) bool {
	return now.Before(g.Until) && !g.At.After(now.Add(clockSlack))
}

// save writes all grants anew. Without any the file has come to its end.
func (s *Store) save() error {
	content, err := json.Marshal(s.grants)
	if err != nil {
		return fmt.Errorf("keep the %s: %w", s.kind, err)
	}
	end := s.now()
	for _, g := range s.grants {
		if g.Until.After(end) {
			end = g.Until
		}
	}
	if err := s.sealed.Save(string(s.kind), content, end); err != nil {
		return fmt.Errorf("keep the %s: %w", s.kind, err)
	}
	return nil
}
