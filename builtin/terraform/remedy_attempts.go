package terraform

import (
	"fmt"
	"time"
)

const (
	// maxKeptAttempts is how many attempts are remembered of a stack.
	maxKeptAttempts = 20
	// flapTime is within what time max_attempts are too many.
	flapTime = 24 * time.Hour
)

// attempt is one apply of a remedy. It is noted before terraform starts, so
// that one which is killed has been made, too.
type attempt struct {
	At       time.Time   `json:"at"`
	ID       string      `json:"id"`
	Strategy string      `json:"strategy"`
	Approved bool        `json:"approved,omitempty"` // a person has looked
	Outcome  remedyState `json:"outcome,omitempty"`  // empty: it was cut off
	// Owed are the digests of what the resources were to become, by address,
	// where not all of it was done.
	Owed map[string]string `json:"owed,omitempty"`
}

// attempts are those of a stack, the oldest first.
type attempts struct {
	Made []attempt `json:"made,omitempty"`
	// Lost says that those before can't be known any more.
	Lost bool `json:"lost,omitempty"`
}

// begin notes an attempt.
func (a *attempts) begin(one attempt) {
	a.Made = append(a.Made, one)
	a.Made = a.Made[max(0, len(a.Made)-maxKeptAttempts):]
}

// end notes what became of the last attempt. One that changed nothing, because
// terraform itself refused, was none. One that has no end was cut off.
func (a *attempts) end(outcome remedyState) {
	last := len(a.Made) - 1
	if outcome == refused {
		a.Made = a.Made[:last]
		return
	}
	a.Made[last].Outcome = outcome
	a.Lost = a.Lost && !a.Made[last].Approved
	if outcome == applied {
		a.Made[last].Owed = nil
	}
}

// settle notes that the stack is as declared: whatever the last attempt was cut
// off at, nothing of it is missing.
func (a *attempts) settle() {
	if last := len(a.Made) - 1; last >= 0 && a.Made[last].Outcome == "" {
		a.Made[last].Outcome = failed
	}
}

// owes reports whether the last attempt was to make of a resource what would be
// made of it now. An apply that fails has written into the state what had
// drifted: what it has not reverted looks like code that is not applied.
func (a attempts) owes(address, digest string) bool {
	if len(a.Made) == 0 {
		return false
	}
	owed, ok := a.Made[len(a.Made)-1].Owed[address]
	return ok && owed == digest
}

// forgive keeps of what the last attempt owes only what is still to be done.
// What someone else has settled is new code when it comes back.
func (a *attempts) forgive(still []intended) {
	if len(a.Made) == 0 {
		return
	}
	owed := make(map[string]string)
	for _, change := range still {
		if a.owes(change.address, change.becomes) {
			owed[change.address] = change.becomes
		}
	}
	a.Made[len(a.Made)-1].Owed = owed
}

// last is when the last attempt was made, zero where there was none.
func (a attempts) last() time.Time {
	if len(a.Made) == 0 {
		return time.Time{}
	}
	return a.Made[len(a.Made)-1].At
}

// cooling says that the last attempt is too short a time ago.
func (a attempts) cooling(cooldown time.Duration, now time.Time) string {
	if len(a.Made) == 0 {
		return ""
	}
	until := a.last().Add(cooldown)
	if !now.Before(until) {
		return ""
	}
	return "the last attempt was made at " + stamp(a.last()) + ", and the cooldown lasts until " + stamp(until)
}

// broken says that there were too many attempts in too short a time, or that
// the last may have done what the state doesn't tell: another would do it once
// more. It stays so until a person has approved of another, from which it is
// counted anew.
func (a attempts) broken(most int) string {
	if a.Lost {
		return "the record of earlier attempts was damaged, so a person has to look"
	}
	if last := len(a.Made) - 1; last >= 0 && a.Made[last].Outcome == "" {
		return "the attempt at " + stamp(a.last()) + " was cut off, so the state may lack what it has done and may still be locked, and a person has to look"
	}
	since := 0
	for i, one := range a.Made {
		if one.Approved {
			since = i
		}
	}
	counted := a.Made[since:]
	if len(counted) < most {
		return ""
	}
	first, last := counted[len(counted)-most], counted[len(counted)-1]
	if last.At.Sub(first.At) >= flapTime {
		return ""
	}
	return fmt.Sprintf("there were %d attempts from %s to %s, so a person has to look", most, stamp(first.At), stamp(last.At))
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 MST") }
