package history

import "slices"

// Take returns the transitions of a task that are to be told now, the oldest
// first. They are the caller's until it calls [Store.Settle].
func (s *Store) Take(task string) []Transition {
	s.mu.Lock()
	defer s.mu.Unlock()
	var taken []Transition
	for _, w := range s.ripe() {
		if w.Task == task {
			w.isUnderWay = true
			s.going[w.Run].tell(w.Transition)
			taken = append(taken, w.Transition)
		}
	}
	return taken
}

// Settle says what became of transitions that were taken. Those that were told
// are not told again, the others are.
func (s *Store) Settle(ids []int64, areTold bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	isMeant := func(w *waiting) bool { return slices.Contains(ids, w.ID) }
	if !areTold {
		for _, w := range s.waiting {
			w.isUnderWay = w.isUnderWay && !isMeant(w)
		}
		return nil
	}
	s.waiting = slices.DeleteFunc(s.waiting, isMeant)
	return s.write(entry{Told: ids}, false)
}

// Waiting returns the tasks that have something to tell now.
func (s *Store) Waiting() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var tasks []string
	for _, w := range s.ripe() {
		if !slices.Contains(tasks, w.Task) {
			tasks = append(tasks, w.Task)
		}
	}
	return tasks
}

// Untold returns how many transitions are still to be told, those that somebody
// is about to take among them.
func (s *Store) Untold() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting)
}

// Dropped returns how many transitions were never told, since it was last
// asked: nobody took them for so long that too many waited.
func (s *Store) Dropped() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.dropped
	s.dropped = 0
	return n
}
