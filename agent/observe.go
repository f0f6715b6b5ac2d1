package agent

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/internal/plan"
)

// runsOf is what a result of a run says of the tasks of its step.
func (a *Agent) runsOf(id int64, r plan.Result, drifted bool, problem string) []history.Run {
	if r.Outcome == plan.LeftOut || r.Step.State != plan.Failed && !r.Step.TakesPart() {
		return nil
	}
	record := r.Step.Record()
	var runs []history.Run
	for _, task := range tasksOf(r.Step) {
		run := history.Run{ID: id, Task: task.String(), At: a.Now().UTC(), IsWanted: a.routed(task.String())}
		if findings := r.Findings(); len(findings) > 0 {
			run.Extent = history.Whole
			looked, kept := partKept(findings)
			for _, f := range kept {
				run.Kept = append(run.Kept, a.shown(f.Name))
			}
			run.Observations = a.observeFindings(task, r, record.Findings, looked, problem)
		} else {
			if r.Step.State == plan.Planned {
				run.Extent = history.Whole
			}
			run.Observations = []history.Observation{a.observeTask(task, r, record, drifted, problem)}
		}
		runs = append(runs, run)
	}
	return runs
}

// partKept parts findings from those that the run did not look at.
func partKept(findings []plan.FindingRecord) (looked, kept []plan.FindingRecord) {
	for _, f := range findings {
		if (measured{f.Value}).is("kept") {
			kept = append(kept, f)
		} else {
			looked = append(looked, f)
		}
	}
	return looked, kept
}

// failedRun is what is known of a task that there is no plan of.
func (a *Agent) failedRun(task addr.Addr, problem string) history.Run {
	name := task.String()
	return history.Run{Task: name, At: a.Now().UTC(), IsWanted: a.routed(name), Observations: []history.Observation{{
		Subject: history.Subject{Task: name}, At: a.Now().UTC(), Verdict: history.Failed, Error: a.shown(problem),
	}}}
}

// observeFindings is what a run says of each finding of a task, of which it may
// have put right some since they were planned, and of the task itself, of which it says no more than whether the findings could be made.
func (a *Agent) observeFindings(task addr.Addr, r plan.Result, planned, findings []plan.FindingRecord, problem string) []history.Observation {
	before := make(map[string]plan.FindingRecord)
	for _, f := range planned {
		before[f.Name] = f
	}
	var all []history.Observation
	for _, f := range findings {
		o := a.observeFinding(task, f)
		if found, ok := before[f.Name]; ok && o.Verdict == history.Clean && o.Remedy.State == history.Applied {
			summary := o.Summary
			o.Found = a.observeFinding(task, found).Found // what was put right
			o.Summary = summary
			o.Remedy = a.remedyOf(task, f)
		}
		all = append(all, o)
	}
	whole := history.Observation{Subject: history.Subject{Task: task.String()}, At: a.Now().UTC(), Verdict: history.Checked}
	if r.Step.State == plan.Planned {
		whole.Error = a.shown(problem) // of an apply
	}
	return append(all, whole)
}

func (a *Agent) observeFinding(task addr.Addr, f plan.FindingRecord) history.Observation {
	m := measured{f.Value}
	o := history.Observation{
		Subject: history.Subject{Task: task.String(), Name: a.shown(f.Name)}, At: a.Now().UTC(), Verdict: f.Verdict,
		Found: history.Found{
			Summary: a.shown(f.Summary), Commit: m.text("commit"), Fingerprint: a.fingerprint(f.Verdict, f.Summary, f.Resources, ""),
			Remedy: a.remedyOf(task, f),
		},
		StaleAfter: time.Duration(m.number("stale_after") * float64(time.Second)),
		Ignored:    a.shownIgnored(f.Ignored),
	}
	// What could not be checked is held back, and grows old meanwhile.
	if at := m.number("checked"); at > 0 && history.Tells(f.Verdict) {
		o.At = time.UnixMilli(int64(at * 1000)).UTC()
	}
	if f.Verdict == history.Failed || f.Verdict == history.Aged {
		o.Error = a.shown(m.text("error"))
		if o.Error == "" {
			o.Error = o.Summary
		}
	}
	o.Resources, o.Truncated = a.shownResources(f.Resources)
	return o
}

func (a *Agent) remedyOf(task addr.Addr, f plan.FindingRecord) history.Remedy {
	if f.Remedy == nil {
		return history.Remedy{}
	}
	r := history.Remedy{Strategy: f.Remedy.Strategy, State: f.Remedy.State, Reason: a.shown(f.Remedy.Reason), ID: f.Remedy.ID}
	for _, change := range f.Remedy.Changes[:min(len(f.Remedy.Changes), maxResources)] {
		r.Changes = append(r.Changes, plan.RemedyChange{Address: a.shown(change.Address), Action: change.Action})
	}
	r.Further = len(f.Remedy.Changes) - len(r.Changes)
	if g, ok := a.approvals.Find(f.Remedy.ID); ok && g.Task == task.String() {
		r.ApprovedBy = g.By
	}
	return r
}

// observeTask is what a run says of a task without findings.
func (a *Agent) observeTask(task addr.Addr, r plan.Result, record plan.Record, drifted bool, problem string) history.Observation {
	o := history.Observation{Subject: history.Subject{Task: task.String()}, At: a.Now().UTC(), Verdict: history.Clean}
	hasFailed := r.Outcome == plan.Broken || r.Outcome == plan.Ignored
	if hasFailed {
		o.Error = a.shown(problem)
	}
	switch {
	case r.Outcome == plan.Reported || hasFailed && drifted:
		o.Verdict = history.Drifted
	case hasFailed:
		o.Verdict = history.Failed
	case r.Outcome == plan.Changed && drifted:
		o.Remedy = history.Remedy{Strategy: "apply", State: history.Applied}
	}
	if !drifted && r.Outcome != plan.Reported {
		return o
	}
	differs := []plan.EntryRecord{differsOn(task, record)}
	o.Resources, o.Truncated = a.shownResources(differs)
	o.Summary = "not as declared"
	if len(record.Reasons) > 0 {
		o.Summary = a.shown(strings.Join(record.Reasons, "; "))
	}
	diff := a.Hidden.String(record.Diff)
	o.Diff = shorten(diff, maxDiff)
	o.Truncated = o.Truncated || o.Diff != diff
	o.Fingerprint = a.fingerprint(history.Drifted, strings.Join(record.Reasons, "; "), differs, record.Diff)
	return o
}

// differsOn is what of the host a task finds other than declared. What the task
// learns merely follows from that.
func differsOn(task addr.Addr, record plan.Record) plan.EntryRecord {
	entry := plan.EntryRecord{Name: task.String(), Class: "drift", Action: record.Action}
	if after, ok := record.After.(map[string]any); ok {
		if path, ok := after["path"].(string); ok {
			entry.Name = path
		}
	}
	for _, d := range record.Attributes {
		if d.Learnt {
			continue
		}
		entry.Attributes = append(entry.Attributes, plan.DifferRecord{Path: d.Name, Before: d.Before, After: d.After})
	}
	return entry
}

// fingerprint is the same for the same differences. Nobody who sees it can try
// out values, as it takes the key of the data directory to make it.
func (a *Agent) fingerprint(verdict, summary string, resources []plan.EntryRecord, diff string) string {
	sorted := slices.SortedFunc(slices.Values(resources), func(x, y plan.EntryRecord) int { return strings.Compare(x.Name, y.Name) })
	if len(resources) > 0 {
		summary = "" // it only counts them, and what is ignored
	}
	text, err := json.Marshal([]any{verdict, summary, sorted, diff})
	if verdict == history.Clean && len(resources) == 0 || err != nil { // texts can't fail
		return ""
	}
	mac := hmac.New(sha256.New, a.key)
	mac.Write(text) // never fails
	const digits = 16
	return hex.EncodeToString(mac.Sum(nil)[:digits])
}

// What is kept of one subject is bounded.
const (
	maxResources  = 50       // and as many attributes of each
	maxFound      = 64 << 10 // bytes of all of them
	maxText       = 2 << 10
	maxDiff       = 8 << 10
	cutOffMessage = "... (cut off)"
)

// shown is a text as it may be kept and told.
func (a *Agent) shown(text string) string { return shorten(a.Hidden.String(text), maxText) }

func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit-len(cutOffMessage)], "") + cutOffMessage
}

// shownResources are resources as they may be kept and told, and whether some
// are left out.
func (a *Agent) shownResources(all []plan.EntryRecord) (shown []plan.EntryRecord, isTruncated bool) {
	isTruncated = len(all) > maxResources
	room := maxFound
	for _, e := range all[:min(len(all), maxResources)] {
		entry := plan.EntryRecord{Name: a.shown(e.Name), Class: e.Class, Action: e.Action}
		for i, d := range e.Attributes {
			differ := plan.DifferRecord{Path: a.shown(d.Path), Before: a.shown(d.Before), After: a.shown(d.After)}
			room -= len(differ.Path) + len(differ.Before) + len(differ.After)
			if i == maxResources || room < 0 {
				isTruncated = true
				break
			}
			entry.Attributes = append(entry.Attributes, differ)
		}
		shown = append(shown, entry)
	}
	return shown, isTruncated
}

// shownIgnored are what is ignored as it may be kept and told.
func (a *Agent) shownIgnored(all []plan.IgnoredRecord) (shown history.Ignored) {
	room := maxFound
	for i, part := range all {
		by := part.By
		part.Address = a.shown(part.Address)
		part.By = plan.IgnoredBy{Line: by.Line, Pattern: a.shown(by.Pattern), Reason: a.shown(by.Reason), Owner: a.shown(by.Owner), Expires: by.Expires}
		part.Attributes = slices.Clone(part.Attributes)
		for j, attribute := range part.Attributes {
			part.Attributes[j] = a.shown(attribute)
			room -= len(part.Attributes[j])
		}
		room -= len(part.Address) + len(part.By.Pattern) + len(part.By.Reason) + len(part.By.Owner)
		if i == maxResources || room < 0 {
			shown.Further = len(all) - i
			break
		}
		shown.Parts = append(shown.Parts, part)
	}
	return shown
}
