package agent

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// The metrics of Terraform stacks.
var (
	stackState    = gauge("driftless_terraform_stack_state", "1 for the state that a stack is in, 0 for the others.")
	stackDrifted  = gauge("driftless_terraform_drifted_resources", "Resources of a stack that the real world has moved away from, by action.")
	stackPending  = gauge("driftless_terraform_pending_resources", "Resources of a stack whose code is not applied yet, by action.")
	stackIgnored  = gauge("driftless_terraform_ignored_resources", "Resources of a stack whose differences are accepted, by what accepts them.")
	stackOutputs  = gauge("driftless_terraform_outputs_changed", "Outputs of a stack that an apply would change.")
	stackChecks   = gauge("driftless_terraform_checks_failed", "Check blocks of a stack that don't hold.")
	stackManaged  = gauge("driftless_terraform_managed_resources", "Resources of a stack that its last check read.")
	stackChecked  = gauge("driftless_terraform_last_check_timestamp_seconds", "When the last check of a stack ended.")
	stackSuccess  = gauge("driftless_terraform_last_success_timestamp_seconds", "When the last check of a stack ended that told something.")
	stackDuration = gauge("driftless_terraform_last_check_duration_seconds", "How long the last check of a stack took, by phase.")
	stackMemory   = gauge("driftless_terraform_max_rss_bytes", "Memory of the largest process of the last check of a stack.")
	stackMemories = gauge("driftless_terraform_memory_bytes", "Memory that all processes of the last check of a stack held together.")

	stackRuns     = counter("driftless_terraform_checks_total", "Checks of a stack, by result.")
	stackErrors   = counter("driftless_terraform_check_errors_total", "Checks of a stack that failed, by phase and kind of failure.")
	stackInits    = counter("driftless_terraform_init_total", "Checks in which a stack had to be initialised, by reason.")
	stackCPU      = counter("driftless_terraform_cpu_seconds_total", "CPU time that the checks of a stack took, with that of the providers.")
	stackRemedies = counter("driftless_terraform_remediations_total", "Remedies of a stack, by strategy and result.")

	ruleExpiry = gauge("driftless_terraform_ignore_expires_timestamp_seconds", "When the next of the ignore rules of a task expires; there is none without one.")

	stackOrphans = counter("driftless_terraform_orphans_killed_total", "Processes that checks of a stack left behind and that had to be killed.")
)

// stackStates are the verdicts of a stack.
var stackStates = [...]string{
	history.Clean, history.Drifted, history.Pending, history.DriftedPending, history.Unapplied, history.Failed, history.Locked, history.Aged,
}

// stackSeries is one series that counts. Its labels beside task, stack and
// workspace are a name and a value each, joined by commas.
type stackSeries struct {
	family          *event.Family
	path, workspace string
	labels          string
}

// dropOldStacks makes the stacks of a task that could not be planned ones in
// error: what is known of them is not known to be so any more.
func (t *taskState) dropOldStacks(task addr.Addr, failed bool) {
	if !failed || task.Type != "terraform" {
		return
	}
	old := slices.Clone(t.findings)
	for i := range old {
		old[i].Verdict, old[i].Summary, old[i].Resources = history.Failed, "could not be checked", nil
	}
	t.findings = old
}

// countStacks adds checks to what was counted before.
func countStacks(before map[stackSeries]float64, task addr.Addr, stacks []plan.FindingRecord) map[stackSeries]float64 {
	if task.Type != "terraform" {
		return nil
	}
	counts := maps.Clone(before)
	if counts == nil {
		counts = make(map[stackSeries]float64)
	}
	for _, s := range stacks {
		m := measured{s.Value}
		path, workspace := m.text("path"), m.text("workspace")
		if m.Value == cty.NilVal || !m.isCheck() {
			continue
		}
		add := func(family *event.Family, by float64, labels ...string) {
			counts[stackSeries{family, path, workspace, strings.Join(labels, ",")}] += by
		}
		add(stackRuns, 1, "result", s.Verdict)
		if failure := m.text("failure"); failure != "" {
			add(stackErrors, 1, "phase", m.text("failed_in"), "class", failure)
		}
		if reason := m.text("init"); reason != "" {
			add(stackInits, 1, "reason", reason)
		}
		if r := s.Remedy; r != nil && (r.State == "applied" || r.State == "failed" || r.State == "refused") {
			add(stackRemedies, 1, "strategy", r.Strategy, "result", r.State)
		}
		add(stackCPU, m.number("cpu_seconds"))
		add(stackOrphans, m.number("orphans"))
	}
	return counts
}

// keepStacks leaves out what was counted of stacks that are gone.
func keepStacks(counts map[stackSeries]float64, stacks []plan.FindingRecord) map[stackSeries]float64 {
	there := make(map[[2]string]bool)
	for _, s := range stacks {
		m := measured{s.Value}
		there[[2]string{m.text("path"), m.text("workspace")}] = true
	}
	kept := maps.Clone(counts)
	maps.DeleteFunc(kept, func(s stackSeries, _ float64) bool { return !there[[2]string{s.path, s.workspace}] })
	return kept
}

// stackMetrics are those of the stacks of a task.
func stackMetrics(b *event.Builder, task string, t taskState, now time.Time) {
	for _, stack := range t.findings {
		m := measured{stack.Value}
		labels := []string{"task", task, "stack", m.text("path"), "workspace", m.text("workspace")}
		metric := func(family *event.Family, value float64, more ...string) {
			b.Metric(family, now, value, slices.Concat(labels, more)...)
		}
		state := m.state(stack.Verdict, now)
		for _, one := range stackStates {
			metric(stackState, number(state == one), "state", one)
		}
		metric(stackChecked, m.number("checked"))
		if at := m.number("succeeded"); at > 0 {
			metric(stackSuccess, at)
		}
		phases := m.numbers("phases")
		for _, phase := range slices.Sorted(maps.Keys(phases)) {
			metric(stackDuration, phases[phase], "phase", phase)
		}
		metric(stackMemory, m.number("max_rss_bytes"))
		metric(stackMemories, m.number("memory_bytes"))
		if history.Tells(state) {
			foundMetrics(metric, m, stack.Resources)
		}
	}
	if len(t.findings) > 0 { // of the task, so all say the same
		if at := (measured{t.findings[0].Value}).number("ignore_expires"); at > 0 {
			b.Metric(ruleExpiry, now, at, "task", task)
		}
	}
	for _, s := range slices.SortedFunc(maps.Keys(t.stacks), compareSeries) {
		labels := []string{"task", task, "stack", s.path, "workspace", s.workspace}
		if s.labels != "" {
			labels = append(labels, strings.Split(s.labels, ",")...)
		}
		b.Metric(s.family, now, t.stacks[s], labels...)
	}
}

func compareSeries(a, b stackSeries) int {
	return cmp.Or(cmp.Compare(a.family.Name, b.family.Name), cmp.Compare(a.path, b.path), cmp.Compare(a.workspace, b.workspace), cmp.Compare(a.labels, b.labels))
}

// foundMetrics are what a check found. There are none of a check that failed:
// old numbers would pass for fresh ones.
func foundMetrics(metric func(*event.Family, float64, ...string), m measured, resources []plan.EntryRecord) {
	drifted, pending := countActions(resources, "drift", "both"), countActions(resources, "both", "pending")
	for _, action := range []plugin.Action{plugin.Create, plugin.Update, plugin.Delete, plugin.Replace} {
		metric(stackDrifted, drifted[action], "action", string(action))
		metric(stackPending, pending[action], "action", string(action))
	}
	metric(stackPending, pending[plugin.Forget], "action", string(plugin.Forget))
	metric(stackPending, m.number("moved"), "action", "move")
	metric(stackPending, m.number("imported"), "action", "import")
	metric(stackIgnored, m.number("ignored_by_rule"), "by", "rule")
	metric(stackIgnored, m.number("ignored_by_file"), "by", "file")
	metric(stackIgnored, m.number("accepted"), "by", "config")
	metric(stackIgnored, m.number("noise"), "by", "notation")
	metric(stackOutputs, m.number("outputs_changed"))
	metric(stackChecks, m.number("checks_failed"))
	metric(stackManaged, m.number("managed"))
}

// countActions counts the resources that differ for one of the reasons. One that
// differs for more than one has an entry for each, and is counted once.
func countActions(resources []plan.EntryRecord, classes ...string) map[plugin.Action]float64 {
	actions := make(map[string]plugin.Action)
	for _, r := range resources {
		if slices.Contains(classes, r.Class) {
			actions[r.Name] = r.Action
		}
	}
	counts := make(map[plugin.Action]float64)
	for _, action := range actions {
		counts[action]++
	}
	return counts
}

// measured is the value of a finding, an object of which a part may be missing.
type measured struct{ cty.Value }

func (m measured) attr(name string, want cty.Type) (cty.Value, bool) {
	if m.Value == cty.NilVal || !m.Type().IsObjectType() || !m.Type().HasAttribute(name) {
		return cty.NilVal, false
	}
	v := m.GetAttr(name)
	return v, v.IsKnown() && !v.IsNull() && v.Type() == want
}

func (m measured) text(name string) string {
	if v, ok := m.attr(name, cty.String); ok {
		return v.AsString()
	}
	return ""
}

func (m measured) number(name string) float64 {
	if v, ok := m.attr(name, cty.Number); ok {
		f, _ := v.AsBigFloat().Float64()
		return f
	}
	return 0
}

func (m measured) is(name string) bool {
	v, ok := m.attr(name, cty.Bool)
	return ok && v.True()
}

// isCheck reports whether the finding is of a check of this run.
func (m measured) isCheck() bool { return !m.is("held_back") && !m.is("kept") }

// object is one in an object, [cty.NilVal] where there is none.
func (m measured) object(name string) cty.Value {
	if m.Value == cty.NilVal || !m.Type().IsObjectType() || !m.Type().HasAttribute(name) || !m.GetAttr(name).Type().IsObjectType() || m.GetAttr(name).IsNull() {
		return cty.NilVal
	}
	return m.GetAttr(name)
}

// numbers are those in an object.
func (m measured) numbers(name string) map[string]float64 {
	found := make(map[string]float64)
	inner := measured{m.object(name)}
	if inner.Value == cty.NilVal {
		return found
	}
	for phase := range inner.Type().AttributeTypes() {
		found[phase] = inner.number(phase)
	}
	return found
}

// state is the verdict, unless that is too old to hold any more.
func (m measured) state(verdict string, now time.Time) string {
	last, limit := m.number("succeeded"), m.number("stale_after")
	if last > 0 && limit > 0 && seconds(now)-last >= limit {
		return history.Aged
	}
	return verdict
}
