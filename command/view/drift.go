package view

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/driftless-hq/driftless/agent/api"
	past "github.com/driftless-hq/driftless/internal/history"
)

// DriftSummary counts what the agent knows of.
type DriftSummary struct {
	Stacks       int `json:"stacks"`
	Tasks        int `json:"tasks"`        // that have no stacks
	Open         int `json:"open"`         // that are not as declared, or were not when they were last checked
	Acknowledged int `json:"acknowledged"` // those of them that somebody knows of
	Unchecked    int `json:"unchecked"`    // that could not be checked
	Ignored      int `json:"ignored"`      // differences that are accepted
}

// Drift shows what is not as declared, and what could not be checked; where it
// is asked for, what is ignored as well.
func (v *View) Drift(all []api.Stack, withIgnored bool) DriftSummary {
	sum := DriftSummary{}
	var shown []api.Stack
	for _, s := range all {
		if s.Name == "" {
			sum.Tasks++
		} else {
			sum.Stacks++
		}
		if s.Drift != nil {
			sum.Open++
		}
		if isAcknowledged(s) {
			sum.Acknowledged++
		}
		if isUnchecked(s) {
			sum.Unchecked++
		}
		sum.Ignored += len(s.Ignored.Parts) + s.Ignored.Further
		if !withIgnored {
			s.Ignored = past.Ignored{}
		}
		if s.Drift != nil || len(s.Ignored.Parts) > 0 || isUnchecked(s) && s.Verdict != past.Unknown { // of that the task tells
			shown = append(shown, s)
		}
	}
	line := driftLine(sum, all, v.now())
	if sum.Ignored > 0 && !withIgnored {
		line += " " + count(sum.Ignored, "difference") + " ignored; -ignored shows them."
	}
	if v.json {
		for _, s := range all {
			v.message("info", "stack", subjectOf(s)+": "+s.Verdict, message{"stack": s})
		}
		v.message("info", "drift_summary", line, message{"drift": sum})
		return sum
	}
	var b strings.Builder
	v.writeDrift(&b, shown)
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	v.Print("%s%s\n", b.String(), v.out.paint(bold, v.out.wrap(line, 0)))
	return sum
}

// isUnchecked reports whether the last check of a stack told nothing, and not
// merely because somebody is at work on it; or whether the task failed of
// something else than a difference.
func isUnchecked(s api.Stack) bool {
	return !s.Fresh && s.Verdict != past.Locked || s.Error != "" && s.Drift == nil
}

func subjectOf(s api.Stack) string {
	if s.Name == "" {
		return s.Task
	}
	return s.Task + " " + s.Name
}

func driftLine(sum DriftSummary, all []api.Stack, now time.Time) string {
	known := count(sum.Tasks, "task")
	switch {
	case len(all) == 0:
		return "The agent has not looked at anything yet."
	case sum.Stacks > 0 && sum.Tasks > 0:
		known = count(sum.Stacks, "stack") + " and " + known
	case sum.Stacks > 0:
		known = count(sum.Stacks, "stack")
	}
	if sum.Open+sum.Unchecked > 0 {
		acknowledged := ""
		if sum.Acknowledged > 0 {
			acknowledged = fmt.Sprintf(" (%d acknowledged)", sum.Acknowledged)
		}
		return fmt.Sprintf("%d not as declared%s, %d could not be checked, of %s.", sum.Open, acknowledged, sum.Unchecked, known)
	}
	oldest := slices.MinFunc(all, func(a, b api.Stack) int { return a.LastSuccess.Compare(b.LastSuccess) })
	return fmt.Sprintf("Nothing has drifted: %s as declared, all checked within the last %s.", known, past.Ago(now.Sub(oldest.LastSuccess)))
}

// writeDrift writes a block for each task, whose rows have the same columns in
// all of them.
func (v *View) writeDrift(b *strings.Builder, stacks []api.Stack) {
	name, verdict := 0, 0
	for _, s := range stacks {
		name = max(name, utf8.RuneCountInString(rowName(s)))
		verdict = max(verdict, utf8.RuneCountInString(s.Verdict))
	}
	task, problem := "", ""
	for _, s := range stacks {
		if s.Task != task {
			if task != "" {
				b.WriteString("\n")
			}
			task, problem = s.Task, ""
			b.WriteString(v.out.paint(bold, visible(task)) + "\n")
		}
		v.writeRow(b, s, name, verdict)
		v.writeProblem(b, s.Error, problem)
		problem = s.Error
		v.writeAcknowledgement(b, s)
		v.writeApproval(b, s)
		if s.Drift != nil {
			v.writeEntries(b, s.Resources)
			v.writeDiff(b, s)
		}
		v.writeIgnored(b, s.Ignored)
	}
}

// writeProblem writes why a stack could not be checked. What ails all stacks of a
// task is written out once.
func (v *View) writeProblem(b *strings.Builder, problem, before string) {
	if problem != "" && problem == before {
		fmt.Fprintf(b, "      %s\n", v.out.paint(dim, "the same error"))
		return
	}
	for line := range strings.Lines(problem) {
		fmt.Fprintf(b, "      %s\n", v.out.hang(visible(strings.TrimRight(line, "\n")), 6))
	}
}

// writeRow writes the line of a stack, with columns of these widths.
func (v *View) writeRow(b *strings.Builder, s api.Stack, name, verdict int) {
	code := yellow
	switch {
	case isUnchecked(s):
		code = red
	case s.Drift == nil:
		code = "" // it is here for what is ignored
	}
	pieces := []piece{
		{"  ", pad(visible(rowName(s)), name), ""}, {"  ", pad(visible(s.Verdict), verdict), code},
	}
	for _, note := range v.driftNotes(s) {
		pieces = append(pieces, piece{"  ", note, dim})
	}
	b.WriteString(strings.TrimRight(v.out.line(pieces, 6), " ") + "\n")
}

// rowName is the name of a stack. What has none is the host that differs, or the
// task that failed as a whole.
func rowName(s api.Stack) string {
	switch {
	case s.Name != "":
		return s.Name
	case s.Drift != nil:
		return "this host"
	}
	return "the task"
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(width-utf8.RuneCountInString(text), 0))
}

// driftNotes say since when, by which commit, how often, and how sure that is.
func (v *View) driftNotes(s api.Stack) []string {
	var notes []string
	if d := s.Drift; d != nil {
		note := "since " + v.ago(d.Since)
		if d.Commit != "" {
			note += " at " + visible(past.ShortCommit(d.Commit))
		}
		notes = append(notes, note)
		if d.Recurring > 0 {
			notes = append(notes, "came back "+times(d.Recurring))
		}
		if s.Summary != "" {
			notes = append(notes, visible(s.Summary))
		}
		if s.Fingerprint != "" {
			notes = append(notes, "id "+s.Fingerprint[:min(shortID, len(s.Fingerprint))])
		}
	}
	if s.Remedy.State != "" && !awaitsApproval(s) {
		notes = append(notes, visible(strings.TrimSpace("remedy "+strings.ReplaceAll(s.Remedy.State, "_", " ")+" "+s.Remedy.Reason)))
	}
	switch {
	case s.Fresh:
	case s.LastSuccess.IsZero():
		notes = append(notes, "never checked with success")
	default:
		notes = append(notes, "last checked with success "+v.ago(s.LastSuccess))
	}
	return notes
}

// times says how often something happened.
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func (v *View) ago(at time.Time) string { return past.Ago(v.now().Sub(at)) + " ago" }

// writeDiff writes the text that differs, of a task that has one.
func (v *View) writeDiff(b *strings.Builder, s api.Stack) {
	for line := range strings.Lines(s.Diff) {
		text, code := visible(strings.TrimRight(line, "\n")), ""
		switch {
		case strings.HasPrefix(line, "+"):
			code = green
		case strings.HasPrefix(line, "-"):
			code = red
		}
		fmt.Fprintf(b, "        %s\n", v.out.paint(code, text))
	}
	if s.Truncated {
		fmt.Fprintf(b, "        %s\n", v.out.paint(dim, "... and more than is kept"))
	}
}

// History shows what has happened, the newest first, as it is given. What has
// one cause in many stacks is one line. There may be more of it where there are
// as many as the limit.
func (v *View) History(transitions []past.Transition, limit int) {
	if v.json {
		for _, t := range transitions {
			v.message("info", "transition", messageOf(t), message{"transition": t})
		}
		return
	}
	if len(transitions) == 0 {
		v.Print("Nothing has happened that the agent remembers.\n")
		return
	}
	oldestFirst := slices.Clone(transitions)
	slices.Reverse(oldestFirst)
	groups := past.GroupByCause(oldestFirst)
	width := 0
	for _, g := range groups {
		width = max(width, len(g.Event))
	}
	var b strings.Builder
	for _, g := range slices.Backward(groups) {
		pieces := []piece{
			{"", g.At.Local().Format(time.DateTime), dim}, {"  ", pad(string(g.Event), width), eventCode(g.Event)},
		}
		if g.Name != "" {
			pieces = append(pieces, piece{"  ", visible(g.Task), ""})
		}
		b.WriteString(v.out.line(append(pieces, piece{"  ", visible(g.Message()), ""}), 4) + "\n")
	}
	if len(transitions) == limit {
		b.WriteString(v.out.paint(dim, fmt.Sprintf("These are the last %d. -limit shows more.", limit)) + "\n")
	}
	v.Print("%s", b.String())
}

func messageOf(t past.Transition) string {
	return past.GroupByCause([]past.Transition{t})[0].Message()
}

func eventCode(event past.Event) string {
	switch event {
	case past.New, past.Changed:
		return yellow
	case past.Acknowledged:
		return cyan
	case past.Errored, past.Stale:
		return red
	}
	return green
}
