package agent

import (
	"context"
	"slices"
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

// look returns what it has found last of a stack that nobody wants to know of.
func (t *labTask) look(ctx context.Context, stack string) plugin.Finding {
	t.lab.mu.Lock()
	last, isKnown := t.lab.found[t.name+stack]
	t.lab.mu.Unlock()
	if isKnown && t.env.Only != nil && !slices.Contains(t.env.Only, stack) {
		attrs := last.Value.AsValueMap()
		attrs["kept"] = cty.True
		last.Value = cty.ObjectVal(attrs)
		return last
	}
	f := t.lookAt(ctx, stack)
	t.lab.mu.Lock()
	defer t.lab.mu.Unlock()
	t.lab.found[t.name+stack] = f
	return f
}

func (t *labTask) lookAt(ctx context.Context, stack string) plugin.Finding {
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
