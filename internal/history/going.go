package history

import "time"

// gathering is how long what happens in a run that goes on waits for more of
// the same cause, before it is told.
const gathering = 10 * time.Second

// going is a run that has not ended. Of one cause it tells twice at most: of
// what comes within a short time, and at the end of the run of all others.
type going struct{ told map[string]bool } // causes

func (g *going) tell(t Transition) {
	if g != nil {
		g.told[t.cause()] = true
	}
}

// Begin returns the ID of a run of which several records will tell. It goes on
// until [Store.End] is called.
func (s *Store) Begin() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.nextID()
	s.going[id] = &going{told: make(map[string]bool)}
	return id
}

// End ends a run: all that is still to be told of it can be taken now.
func (s *Store) End(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.going, id)
}

// ripe returns what is to be told now and nobody has taken, the oldest first.
// What is held back also holds back what happened to the same subject since.
func (s *Store) ripe() []*waiting {
	causes := s.ripeCauses()
	held := make(map[Subject]bool)
	var ripe []*waiting
	for _, w := range s.waiting {
		switch {
		case w.isUnderWay:
		case held[w.Subject] || s.going[w.Run] != nil && !causes[w.cause()]:
			held[w.Subject] = true
		default:
			ripe = append(ripe, w)
		}
	}
	return ripe
}

// ripeCauses are those of runs that go on which have waited for long enough,
// and were not told yet.
func (s *Store) ripeCauses() map[string]bool {
	limit := s.now().Add(-gathering)
	causes := make(map[string]bool)
	for _, w := range s.waiting {
		if g := s.going[w.Run]; g != nil && !w.isUnderWay && !w.At.After(limit) {
			if cause := w.cause(); !g.told[cause] {
				causes[cause] = true
			}
		}
	}
	return causes
}
