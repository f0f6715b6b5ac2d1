package eval

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/addr"
)

// connect resolves the references of a block and makes the edges of its
// instances. The instances share their expressions, and so their mistakes.
func (b *builder) connect(t *template) hcl.Diagnostics {
	diags := b.checkFlow(t)
	found, refDiags := b.scope.resolve(b.Graph, t.references(), t.Block.ForEach != nil)
	diags = append(diags, refDiags...)
	conditional := t.Block.When != nil && !b.scope.isStatic(t.Block.When.Variables())
	if conditional && t.Block.Addr.Kind != addr.Task {
		diags = append(diags, errorf(t.Block.When.Range(), "Invalid when", "Only the when of a task may depend on other blocks."))
	}
	from, to := addrsOf(t.from), addrsOf(t.to)
	wanted := slices.Concat(found.addrs, from, to)
	for _, r := range t.Block.DependsOn {
		if diag := b.checkDeclared(r.Addr, r.Range); diag != nil {
			diags = append(diags, diag)
		}
		wanted = append(wanted, r.Addr)
	}
	for _, a := range b.instances[t.Block.Addr] {
		n, ok := b.nodes[a]
		if !ok {
			continue
		}
		n.refs, n.Conditional, n.From, n.To = found, conditional, from, to
		for _, other := range wanted {
			b.edges(a, other)
		}
	}
	return diags
}

// references returns what the expressions of a block name.
func (t *template) references() []hcl.Traversal {
	out := t.traversals()
	if t.Block.When != nil {
		out = append(out, t.Block.When.Variables()...)
	}
	return out
}

// edges makes a node depend on the instances that an address stands for.
func (b *builder) edges(from, to addr.Addr) {
	targets := []addr.Addr{to}
	if !to.Key.IsSet() {
		targets = b.instances[to]
	}
	for _, a := range targets {
		if _, ok := b.nodes[a]; ok {
			b.deps.DependsOn(from, a)
		}
	}
}
