package plan

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/state"
	"github.com/driftless-hq/driftless/plugin"
)

// memory is what is known of earlier runs.
type memory struct {
	before map[addr.Addr][]string // what each task was owed when the run began
	learnt map[addr.Addr]map[string]json.RawMessage

	triggered []*eval.Node // the tasks that wait for others to change

	mu    sync.Mutex // held while what is owed is changed and saved
	owed  map[addr.Addr][]string
	tasks map[*Step][]*eval.Node // that are owed a change of the step because of this run
}

// remember reads what earlier runs have left.
func (s *Session) remember() hcl.Diagnostics {
	records := make(map[string]state.Record)
	if s.Records != nil {
		var err error
		if records, err = s.Records.Load(); err != nil {
			return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Records can't be read", Detail: "Without what earlier runs have left there is no plan: " + err.Error() + "."}}
		}
	}
	m := &s.memory
	m.before, m.owed = make(map[addr.Addr][]string), make(map[addr.Addr][]string)
	m.learnt, m.tasks = make(map[addr.Addr]map[string]json.RawMessage), make(map[*Step][]*eval.Node)
	for _, n := range s.graph.Order() {
		record, known := records[n.Addr.String()]
		if known && n.Addr.Kind == addr.Task {
			m.before[n.Addr], m.owed[n.Addr] = record.Owed, record.Owed
			m.learnt[n.Addr] = record.Learnt
		}
		if len(n.Triggers) > 0 {
			m.triggered = append(m.triggered, n)
		}
	}
	return nil
}

// owe notes, before a step is applied, that others are to follow its change.
// The note outlives a run that fails or is killed before they have.
func (s *Session) owe(step *Step) (problem string) {
	tasks := s.triggeredBy(step)
	if len(tasks) == 0 {
		return ""
	}
	m := &s.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	trigger := step.Addr.String()
	records := make(map[addr.Addr][]string)
	for _, n := range tasks {
		if !slices.Contains(m.owed[n.Addr], trigger) {
			records[n.Addr] = append(slices.Clone(m.owed[n.Addr]), trigger)
			m.tasks[step] = append(m.tasks[step], n)
		}
	}
	return s.report(s.saveOwed(step, records))
}

// settle notes how a step ended: what is no longer owed to it, and that it owes
// others nothing where it has changed nothing. A change that was made and then
// found wanting is still owed, as the next run will not make it again.
func (s *Session) settle(r Result) {
	s.mu.Lock()
	s.outcomes[r.Step.unit] = r.Outcome
	s.mu.Unlock()
	m := &s.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	records := make(map[addr.Addr][]string)
	isDone := (r.Outcome == Changed || r.Outcome == Unchanged) && !r.Step.Idle
	for _, n := range r.Step.unit.members {
		if isDone && len(m.owed[n.Addr]) > 0 {
			records[n.Addr] = nil
		}
	}
	if !s.hasChanged(r) {
		for _, n := range m.tasks[r.Step] {
			rest := slices.Clone(m.owed[n.Addr])
			records[n.Addr] = slices.DeleteFunc(rest, func(t string) bool { return t == r.Step.Addr.String() })
		}
	}
	s.report(s.saveOwed(r.Step, records))
}

// hasChanged reports whether a step that is done has changed what others are
// triggered by.
func (s *Session) hasChanged(r Result) bool {
	if r.Outcome != Changed {
		return r.applied
	}
	return slices.ContainsFunc(r.Step.unit.members, func(n *eval.Node) bool {
		changed := s.saysChanged(n)
		return !changed.IsKnown() || changed.True()
	})
}

func (s *Session) saveOwed(step *Step, owed map[addr.Addr][]string) hcl.Diagnostics {
	maps.Copy(s.memory.owed, owed)
	if s.Records == nil || len(owed) == 0 {
		return nil
	}
	err := s.Records.Update(func(records map[string]state.Record) {
		for a, triggers := range owed {
			record := records[a.String()]
			record.Owed = triggers
			records[a.String()] = record
		}
	})
	if err != nil {
		return s.problem(step.members[0].node, "Records can't be written", "Which tasks are to follow a change has to be noted before it is made: %s.", err)
	}
	return nil
}

// maxLearnt is how many bytes are kept of what a task learnt. It is for values
// that others refer to; what is larger belongs into a file.
const maxLearnt = 64 << 10

// worthKeeping returns what a task learnt by running something, for the runs
// in which it has nothing to do. What always runs needs no memory, and nothing
// sensitive is kept.
func (s *Session) worthKeeping(step *Step, value cty.Value) map[string]json.RawMessage {
	node := step.members[step.applier].node
	alwaysRuns := step.Change.Fidelity == plugin.Opaque && !node.IsTriggered()
	if step.Change.Action != plugin.Run || step.Sensitive || alwaysRuns {
		return nil
	}
	kept, size := make(map[string]json.RawMessage), 0
	for i := range node.Type.Schema.Attributes {
		a := &node.Type.Schema.Attributes[i]
		if !a.Computed || a.Sensitive || isChanged(a) {
			continue
		}
		text, err := ctyjson.Marshal(value.GetAttr(a.Name), a.Type)
		if err != nil || s.isSecret(value.GetAttr(a.Name)) {
			continue // as if it had not been learnt
		}
		kept[a.Name] = text
		size += len(text)
	}
	if size > maxLearnt {
		return nil
	}
	return kept
}

// isSecret reports whether a secret is in a value, which a program may have got
// hold of in its own way.
func (s *Session) isSecret(v cty.Value) (found bool) {
	if s.Redact == nil {
		return false
	}
	_ = cty.Walk(v, func(_ cty.Path, part cty.Value) (bool, error) { // the callback never fails
		if part.Type() == cty.String && part.IsKnown() && !part.IsNull() {
			found = found || s.Redact(part.AsString()) != part.AsString()
		}
		return true, nil
	})
	return found
}

// recollect fills in what a task that has nothing to do doesn't learn again:
// what it learnt when it last had.
func (s *Session) recollect(n *eval.Node, v cty.Value) cty.Value {
	learnt := s.memory.learnt[n.Addr]
	if len(learnt) == 0 || v.IsNull() {
		return v
	}
	attrs := v.AsValueMap()
	for i := range n.Type.Schema.Attributes {
		a := &n.Type.Schema.Attributes[i]
		text, kept := learnt[a.Name]
		if now := attrs[a.Name]; !a.Computed || !kept || !now.IsKnown() || !now.IsNull() {
			continue
		}
		if old, err := ctyjson.Unmarshal(text, a.Type); err == nil { // else it is of an older schema
			attrs[a.Name] = old
		}
	}
	return cty.ObjectVal(attrs)
}
