package agent

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin/event"
)

var stackInfo = gauge("driftless_terraform_stack_info", "A constant 1, labelled with where a stack comes from and what it is planned with.")

// stackInfos tell where stacks come from, for other metrics to be joined with.
func (a *Agent) stackInfos(b *event.Builder, p picture, now time.Time) {
	graph := a.graph.Load()
	for _, task := range slices.SortedFunc(maps.Keys(p.tasks), addr.Compare) {
		stacks := stacksOf(task, p.tasks[task])
		if len(stacks) == 0 {
			continue
		}
		source := repositoryOf(graph, task)
		for _, s := range stacks {
			m := measured{s.Value}
			b.Metric(stackInfo, now, 1, "task", task.String(), "stack", m.text("path"), "workspace", m.text("workspace"),
				"source", source, "path", m.text("path"), "engine", m.text("engine"), "version", m.text("engine_version"))
		}
	}
}

// stacksOf are the stacks of a task; none where it isn't about any.
func stacksOf(a addr.Addr, t taskState) []plan.FindingRecord {
	if a.Kind != addr.Task || a.Type != "terraform" {
		return nil
	}
	return t.findings
}

// repositoryOf is the address of the git source that a task refers to, empty
// where it looks at a directory of this machine.
func repositoryOf(graph *eval.Graph, task addr.Addr) string {
	var names []string
	for _, a := range graph.Dependencies().Deps(task) {
		if a.Kind == addr.Source && a.Type == "git" {
			names = append(names, a.String())
		}
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}
