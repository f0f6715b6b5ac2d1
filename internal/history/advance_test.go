package history

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	start   = time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	network = Subject{Task: "task.terraform.infra", Name: "network"}
)

// look is an observation written down: the verdict, and then any of "fp=X" for
// the fingerprint, "commit=X", "error=X" and "remedied".
func look(text string, at time.Time) Observation {
	o := Observation{Subject: network, At: at, StaleAfter: 3 * time.Hour}
	for i, word := range strings.Fields(text) {
		name, value, _ := strings.Cut(word, "=")
		switch {
		case i == 0:
			o.Verdict = word
		case name == "fp":
			o.Fingerprint = value
		case name == "commit":
			o.Commit = value
		case name == "error":
			o.Error = value
		case name == "remedied":
			o.Remedy = Remedy{Strategy: "apply", State: Applied}
		}
	}
	return o
}

// told is a transition written down: the event, hours after the start since
// when there is drift, by which commit, and how often it came back.
func told(t Transition) string {
	text := string(t.Event)
	if t.Drift != nil {
		text += fmt.Sprintf(" since=%d", int(t.Drift.Since.Sub(start).Hours()))
		if t.Drift.Commit != "" {
			text += " commit=" + t.Drift.Commit
		}
		if t.Drift.Recurring > 0 {
			text += fmt.Sprintf(" recurring=%d", t.Drift.Recurring)
		}
	}
	if t.Error != "" {
		text += " error=" + t.Error
	}
	return text
}

// An observation is made every hour. What it has told follows behind a colon.
func TestWhatIsToldOfAStack(t *testing.T) {
	for _, tt := range []struct {
		name string
		runs []string
	}{
		{"nothing of one that is clean at the first look, and stays so", []string{"clean:", "clean:"}},
		{"drift at the first look", []string{"drifted fp=a commit=1: new since=0 commit=1"}},
		{"drift once, however often it is seen", []string{"clean:", "drifted fp=a: new since=1", "drifted fp=a:", "drifted fp=a:"}},
		{"code that is not applied, as drift is", []string{"pending fp=a: new since=0", "unapplied fp=a: changed since=0"}},
		{"another difference as a change of the one that is open", []string{"drifted fp=a commit=1: new since=0 commit=1", "drifted fp=b commit=2: changed since=0 commit=1"}},
		{"the same difference by another verdict as a change", []string{"drifted fp=a: new since=0", "drifted_pending fp=a: changed since=0"}},
		{"that it is as declared again", []string{"drifted fp=a: new since=0", "clean: resolved since=0", "clean:"}},
		{"how often the same drift came back", []string{
			"drifted fp=a: new since=0", "clean: resolved since=0", "drifted fp=b: new since=2", "clean: resolved since=2",
			"drifted fp=a: new since=4 recurring=1", "clean: resolved since=4 recurring=1", "drifted fp=a: new since=6 recurring=2",
		}},
		{"drift that was put right by a run", []string{"drifted fp=a: new since=0", "clean remedied: remediated since=0"}},
		{"drift that was found and put right in one run, as one thing", []string{
			"clean:", "clean fp=a remedied: remediated since=1", "clean fp=a remedied: remediated since=2 recurring=1", "clean:",
		}},
		{"a failure once, and what there was before is still known", []string{
			"drifted fp=a: new since=0", "error error=down: error since=0 error=down", "error error=other:",
			"drifted fp=a: recovered since=0 error=other",
		}},
		{"after a failure only what differs from before", []string{
			"clean:", "error error=down: error error=down", "drifted fp=a: recovered error=down, new since=2",
		}},
		{"what became of drift while it could not be checked", []string{
			"drifted fp=a: new since=0", "error error=down: error since=0 error=down", "clean: recovered since=0 error=down, resolved since=0",
		}},
		{"nothing of a lock", []string{"clean:", "locked:", "clean:", "drifted fp=a: new since=3", "locked:", "drifted fp=a:"}},
		{"nothing of a lock that follows a failure", []string{"error error=x: error error=x", "locked:", "error error=x:", "clean: recovered error=x"}},
		{"nothing of a run in which the task fails as a whole", []string{"drifted fp=a: new since=0", "unknown:", "drifted fp=a:"}},
		{"once that nothing was learnt for too long", []string{
			"clean:", "error error=x: error error=x", "error error=x:", "error error=x: stale error=x", "error error=x:", "clean: recovered error=x",
		}},
		{"that a lock was held for too long", []string{"drifted fp=a: new since=0", "locked:", "locked:", "locked: stale since=0", "drifted fp=a: recovered since=0"}},
		{"stale once where the task says so itself", []string{"stale error=x: stale error=x", "stale error=x:", "clean: recovered error=x"}},
		{"drift that can't be put right, and why, once", []string{
			"clean:", "drifted fp=a error=denied: new since=1, error since=1 error=denied", "drifted fp=a error=denied:",
			"clean fp=a remedied: recovered since=1 error=denied, remediated since=1",
		}},
		{"drift that is seen after a long time and can't be put right", []string{
			"error error=x: error error=x", "stale error=x: stale error=x", "drifted fp=a error=y: new since=2", "clean: recovered since=2 error=y, resolved since=2",
		}},
		{"a failure at the first look", []string{"error error=x: error error=x", "clean: recovered error=x"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var state State
			for i, run := range tt.runs {
				text, want, _ := strings.Cut(run, ":")
				var transitions []Transition
				state, transitions = Advance(state, look(text, start.Add(time.Duration(i)*time.Hour)))
				var got []string
				for _, transition := range transitions {
					got = append(got, told(transition))
				}
				want = strings.TrimSpace(want)
				if got := strings.Join(got, ", "); got != want {
					t.Errorf("run %d, %s: told %q, want %q", i+1, text, got, want)
				}
			}
		})
	}
}

func TestWhatIsKnownAfterAFailedCheck(t *testing.T) {
	state, _ := Advance(State{}, look("drifted fp=a commit=1", start))
	state, _ = Advance(state, look("error error=down", start.Add(time.Hour)))
	want := State{
		Subject: network, Verdict: Failed, Since: start.Add(time.Hour), Known: Drifted,
		Found: Found{Fingerprint: "a", Commit: "1"}, Drift: &Drift{Since: start, Commit: "1"},
		Error: "down", ErrorSince: start.Add(time.Hour), LastCheck: start.Add(time.Hour), LastSuccess: start,
		StaleAfter: 3 * time.Hour, Past: []Past{{"a", 1}},
	}
	if diff := cmp.Diff(want, state); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if state.IsFresh() {
		t.Error("what is known counts as fresh")
	}
	state, _ = Advance(state, look("clean commit=2", start.Add(2*time.Hour)))
	want = State{
		Subject: network, Verdict: Clean, Since: start.Add(2 * time.Hour), Known: Clean, Found: Found{Commit: "2"},
		LastCheck: start.Add(2 * time.Hour), LastSuccess: start.Add(2 * time.Hour), StaleAfter: 3 * time.Hour, Past: []Past{{"a", 1}},
	}
	if diff := cmp.Diff(want, state); diff != "" || !state.IsFresh() {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}

func TestNoMoreDifferencesAreRememberedThanThereIsUseFor(t *testing.T) {
	var state State
	for i := range 10 * maxPast {
		state, _ = Advance(state, look(fmt.Sprint("drifted fp=", i), start))
	}
	if len(state.Past) != maxPast {
		t.Errorf("%d are remembered", len(state.Past))
	}
}

// What an observation does must not show in the state before it.
func TestTheStateBeforeStaysAsItWas(t *testing.T) {
	before, _ := Advance(State{}, look("drifted fp=a", start))
	copied, _ := Advance(State{}, look("drifted fp=a", start))
	for _, text := range []string{"drifted fp=b", "clean", "error error=x", "drifted fp=a"} {
		Advance(before, look(text, start.Add(time.Hour)))
		if diff := cmp.Diff(copied, before); diff != "" {
			t.Errorf("%s has changed it (-want +got):\n%s", text, diff)
		}
	}
}
