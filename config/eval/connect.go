package eval

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/addr"
)

// connect resolves the references of a block and makes the edges of its
// instances. The instances share their expressions, and so their mistakes.
func (b *builder) connect(t *template) hcl.Diagnostics {
	from, fromDiags := t.targets(t.from, b.checkEmits)
	to, toDiags := t.targets(t.to, checkSink)
	after, afterDiags := t.targets(t.Block.DependsOn, nil)
	triggers, triggerDiags := t.targets(t.Block.TriggeredBy, t.checkTrigger)
	diags := slices.Concat(fromDiags, toDiags, afterDiags, triggerDiags)
	found, refDiags := t.scope.resolve(t.references(), t.Block.ForEach != nil)
	diags = append(diags, refDiags...)
	conditional := t.isConditional()
	if conditional && t.Block.Addr.Kind != addr.Task {
		diags = append(diags, t.unsettledWhen()...)
	}
	after = append(after, t.scope.inherited()...)
	wanted := slices.Concat(from, to, after, triggers)
	for _, a := range found.all {
		wanted = append(wanted, b.instancesOf(a)...)
	}
	for _, a := range b.instances[t.address()] {
		n, ok := b.nodes[a]
		if !ok {
			continue
		}
		n.refs, n.Conditional, n.From, n.To, n.After, n.Triggers = found, conditional, from, to, after, triggers
		for _, other := range wanted {
			b.deps.DependsOn(a, other)
		}
	}
	return diags
}

// targets resolves a list of addresses. Each has to pass a check, where there
// is one.
func (t *template) targets(list []config.Reference, check func(config.Reference) *hcl.Diagnostic) ([]addr.Addr, hcl.Diagnostics) {
	var found []addr.Addr
	seen := make(map[addr.Addr]bool)
	var diags hcl.Diagnostics
	for _, r := range list {
		targets, diag := t.scope.targets(r.Addr, r.Range)
		if diag == nil && check != nil {
			diag = check(r)
		}
		if diag != nil {
			diags = append(diags, diag)
			continue
		}
		for _, a := range targets {
			if !seen[a] {
				seen[a] = true
				found = append(found, a)
			}
		}
	}
	return found, diags
}

// inherited is what the modules that a scope lies in depend on as a whole.
// What isn't there is reported at the module.
func (s *scope) inherited() []addr.Addr {
	var found []addr.Addr
	for c := s.caller; c != nil; c = c.scope.caller {
		for _, r := range c.module.DependsOn {
			targets, _ := c.scope.targets(r.Addr, r.Range)
			found = append(found, targets...)
		}
	}
	return found
}

// checkModules reports what modules depend on and what there isn't.
func (b *builder) checkModules() hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, s := range b.scopes {
		for _, name := range slices.Sorted(maps.Keys(s.calls)) {
			for _, r := range s.calls[name].module.DependsOn {
				if _, diag := s.targets(r.Addr, r.Range); diag != nil {
					diags = append(diags, diag)
				}
			}
		}
	}
	return diags
}

// isConditional reports whether the when of the block depends on other blocks,
// or on the time of a run.
func (t *template) isConditional() bool {
	return t.Block.When != nil && !t.scope.isSettled(t.Block.When)
}

// unsettledWhen says why the when of a block that is no task can't be judged when
// the configuration is loaded.
func (t *template) unsettledWhen() hcl.Diagnostics {
	names, _ := t.scope.settled(t.Block.When.Variables(), true)
	if absent := names.absences(); len(absent) > 0 {
		return absent
	}
	return hcl.Diagnostics{errorf(t.Block.When.Range(), "Invalid when", "Only the when of a task may depend on other blocks, or on the time of a run.")}
}

// references returns what the expressions of a block name.
func (t *template) references() []hcl.Traversal {
	out := t.traversals()
	if t.Block.When != nil {
		out = append(out, t.Block.When.Variables()...)
	}
	return out
}
