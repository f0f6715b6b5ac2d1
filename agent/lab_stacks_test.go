package agent

import (
	"context"
	"sync"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// watch has the tasks of the lab find something of stacks. What that is the lab
// says by their names: clean where it says nothing.
func (l *lab) watch(stacks ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stacks = stacks
}

// find looks at all stacks at the same time, and reports each.
func (t *labTask) find(ctx context.Context) []plugin.Finding {
	t.lab.mu.Lock()
	stacks := t.lab.stacks
	t.lab.mu.Unlock()
	found := make([]plugin.Finding, len(stacks))
	var group sync.WaitGroup
	for i, name := range stacks {
		group.Go(func() {
			found[i] = t.look(ctx, name)
			t.env.Report(found[i], len(stacks))
		})
	}
	group.Wait()
	return found
}

func (t *labTask) look(ctx context.Context, stack string) plugin.Finding {
	verdict, err := t.lab.answer(ctx, stack)
	switch {
	case err != nil:
		verdict = "error"
	case verdict == "":
		verdict = "clean"
	}
	t.lab.note("look %s %s", t.name, stack)
	f := plugin.Finding{Name: stack, Verdict: verdict, Summary: verdict, Value: cty.ObjectVal(map[string]cty.Value{
		"path": cty.StringVal(stack), "workspace": cty.StringVal("default"), "checked": cty.NumberIntVal(time.Now().Unix()),
	})}
	if verdict == "drifted" {
		f.Detail = []plugin.Entry{{Name: "resource", Class: "drift", Action: plugin.Update}}
	}
	return f
}
