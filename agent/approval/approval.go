// Package approval keeps what operators have approved of, until it was used,
// is no good any more, or has expired. What it keeps survives a restart; a
// file that is damaged costs approvals, and never makes one.
//
//	store, err := approval.Open(dataDir, time.Now)
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

// Grant lets one remedy be applied once.
type Grant struct {
	ID     string    `json:"id"`    // of the remedy, see [plan.Remedy]
	Task   string    `json:"task"`  // its address
	Stack  string    `json:"stack"` // the name of the finding
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

// fileName is what the grants are sealed under. They are no secret: the seal
// makes sure that they are whole, and of this data directory.
const fileName = "approvals"

// Store keeps grants. It is safe for concurrent use, and the process that has
// it open must be the only one.
type Store struct {
	now    func() time.Time
	sealed *state.Sealed

	mu     sync.Mutex
	grants []Grant // in the order in which they were made
}

// Open opens the store of a data directory.
func Open(dir string, now func() time.Time) (*Store, error) {
	sealed, err := state.OpenSealed(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{now: now, sealed: sealed}
	content, err := sealed.Load(fileName)
	if err != nil {
		return nil, fmt.Errorf("read the approvals: %w", err)
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
	if err := account(); err != nil {
		return err
	}
	before := s.grants
	s.grants = append(slices.Clone(before), g)
	if err := s.save(); err != nil {
		s.grants = before
		return err
	}
	return nil
}

// Revoke takes a grant back, and calls account with it. It returns [ErrNone]
// where there is none. With another error it is taken back as well, but may
// count again after a restart.
func (s *Store) Revoke(id string, account func(Grant) error) (Grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	i := s.index(id)
	if i < 0 {
		return Grant{}, ErrNone
	}
	g := s.grants[i]
	s.grants = slices.Delete(s.grants, i, i+1)
	return g, errors.Join(account(g), s.save())
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
	s.grants = slices.DeleteFunc(s.grants, func(g Grant) bool { return !now.Before(g.Until) })
}

// save writes all grants anew. Without any the file has come to its end.
func (s *Store) save() error {
	content, err := json.Marshal(s.grants)
	if err != nil {
		return fmt.Errorf("keep the approvals: %w", err)
	}
	end := s.now()
	for _, g := range s.grants {
		if g.Until.After(end) {
			end = g.Until
		}
	}
	if err := s.sealed.Save(fileName, content, end); err != nil {
		return fmt.Errorf("keep the approvals: %w", err)
	}
	return nil
}
