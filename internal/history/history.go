// Package history remembers what was not as declared: since when, how often it
// came back, and what has to be told of it. What a run says of a subject is an
// observation; [Advance] makes of it, and of what was known before, what is
// known now and the transitions that are worth telling. A [Store] keeps both
// over restarts, and the transitions until somebody has taken them.
//
//	store, err := history.Open(history.Options{Path: path, Retention: retention, Now: time.Now})
//	transitions, err := store.Record(history.Run{Task: "task.file.motd", Observations: observations})
package history

import (
	"time"

	"github.com/driftless-hq/driftless/internal/plan"
)

// Subject is what is looked at: a finding of a task, such as a stack, or the
// task itself, whose name is empty.
type Subject struct {
	Task string `json:"task"`
	Name string `json:"stack,omitempty"`
}

// String returns how a reader calls the subject.
func (s Subject) String() string {
	if s.Name == "" {
		return s.Task
	}
	return s.Name
}

// The verdicts that have a meaning here. Any other word says that something is
// not as declared, in a way that the task has a word for.
const (
	Clean          = "clean"
	Checked        = "checked" // of a task with findings: these tell how it is
	Drifted        = "drifted"
	Pending        = "pending"
	DriftedPending = "drifted_pending"
	Unapplied      = "unapplied"
	Failed         = "error"   // the check failed
	Locked         = "locked"  // somebody else is at work
	Aged           = "stale"   // for too long no check told anything
	Unknown        = "unknown" // there was no check, because the task failed as a whole
)

// Tells reports whether a verdict says how the subject is: of the others nobody
// knows.
func Tells(verdict string) bool {
	switch verdict {
	case "", Failed, Locked, Aged, Unknown:
		return false
	}
	return true
}

// isOpen reports whether a verdict says that the subject isn't as declared.
func isOpen(verdict string) bool {
	return Tells(verdict) && verdict != Clean && verdict != Checked
}

// Remedy is what was done, or is to be done, about a difference.
type Remedy struct {
	Strategy string `json:"strategy,omitempty"`
	State    string `json:"state,omitempty"` // see [Applied]
	Reason   string `json:"reason,omitempty"`
	ID       string `json:"id,omitempty"`
	// Changes are what it changes, or would, and Further how many are left out.
	Changes    []plan.RemedyChange `json:"changes,omitempty"`
	Further    int                 `json:"further,omitempty"`
	ApprovedBy string              `json:"approved_by,omitempty"` // the name of a token; empty: nobody had to
}

// Applied is the state of a remedy that was carried out with success.
const Applied = plan.RemedyApplied

// Found is what a check found.
type Found struct {
	Summary     string             `json:"summary,omitempty"`
	Commit      string             `json:"commit,omitempty"`      // that was checked
	Fingerprint string             `json:"fingerprint,omitempty"` // the same for the same differences
	Resources   []plan.EntryRecord `json:"resources,omitempty"`
	Diff        string             `json:"diff,omitempty"`
	Truncated   bool               `json:"truncated,omitempty"` // there was more than is kept
	Remedy      Remedy             `json:"remedy,omitzero"`
}

// Observation is what one run says of a subject. A verdict that tells something
// together with an error is that of a run that saw the difference and failed to
// put it right.
type Observation struct {
	Subject Subject
	At      time.Time // when it was checked, or was known not to be checked
	Verdict string
	Found
	Error      string        // why the run failed
	StaleAfter time.Duration // 0: never
	Ignored    Ignored       // what else differs
	// Acknowledged is who knows of these differences already, nil for nobody.
	Acknowledged *Acknowledgement
}

// Ignored are the differences that are accepted. They are known, and never told.
type Ignored struct {
	Parts   []plan.IgnoredRecord `json:"parts,omitempty"`
	Further int                  `json:"further,omitempty"` // how many are left out
}

// State is what is known of a subject.
type State struct {
	Subject
	Verdict string    `json:"verdict"`         // of the last run
	Since   time.Time `json:"since"`           // when that became so
	Known   string    `json:"known,omitempty"` // the verdict of the last check that told something
	Found             // by that check
	Ignored Ignored   `json:"ignored,omitzero"` // by that check
	Drift   *Drift    `json:"drift,omitempty"`  // what is open

	Error      string    `json:"error,omitempty"`
	ErrorSince time.Time `json:"error_since,omitzero"`
	StaleSince time.Time `json:"stale_since,omitzero"`

	LastCheck   time.Time     `json:"last_check"`
	LastSuccess time.Time     `json:"last_success,omitzero"`
	StaleAfter  time.Duration `json:"stale_after,omitempty"`

	Past []Past `json:"past,omitempty"`
}

// IsFresh reports whether the last run told how the subject is.
func (s State) IsFresh() bool { return s.Verdict == s.Known }

// Drift is a difference that is open.
type Drift struct {
	Since     time.Time `json:"since"`
	Commit    string    `json:"commit,omitempty"`    // that was checked when it was first seen
	Recurring int       `json:"recurring,omitempty"` // how often the same difference came back

	Acknowledged *Acknowledgement `json:"acknowledged,omitempty"` // nil: nobody has
	// Untold says that it was acknowledged already when it came, so that nobody
	// was told of it.
	Untold bool `json:"untold,omitempty"`
}

// Past is a difference that was seen before.
type Past struct {
	Fingerprint string `json:"fingerprint"`
	Times       int    `json:"times"`
}

// maxPast bounds how many differences of one subject are remembered.
const maxPast = 16

// Event says what happened.
type Event string

// The events.
const (
	New        Event = "new"        // it is not as declared, or isn't still and is acknowledged no more
	Changed    Event = "changed"    // it still isn't, in another way
	Resolved   Event = "resolved"   // it is as declared again
	Remediated Event = "remediated" // it was brought back to what is declared
	Errored    Event = "error"      // it can't be checked
	Stale      Event = "stale"      // nothing was learnt of it for too long
	Recovered  Event = "recovered"  // it can be checked again

	Acknowledged Event = "acknowledged" // somebody knows that it is not as declared
)

// Events returns all events.
func Events() []Event {
	return []Event{New, Changed, Resolved, Remediated, Errored, Stale, Recovered, Acknowledged}
}

// Transition is one thing that happened to a subject.
type Transition struct {
	ID  int64     `json:"id"`  // increases with time, and is never used again
	Run int64     `json:"run"` // the same for what was recorded together
	At  time.Time `json:"at"`
	Subject
	Event    Event  `json:"event"`
	Verdict  string `json:"verdict"`
	Previous string `json:"previous,omitempty"` // verdict
	Drift    *Drift `json:"drift,omitempty"`    // the one that this is about
	Error    string `json:"error,omitempty"`
	// Ended is the acknowledgement that has come to its end with it, nil where
	// none has.
	Ended *Acknowledgement `json:"ended,omitempty"`
	Found
}
