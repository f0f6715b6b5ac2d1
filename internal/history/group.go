package history

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Group are the transitions of one task that have the same event and the same
// cause, and are told as one.
type Group struct {
	Transition           // the first of them
	Names       []string // of those that it happened to, at most maxNames
	Count       int
	IDs         []int64
	IsTruncated bool // there are more names, or there was more to tell of the first
}

// maxNames bounds how many subjects of a group are named.
const maxNames = 100

// GroupByCause groups transitions, in the order of the first of each group.
func GroupByCause(transitions []Transition) []Group {
	var groups []Group
	at := make(map[string]int)
	for _, t := range transitions {
		cause := t.cause()
		i, ok := at[cause]
		if !ok {
			i = len(groups)
			at[cause] = i
			groups = append(groups, Group{Transition: t, IsTruncated: t.Truncated})
		}
		g := &groups[i]
		g.Count++
		g.IDs = append(g.IDs, t.ID)
		switch {
		case t.Name == "":
		case len(g.Names) < maxNames:
			g.Names = append(g.Names, t.Name)
		default:
			g.IsTruncated = true
		}
	}
	return groups
}

// cause is the same for transitions that have one reason. An error often names
// the stack; what is said beside that counts. The task itself is alone.
func (t Transition) cause() string {
	if t.Name == "" {
		return fmt.Sprint(t.Event, " ", t.ID)
	}
	text := t.Error
	if strings.Contains(text, t.Name) {
		name := regexp.MustCompile(`\b` + regexp.QuoteMeta(t.Name) + `\b`) // not "db" in "feedback"
		text = name.ReplaceAllLiteralString(text, "*")
	}
	return fmt.Sprintf("%d %s %s %s %s %q %q %q", t.Run, t.Task, t.Event, t.Verdict, t.Fingerprint, t.Remedy.ApprovedBy, text, t.acknowledgedBy())
}

// acknowledgedBy names who has acknowledged what it is about, or had until now.
func (t Transition) acknowledgedBy() (by string) {
	if t.Drift != nil && t.Drift.Acknowledged != nil {
		by = t.Drift.Acknowledged.By
	}
	if t.Ended != nil {
		by += " ended " + t.Ended.By
	}
	return by
}

// Message says in a sentence what happened.
func (g Group) Message() string {
	subject, has, was, is := g.subject(), "has", "was", "is"
	if g.Count > 1 {
		has, was, is = "have", "were", "are"
	}
	switch g.Event {
	case New, Acknowledged:
		return subject + " " + condition(g.Verdict, has, was, is) + again(g.Drift) + g.details() + g.known()
	case Changed:
		return subject + " " + is + " still not as declared, in another way" + g.details() + g.known()
	case Resolved:
		return subject + " " + is + " as declared again" + g.after()
	case Remediated:
		return subject + " " + was + " brought back to what is declared" + g.after() + again(g.Drift) + g.details() + g.approval()
	case Errored:
		if Tells(g.Verdict) {
			return subject + " could not be put right: " + firstLine(g.Error, g.Summary)
		}
		return subject + " could not be checked: " + firstLine(g.Error, g.Summary)
	case Stale:
		return subject + " " + has + " not been checked with success for too long" + colon(firstLine(g.Error, ""))
	}
	if g.Verdict == Checked {
		return subject + " can be checked again"
	}
	return subject + " can be checked again, and " + condition(g.Verdict, has, was, is)
}

// subject names what it happened to.
func (g Group) subject() string {
	switch {
	case g.Name == "":
		return g.Task
	case g.Count == 1:
		return g.Name
	}
	return fmt.Sprintf("%d stacks (%s)", g.Count, some(g.Names, g.Count))
}

// some names the first of so many.
func some(names []string, count int) string {
	const shown = 3
	text := strings.Join(names[:min(shown, len(names))], ", ")
	if count > shown {
		text += fmt.Sprintf(" and %d more", count-shown)
	}
	return text
}

func condition(verdict, has, was, is string) string {
	switch verdict {
	case Drifted:
		return has + " drifted"
	case Pending:
		return has + " code that is not applied"
	case DriftedPending:
		return has + " drifted, and " + has + " code that is not applied"
	case Unapplied:
		return was + " never applied"
	case Clean:
		return is + " as declared"
	}
	return is + " " + strings.ReplaceAll(verdict, "_", " and ")
}

func again(d *Drift) string {
	if d == nil || d.Recurring == 0 {
		return ""
	}
	if d.Recurring == 1 {
		return " again, as once before"
	}
	return fmt.Sprintf(" again, as %d times before", d.Recurring)
}

// known names who has acknowledged it, or had until now.
func (g Group) known() string {
	switch {
	case g.Ended != nil && g.At.Before(g.Ended.Until):
		return "; the acknowledgement by " + g.Ended.By + " has ended"
	case g.Ended != nil:
		return "; the acknowledgement by " + g.Ended.By + " has expired"
	case g.Drift == nil || g.Drift.Acknowledged == nil:
		return ""
	}
	by := g.Drift.Acknowledged
	return ", which " + by.By + " has acknowledged until " + by.Until.UTC().Format("2006-01-02 15:04 UTC") + colon(firstLine(by.Reason, ""))
}

// approval names who has let it be remedied.
func (g Group) approval() string {
	if g.Remedy.ApprovedBy == "" {
		return ""
	}
	return ", as " + g.Remedy.ApprovedBy + " had approved"
}

func (g Group) after() string {
	if g.Drift == nil || !g.Drift.Since.Before(g.At) {
		return ""
	}
	return " after " + Ago(g.At.Sub(g.Drift.Since))
}

// details say what differs, what is done about it, and in which commit.
func (g Group) details() string {
	what, remedy := g.what()
	var notes []string
	if remedy != "" {
		notes = append(notes, remedy)
	}
	if g.Commit != "" {
		notes = append(notes, "at "+ShortCommit(g.Commit))
	}
	if len(notes) == 0 {
		return colon(what)
	}
	return colon(what) + " (" + strings.Join(notes, "; ") + ")"
}

// what names the resources of a stack that differ. The summary only counts them,
// but it says what is done about them.
func (g Group) what() (what, remedy string) {
	var names []string
	for _, resource := range g.Resources {
		if !slices.Contains(names, resource.Name) {
			names = append(names, resource.Name)
		}
	}
	if g.Name == "" || len(names) == 0 || g.Truncated { // then not all names are known
		return g.Summary, ""
	}
	if g.Remedy.State != "" && g.Event != Remediated {
		remedy = g.Summary
	}
	return some(names, len(names)), remedy
}

func colon(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}

func firstLine(text, otherwise string) string {
	if text == "" {
		text = otherwise
	}
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// shortCommit is how many digits of a commit are shown.
const shortCommit = 8

// ShortCommit returns as much of a commit as a reader needs.
func ShortCommit(commit string) string { return commit[:min(shortCommit, len(commit))] }

// Ago returns a duration as a person says it, in its largest unit.
func Ago(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return fmt.Sprintf("%dd", d/day)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%ds", max(d, 0)/time.Second)
}
