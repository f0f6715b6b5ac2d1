package history

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// clock is set by hand.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func (c *clock) pass(d time.Duration) { c.at = c.at.Add(d) }

func open(t *testing.T, dir string, c *clock) *Store {
	t.Helper()
	s, err := Open(Options{Path: filepath.Join(dir, "history"), Retention: 24 * time.Hour, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustClose(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// run is what a whole run of a task says of its stacks, as in "net: drifted
// fp=a".
func run(c *clock, stacks ...string) Run {
	r := Run{Task: network.Task, At: c.at, Extent: Whole, IsWanted: true}
	for _, stack := range stacks {
		name, text, _ := strings.Cut(stack, ":")
		o := look(text, c.at)
		o.Subject.Name = name
		r.Observations = append(r.Observations, o)
	}
	return r
}

func mustRecord(t *testing.T, s *Store, runs ...Run) []Transition {
	t.Helper()
	transitions, err := s.Record(runs...)
	if err != nil {
		t.Fatal(err)
	}
	return transitions
}

// names lists transitions as in "net new".
func names(transitions []Transition) string {
	var all []string
	for _, t := range transitions {
		all = append(all, t.Subject.Name+" "+string(t.Event))
	}
	return strings.Join(all, ", ")
}

func wantNames(t *testing.T, transitions []Transition, want string) {
	t.Helper()
	if got := names(transitions); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func everything(Transition) bool { return true }

func settle(t *testing.T, s *Store, transitions []Transition, areTold bool) {
	t.Helper()
	var ids []int64
	for _, transition := range transitions {
		ids = append(ids, transition.ID)
	}
	if err := s.Settle(ids, areTold); err != nil {
		t.Fatal(err)
	}
}

func TestARestartKeepsWhatIsKnownAndTellsNothingTwice(t *testing.T) {
	dir, c := t.TempDir(), &clock{start}
	s := open(t, dir, c)
	wantNames(t, mustRecord(t, s, run(c, "net: drifted fp=a commit=1", "db: clean")), "net new")
	taken := s.Take(network.Task)
	wantNames(t, taken, "net new")
	settle(t, s, taken, true)
	c.pass(time.Hour)
	mustRecord(t, s, run(c, "net: drifted fp=a commit=2", "db: clean"))
	before := s.States()
	mustClose(t, s)

	s = open(t, dir, c)
	defer mustClose(t, s)
	if diff := cmp.Diff(before, s.States()); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	wantNames(t, mustRecord(t, s, run(c, "net: drifted fp=a commit=2", "db: clean")), "")
	wantNames(t, s.Take(network.Task), "")
	if since := s.States()[1].Drift.Since; !since.Equal(start) {
		t.Errorf("drift since %s", since)
	}
	wantNames(t, s.Transitions(everything, 10), "net new")
}

// A process that is killed leaves the journal as it is.
func TestWhatNobodyHasTakenIsToldAfterAKill(t *testing.T) {
	dir, c := t.TempDir(), &clock{start}
	s := open(t, dir, c)
	mustRecord(t, s, run(c, "net: drifted fp=a", "db: drifted fp=b"))
	taken := s.Take(network.Task)
	wantNames(t, s.Take(network.Task), "") // somebody is about to
	settle(t, s, taken[:1], true)

	killed := open(t, dir, c)
	wantNames(t, killed.Take(network.Task), "db new")
	mustClose(t, killed)
}

func TestWhatSinksRefuseIsToldAgain(t *testing.T) {
	c := &clock{start}
	s := open(t, t.TempDir(), c)
	defer mustClose(t, s)
	mustRecord(t, s, run(c, "net: drifted fp=a"))
	taken := s.Take(network.Task)
	if waiting := s.Waiting(); len(waiting) != 0 || s.Untold() != 1 {
		t.Errorf("%q wait while somebody tells, %d are untold", waiting, s.Untold())
	}
	settle(t, s, taken, false)
	if diff := cmp.Diff([]string{network.Task}, s.Waiting()); diff != "" {
		t.Errorf("waiting (-want +got):\n%s", diff)
	}
	wantNames(t, s.Take(network.Task), "net new")
}

func TestNothingWaitsForWhoIsNotThere(t *testing.T) {
	c := &clock{start}
	s := open(t, t.TempDir(), c)
	defer mustClose(t, s)
	r := run(c, "net: drifted fp=a")
	r.IsWanted = false
	wantNames(t, mustRecord(t, s, r), "net new")
	if s.Untold() != 0 {
		t.Error("it waits to be told")
	}
}

func TestWhatIsGoneIsForgottenAndNotCalledResolved(t *testing.T) {
	dir, c := t.TempDir(), &clock{start}
	s := open(t, dir, c)
	mustRecord(t, s, run(c, "net: drifted fp=a", "db: clean"))
	wantNames(t, mustRecord(t, s, run(c, "db: clean")), "")
	mustClose(t, s)
	s = open(t, dir, c)
	if states := s.States(); len(states) != 1 || states[0].Name != "db" {
		t.Errorf("states: %+v", states)
	}
	if err := s.Keep(func(string) bool { return false }); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	s = open(t, dir, c)
	defer mustClose(t, s)
	if states := s.States(); len(states) != 0 {
		t.Errorf("states of a task that is gone: %+v", states)
	}
	wantNames(t, s.Transitions(everything, 10), "net new")
}

func TestATaskThatFailsAsAWholeLeavesItsStacksUnknown(t *testing.T) {
	c := &clock{start}
	s := open(t, t.TempDir(), c)
	defer mustClose(t, s)
	mustRecord(t, s, run(c, "net: drifted fp=a"))
	failed := run(c, ": error error=gone")
	failed.Extent = Nothing
	wantNames(t, mustRecord(t, s, failed), " error")
	for _, state := range s.States() {
		if state.IsFresh() {
			t.Errorf("what is known of %s counts as fresh", state.Subject)
		}
	}
	if net := s.States()[1]; net.Verdict != Unknown || net.Drift == nil {
		t.Errorf("the stack is %+v", net)
	}
	wantNames(t, mustRecord(t, s, run(c, ": clean", "net: drifted fp=a")), " recovered")
}

func TestTheHistoryIsBoundedByAge(t *testing.T) {
	dir, c := t.TempDir(), &clock{start}
	s := open(t, dir, c)
	mustRecord(t, s, run(c, "net: drifted fp=a"))
	settle(t, s, s.Take(network.Task), true)
	c.pass(25 * time.Hour)
	mustRecord(t, s, run(c, "net: clean"))
	wantNames(t, s.Transitions(everything, 10), "net resolved")
	mustClose(t, s)
	s = open(t, dir, c)
	defer mustClose(t, s)
	wantNames(t, s.Transitions(everything, 10), "net resolved")
}

// What waits for its pipeline outlives the retention, but not without end.
func TestTheHistoryIsBoundedByNumberAndSaysWhatWasNeverTold(t *testing.T) {
	c := &clock{start}
	s := open(t, t.TempDir(), c)
	defer mustClose(t, s)
	mustRecord(t, s, run(c, "net: drifted fp=a"))
	c.pass(48 * time.Hour)
	mustRecord(t, s, run(c, "net: drifted fp=a"))
	wantNames(t, s.Transitions(everything, 10), "net new")
	var many []string
	for i := range maxTransitions {
		many = append(many, fmt.Sprintf("stack%d: drifted fp=%d", i, i))
	}
	mustRecord(t, s, run(c, append(many, "net: drifted fp=a")...))
	if n := len(s.Transitions(everything, 2*maxTransitions)); n != maxTransitions {
		t.Errorf("%d transitions are kept", n)
	}
	if n, again := s.Dropped(), s.Dropped(); n != 1 || again != 0 {
		t.Errorf("%d were dropped, and then %d", n, again)
	}
}
