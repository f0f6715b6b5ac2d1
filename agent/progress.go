package agent

import (
	"slices"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/plan"
)

// progress is how far a run has come that goes on.
type progress struct {
	found map[string]bool // names of findings; only the board may look into it
	done  int             // how many these are
	total int             // how many there will be
}

// without leaves out of findings those that were told while the run went on.
func (p progress) without(findings []plan.FindingRecord) []plan.FindingRecord {
	return slices.DeleteFunc(slices.Clone(findings), func(f plan.FindingRecord) bool { return p.found[f.Name] })
}

func (p *progress) add(name string, total int) {
	if p.found == nil {
		p.found = make(map[string]bool)
	}
	p.found[name] = true
	p.done = len(p.found)
	p.total = max(total, p.done)
}

// describe returns nil where there is nothing to tell.
func (p progress) describe() *api.Progress {
	if p.total == 0 {
		return nil
	}
	return &api.Progress{Done: p.done, Total: p.total}
}

// found notes one of total findings of a run that goes on, and reports whether
// the task is declared still.
func (b *board) found(a addr.Addr, f plan.FindingRecord, total int) (isDeclared bool) {
	b.update(a, func(t *taskState) {
		isDeclared = true
		one := t.progress.without([]plan.FindingRecord{f})
		t.progress.add(f.Name, total)
		t.findings = withFinding(t.findings, f)
		t.stacks = countStacks(t.stacks, a, one)
		b.phases.count(a, one)
	})
	return isDeclared
}

// conclude takes over all findings of a run, and returns those that were not
// told while it went on.
func (t *taskState) conclude(a addr.Addr, findings []plan.FindingRecord) (fresh []plan.FindingRecord) {
	fresh = t.progress.without(findings)
	t.findings = findings
	t.stacks = keepStacks(countStacks(t.stacks, a, fresh), findings)
	return fresh
}

// withFinding returns findings with one in the place of what was found before.
func withFinding(findings []plan.FindingRecord, f plan.FindingRecord) []plan.FindingRecord {
	findings = slices.Clone(findings)
	i := slices.IndexFunc(findings, func(one plan.FindingRecord) bool { return one.Name == f.Name })
	if i < 0 {
		return append(findings, f)
	}
	findings[i] = f
	return findings
}
