package history

import (
	"strings"
	"testing"
	"time"
)

// acknowledging is a store in a directory, with what is acknowledged of its
// stacks: fingerprints, each with who has done it.
type acknowledging struct {
	*testing.T
	*Store
	clock *clock
	dir   string
	known map[string]*Acknowledgement
}

func newAcknowledging(t *testing.T) *acknowledging {
	t.Helper()
	c := &clock{start}
	dir := t.TempDir()
	return &acknowledging{T: t, Store: open(t, dir, c), clock: c, dir: dir, known: make(map[string]*Acknowledgement)}
}

// by has somebody acknowledge a fingerprint for a day.
func (a *acknowledging) by(name, fingerprint string) {
	a.known[fingerprint] = &Acknowledgement{By: name, Reason: "known", At: a.clock.at, Until: a.clock.at.Add(24 * time.Hour)}
}

// heed returns what has happened by what is acknowledged now.
func (a *acknowledging) heed() []Transition {
	a.Helper()
	transitions, err := a.Acknowledge(func(s State) *Acknowledgement { return a.known[s.Fingerprint] }, func(string) bool { return true })
	if err != nil {
		a.Fatal(err)
	}
	return transitions
}

// look records what a run says an hour later, and returns what has happened.
func (a *acknowledging) look(stacks ...string) []Transition {
	a.Helper()
	a.clock.pass(time.Hour)
	r := run(a.clock, stacks...)
	for i := range r.Observations {
		r.Observations[i].Acknowledged = a.known[r.Observations[i].Fingerprint]
	}
	return mustRecord(a.T, a.Store, r)
}

// told takes what is to be told, and returns what it is.
func (a *acknowledging) told() string {
	a.Helper()
	taken := a.Take(network.Task)
	settle(a.T, a.Store, taken, true)
	return names(taken)
}

// TestWhatIsToldOfDriftThatIsAcknowledged goes from one thing to the next: what
// happens is always in the history, and told unless somebody knows of it.
func TestWhatIsToldOfDriftThatIsAcknowledged(t *testing.T) {
	a := newAcknowledging(t)
	expect := func(when string, happened []Transition, want, told string) {
		t.Helper()
		if got := names(happened); got != want {
			t.Errorf("%s: %q has happened, want %q", when, got, want)
		}
		if got := a.told(); got != told {
			t.Errorf("%s: %q was told, want %q", when, got, told)
		}
	}
	expect("a drift", a.look("net: drifted fp=x", "db: drifted fp=x"), "net new, db new", "net new, db new")
	a.by("on-call", "x")
	expect("it is acknowledged", a.heed(), "db acknowledged, net acknowledged", "db acknowledged, net acknowledged")
	expect("which is known by now", a.heed(), "", "")
	expect("it stays", a.look("net: drifted fp=x", "db: drifted fp=x"), "", "")
	expect("one can't be checked, which is another thing", a.look("net: error error=down", "db: drifted fp=x"), "net error", "net error")
	expect("nor is that known to be over", a.heed(), "", "")
	expect("until it can be", a.look("net: drifted fp=x", "db: drifted fp=x"), "net recovered", "net recovered")
	expect("it is gone", a.look("net: clean", "db: drifted fp=x"), "net resolved", "net resolved")
	expect("and comes back", a.look("net: drifted fp=x", "db: drifted fp=x"), "net new", "")
	expect("and goes, of which nobody knew", a.look("net: clean", "db: drifted fp=x"), "net resolved", "")
	expect("and is back", a.look("net: drifted fp=x", "db: drifted fp=x"), "net new", "")
	mustClose(t, a.Store)
	a.Store = open(t, a.dir, a.clock)
	expect("a restart", a.heed(), "", "")
	expect("it becomes another, as does one that was told", a.look("net: drifted fp=y", "db: drifted fp=y"), "net new, db changed", "net new, db changed")
	a.by("joe", "y")
	expect("that is acknowledged, too", a.heed(), "db acknowledged, net acknowledged", "db acknowledged, net acknowledged")
	a.by("jane", "y")
	expect("by someone else", a.heed(), "db acknowledged, net acknowledged", "db acknowledged, net acknowledged")
	expect("one is put right", a.look("net: clean remedied", "db: drifted fp=y"), "net remediated", "net remediated")
	a.clock.pass(24 * time.Hour)
	delete(a.known, "y")
	expired := a.heed()
	expect("it has expired", expired, "db new", "db new")
	if ended := expired[0].Ended; ended == nil || ended.By != "jane" || expired[0].Drift.Acknowledged != nil || !expired[0].Drift.Since.Equal(start.Add(time.Hour)) {
		t.Errorf("what has expired is told as %+v", expired[0])
	}
	expect("nothing is told twice", a.heed(), "", "")
	expect("it is gone in the end", a.look("net: clean", "db: clean"), "db resolved", "db resolved")
}

// TestWhatCameUntoldIsToldToItsEndOnceItIsKnown: whoever was told that it is
// there is told that it is gone.
func TestWhatCameUntoldIsToldToItsEndOnceItIsKnown(t *testing.T) {
	a := newAcknowledging(t)
	a.by("on-call", "x")
	wantNames(t, a.look("net: drifted fp=x"), "net new")
	delete(a.known, "x")
	wantNames(t, a.heed(), "net new")
	wantNames(t, a.look("net: clean"), "net resolved")
	if got := a.told(); got != "net new, net resolved" {
		t.Errorf("told %q", got)
	}
}

func TestTheMessageNamesWhoHasAcknowledged(t *testing.T) {
	known := &Acknowledgement{By: "on-call", Reason: "we wait\nfor the image", At: start, Until: start.Add(24 * time.Hour)}
	of := func(event Event, at time.Time, drift Drift, ended *Acknowledgement) string {
		return Group{Count: 1, Transition: Transition{
			At: at, Subject: network, Event: event, Verdict: Drifted, Drift: &drift, Ended: ended, Found: Found{Resources: named("a.b"), Commit: "0123456789"},
		}}.Message()
	}
	for _, test := range []struct{ name, got, want string }{
		{"it is acknowledged", of(Acknowledged, start, Drift{Acknowledged: known}, nil), "network has drifted: a.b (at 01234567), which on-call has acknowledged until 2026-01-03 03:00 UTC: we wait"},
		{"it comes back", of(New, start, Drift{Acknowledged: known, Recurring: 1}, nil), "network has drifted again, as once before: a.b (at 01234567), which on-call has acknowledged until 2026-01-03 03:00 UTC: we wait"},
		{"it has expired", of(New, known.Until, Drift{}, known), "network has drifted: a.b (at 01234567); the acknowledgement by on-call has expired"},
		{"it is taken back", of(New, start.Add(time.Hour), Drift{}, known), "network has drifted: a.b (at 01234567); the acknowledgement by on-call has ended"},
		{"it becomes another", of(Changed, start.Add(time.Hour), Drift{}, known), "network is still not as declared, in another way: a.b (at 01234567); the acknowledgement by on-call has ended"},
	} {
		if test.got != test.want {
			t.Errorf("%s: %q, want %q", test.name, test.got, test.want)
		}
	}
}

// TestThoseWhoAcknowledgeAreNoOneCause: a message that names the one must not
// stand for the other.
func TestThoseWhoAcknowledgeAreNoOneCause(t *testing.T) {
	of := func(name, by string, isEnded bool) Transition {
		known := &Acknowledgement{By: by}
		transition := Transition{Run: 1, Subject: Subject{network.Task, name}, Event: New, Drift: &Drift{}}
		if transition.Drift.Acknowledged = known; isEnded {
			transition.Drift.Acknowledged, transition.Ended = nil, known
		}
		return transition
	}
	var got []string
	for _, g := range GroupByCause([]Transition{of("a", "joe", false), of("b", "jane", false), of("c", "joe", true), of("d", "joe", false)}) {
		got = append(got, strings.Join(g.Names, " "))
	}
	if text := strings.Join(got, ", "); text != "a d, b, c" {
		t.Errorf("grouped as %s", text)
	}
}
