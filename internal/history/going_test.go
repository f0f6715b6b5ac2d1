package history

import (
	"testing"
	"time"
)

// part is what a run that goes on says of some of the stacks.
func part(c *clock, id int64, stacks ...string) Run {
	r := run(c, stacks...)
	r.ID, r.Extent = id, Part
	return r
}

func whole(c *clock, id int64, stacks ...string) Run {
	r := run(c, stacks...)
	r.ID = id
	return r
}

// TestOneCauseIsToldTwiceAtMostWhileARunGoesOn: what comes soon, and at the end
// the others.
func TestOneCauseIsToldTwiceAtMostWhileARunGoesOn(t *testing.T) {
	dir, c := t.TempDir(), &clock{start}
	s := open(t, dir, c)
	id := s.Begin()
	mustRecord(t, s, part(c, id, "a: drifted fp=x"))
	c.pass(gathering / 2)
	mustRecord(t, s, part(c, id, "b: drifted fp=x"))
	wantNames(t, s.Take(network.Task), "")
	if waiting := s.Waiting(); len(waiting) > 0 {
		t.Errorf("what is held back is to be told, of %v", waiting)
	}
	c.pass(gathering / 2)
	taken := s.Take(network.Task)
	wantNames(t, taken, "a new, b new")
	if groups := GroupByCause(taken); len(groups) != 1 {
		t.Errorf("what one run has recorded in two parts makes %d events", len(groups))
	}
	settle(t, s, taken, true)

	mustRecord(t, s, part(c, id, "c: drifted fp=x", "d: drifted fp=y"))
	c.pass(time.Hour)
	wantNames(t, s.Take(network.Task), "d new") // another cause
	mustRecord(t, s, part(c, id, "c: clean"))
	c.pass(time.Hour)
	wantNames(t, s.Take(network.Task), "") // what came before it is not told yet
	if n := s.Untold(); n != 3 {
		t.Errorf("%d are untold", n)
	}
	wantNames(t, mustRecord(t, s, whole(c, id, "a: drifted fp=x", "b: drifted fp=x", "c: clean", "d: drifted fp=y")), "")
	s.End(id)
	wantNames(t, s.Take(network.Task), "c new, c resolved")
}

func TestWhatIsHeldBackIsToldAfterAKill(t *testing.T) {
	dir, c := t.TempDir(), &clock{start}
	s := open(t, dir, c)
	id := s.Begin()
	mustRecord(t, s, part(c, id, "a: drifted fp=x"))
	wantNames(t, s.Take(network.Task), "")
	killed := open(t, dir, c)
	defer mustClose(t, killed)
	wantNames(t, killed.Take(network.Task), "a new")
}

// TestAPartOfARunSaysNothingOfTheOthers until the end of the run, which says
// again what the parts have said.
func TestAPartOfARunSaysNothingOfTheOthers(t *testing.T) {
	dir, c := t.TempDir(), &clock{start}
	s := open(t, dir, c)
	mustRecord(t, s, run(c, "a: clean", "b: drifted fp=x", "gone: clean"))
	before := s.States()
	c.pass(time.Minute)
	id := s.Begin()
	wantNames(t, mustRecord(t, s, part(c, id, "a: drifted fp=y")), "a new")
	after := s.States()
	if len(after) != 3 || after[1].LastCheck != before[1].LastCheck || after[1].Verdict != Drifted || after[2].Verdict != Clean {
		t.Errorf("known are %+v", after)
	}
	size := s.journal.Size()
	wantNames(t, mustRecord(t, s, part(c, id, "a: drifted fp=y")), "")
	if got := s.journal.Size(); got != size {
		t.Errorf("what was said already takes %d bytes", got-size)
	}
	wantNames(t, mustRecord(t, s, whole(c, id, "a: drifted fp=y", "b: clean")), "b resolved")
	if n := len(s.States()); n != 2 {
		t.Errorf("%d stacks are known in the end", n)
	}
}
