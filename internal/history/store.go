package history

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/driftless-hq/driftless/internal/state"
)

// Options are the parts of a store.
type Options struct {
	Path      string        // of the journal
	Retention time.Duration // how long transitions are kept
	Now       func() time.Time
}

// maxTransitions bounds how many transitions are kept.
const maxTransitions = 10_000

// Store keeps the states of subjects, the transitions of the past, and which of
// these are still to be told. It is safe for concurrent use, and the process
// that has it open must be the only one.
//
// Where the journal can't be written the store goes on in memory, says so (see
// [Store.Problem]), and writes all anew as soon as it can.
type Store struct {
	now func() time.Time

	mu          sync.Mutex
	journal     *state.Journal // nil: it could not be opened
	compactAt   int64          // the size at which the journal is written anew
	problem     error          // why what is known is not in the journal
	retention   time.Duration
	states      map[Subject]State
	transitions []Transition // the oldest first
	waiting     []*waiting   // to be told, the oldest first
	lastID      int64
	run         int64 // of what is recorded
	going       map[int64]*going
	dropped     int // that were to be told and had to give way, and that nobody has asked for
}

// waiting is a transition that nobody has taken yet.
type waiting struct {
	Transition
	isUnderWay bool // somebody is about to take it
}

// Open opens a store. With an error it returns one too, which keeps what it is
// told in memory only.
func Open(o Options) (*Store, error) {
	s := &Store{now: o.Now, retention: o.Retention, states: make(map[Subject]State), going: make(map[int64]*going)}
	journal, err := state.OpenJournal(o.Path, s.replay)
	if err != nil {
		s.problem = fmt.Errorf("open the history of drift, %s: %w; until the agent is started again it is kept in memory only", o.Path, err)
		return s, s.problem
	}
	s.journal = journal
	s.prune()
	s.compactAt = max(compactSize, compactRatio*journal.Size())
	return s, nil
}

// Damaged returns how many bytes at the end of the journal could not be read.
func (s *Store) Damaged() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal == nil {
		return 0
	}
	return s.journal.Damaged()
}

// Problem returns why what is known is in memory only, nil where it isn't.
func (s *Store) Problem() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.problem
}

// SetRetention changes how long transitions are kept.
func (s *Store) SetRetention(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retention = d
}

// Close makes everything durable. What comes after it is kept in memory only.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal == nil {
		return nil
	}
	var err error
	if s.problem != nil {
		err = s.rewrite()
	}
	err = errors.Join(err, s.journal.Close())
	s.journal = nil
	return err
}

// Run is what one run says of the subjects of a task.
type Run struct {
	Task         string
	At           time.Time
	Observations []Observation
	// ID is of [Store.Begin], where several records tell of the run; 0: what is
	// recorded together is a run.
	ID int64
	// Extent says what is to be concluded of the findings that are known and
	// not among the observations.
	Extent Extent
	// Kept are the names of findings that were not looked at this time: they are
	// what they were.
	Kept []string
	// IsWanted says that somebody is to be told of the transitions.
	IsWanted bool
}

// Extent is how much of a task a run has looked at.
type Extent int

// The extents.
const (
	Nothing Extent = iota // the run has failed as a whole: nothing is known of the others any more
	Part                  // the run goes on: nothing is said of the others yet
	Whole                 // all findings were looked for: the others are gone
)

// Record takes over what runs say, all or none of it durably, and returns the
// transitions. They are the store's to tell: see [Store.Take]. After an error
// they are no less, but a crash may undo them.
func (s *Store) Record(runs ...Run) ([]Transition, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var e entry
	first := s.nextID()
	for _, run := range runs {
		s.run = cmp.Or(run.ID, first)
		s.observe(&e, run)
	}
	s.prune()
	if e.isEmpty() && s.problem == nil {
		return nil, nil
	}
	err := s.write(e, len(e.Transitions) > 0)
	return e.Transitions, err
}

// nextID begins the IDs of a run.
func (s *Store) nextID() int64 {
	s.lastID = max(s.lastID+1, s.now().UnixMicro())
	return s.lastID
}

// observe moves the subjects of a task on, and notes what changes in the entry.
func (s *Store) observe(e *entry, run Run) {
	observed := make(map[Subject]bool)
	for _, o := range run.Observations {
		observed[o.Subject] = true
		s.advance(e, o, run.IsWanted)
	}
	if run.Extent == Part {
		return
	}
	for _, name := range run.Kept {
		observed[Subject{run.Task, name}] = true
	}
	for _, subject := range s.subjects() {
		switch {
		case subject.Task != run.Task || subject.Name == "" || observed[subject]:
		case run.Extent == Whole:
			delete(s.states, subject)
			e.Removed = append(e.Removed, subject)
		default:
			s.advance(e, Observation{Subject: subject, At: run.At, Verdict: Unknown}, run.IsWanted)
		}
	}
}

func (s *Store) advance(e *entry, o Observation, isWanted bool) {
	before := s.states[o.Subject]
	next, transitions := Advance(before, o)
	s.states[o.Subject] = next
	s.note(e, transitions, isWanted)
	switch {
	case reflect.DeepEqual(before, next): // it was recorded while the run went on
	case timeless(before, next):
		e.Checks = append(e.Checks, check{next.Subject, next.LastCheck, next.LastSuccess})
	default:
		e.States = append(e.States, next)
	}
}

// note takes transitions over, and has those told that somebody wants to know
// of.
func (s *Store) note(e *entry, transitions []Transition, isWanted bool) {
	for i := range transitions {
		t := &transitions[i]
		t.ID, t.Run = s.lastID, s.run
		s.lastID++
		if isWanted && !t.isMuted() {
			s.waiting = append(s.waiting, &waiting{Transition: *t})
			e.Waiting = append(e.Waiting, t.ID)
		}
	}
	s.transitions = append(s.transitions, transitions...)
	e.Transitions = append(e.Transitions, transitions...)
}

// timeless reports whether two states differ in nothing but the times of the
// last check.
func timeless(a, b State) bool {
	a.LastCheck, a.LastSuccess = b.LastCheck, b.LastSuccess
	return reflect.DeepEqual(a, b)
}

// Keep forgets the subjects of tasks that there are no more.
func (s *Store) Keep(isThere func(task string) bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var e entry
	for _, subject := range s.subjects() {
		if !isThere(subject.Task) {
			delete(s.states, subject)
			e.Removed = append(e.Removed, subject)
		}
	}
	if e.isEmpty() {
		return nil
	}
	return s.write(e, true)
}

func (s *Store) subjects() []Subject {
	return slices.SortedFunc(maps.Keys(s.states), compareSubjects)
}

func compareSubjects(a, b Subject) int {
	return cmp.Or(cmp.Compare(a.Task, b.Task), cmp.Compare(a.Name, b.Name))
}

// States returns all states, by task and name.
func (s *Store) States() []State {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []State
	for _, subject := range s.subjects() {
		all = append(all, s.states[subject])
	}
	return all
}

// LastCheck returns when a run last said something of a subject, the zero time
// where none has.
func (s *Store) LastCheck(subject Subject) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.states[subject].LastCheck
}

// Transitions returns the transitions that are wanted, the newest first and at
// most limit.
func (s *Store) Transitions(isWanted func(Transition) bool, limit int) []Transition {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Transition
	for _, t := range slices.Backward(s.transitions) {
		if len(found) == limit {
			break
		}
		if isWanted(t) {
			found = append(found, t)
		}
	}
	return found
}

// prune forgets what is too old, or too much. What is still to be told is kept
// however old it is.
func (s *Store) prune() {
	limit := s.now().Add(-s.retention)
	keep := slices.IndexFunc(s.transitions, func(t Transition) bool {
		return !t.At.Before(limit) || len(s.waiting) > 0 && t.ID >= s.waiting[0].ID
	})
	if keep < 0 {
		keep = len(s.transitions)
	}
	keep = max(keep, len(s.transitions)-maxTransitions)
	s.transitions = slices.Delete(s.transitions, 0, keep)
	for len(s.waiting) > 0 && (len(s.transitions) == 0 || s.waiting[0].ID < s.transitions[0].ID) {
		s.waiting = s.waiting[1:]
		s.dropped++
	}
}
