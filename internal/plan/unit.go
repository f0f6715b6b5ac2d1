package plan

import (
	"cmp"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/dag"
)

// unit is what is planned and applied in one go: a source, a task, or all
// tasks of one path: first the one that owns it, then the edits. Together
// they read the file once, and write it once.
type unit struct {
	id      addr.Addr // of the first member
	members []*eval.Node
}

// isTask reports whether the unit becomes a step of a plan.
func (u *unit) isTask() bool {
	return isEnabledTask(u.members[0])
}

// units is the graph of the units of a session.
type units struct {
	byID   map[addr.Addr]*unit
	byNode map[addr.Addr]*unit
	byPath map[string][]*unit // the units that claim a path, mostly one
	graph  *dag.Graph[addr.Addr]
	order  []addr.Addr
	// leftOut counts the enabled tasks that are not planned.
	leftOut int
}

// buildUnits takes the tasks, and all that they depend on, from the graph.
// canonical gives all spellings of a path one.
func buildUnits(g *eval.Graph, part Selection, canonical func(string) string) (*units, hcl.Diagnostics) {
	claims := canonicalClaims(g, canonical)
	if diags := eval.CheckOwners(claims); diags.HasErrors() {
		return nil, diags
	}
	if diags := eval.CheckTriggered(claims); diags.HasErrors() {
		return nil, diags
	}
	b := &unitBuilder{
		Graph:  g,
		claims: claims,
		units: &units{
			byID:   make(map[addr.Addr]*unit, len(claims)),
			byNode: make(map[addr.Addr]*unit, len(claims)),
			byPath: make(map[string][]*unit, len(claims)),
			graph:  dag.New(addr.Compare),
		},
	}
	b.choose(part)
	if diags := b.group(); diags.HasErrors() {
		return nil, diags
	}
	b.connect()
	b.orderPaths()
	order, err := b.units.graph.Order()
	if err != nil {
		return nil, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Cycle",
			Detail: "These tasks depend on each other in a circle: " + err.Error() + ". All tasks of one path count as one, because they are applied in one go. Remove one of the dependencies."}}
	}
	b.units.order = order
	return b.units, nil
}

func canonicalClaims(g *eval.Graph, canonical func(string) string) []eval.Claim {
	claims := g.Claims()
	for i := range claims {
		claims[i].Path = canonical(claims[i].Path)
	}
	return claims
}

type unitBuilder struct {
	*eval.Graph
	claims []eval.Claim
	chosen []*eval.Node
	units  *units
}

// choose takes the enabled tasks of a part of the configuration and what they
// depend on; of all of it, also what the outputs name. The tasks of one path
// are never parted: one alone would undo what others do.
func (b *unitBuilder) choose(part Selection) {
	var roots []addr.Addr
	for _, n := range b.Order() {
		if part.chooses(n) && (isEnabledTask(n) || n.Addr.Kind != addr.Task && !part.choosesAll()) {
			roots = append(roots, n.Addr)
		}
	}
	if part.choosesAll() {
		roots = append(roots, b.OutputDependencies()...)
	}
	needed := b.spread(roots, b.Dependencies().Closure)
	skipped := b.skipped(part)
	for _, n := range b.Order() {
		switch {
		case needed[n.Addr] && !skipped[n.Addr]:
			b.chosen = append(b.chosen, n)
		case isEnabledTask(n):
			b.units.leftOut++
		}
	}
}

func isEnabledTask(n *eval.Node) bool {
	return n.Addr.Kind == addr.Task && n.Meta.Enforcement != eval.Off
}

// skipped returns what is left out by its tags, and what depends on that.
func (b *unitBuilder) skipped(part Selection) map[addr.Addr]bool {
	var roots []addr.Addr
	for _, n := range b.Order() {
		if part.skips(n) {
			roots = append(roots, n.Addr)
		}
	}
	return b.spread(roots, b.Dependencies().Dependents)
}

// spread returns what follows from the roots, and from the other tasks of a
// path where one of them is among it.
func (b *unitBuilder) spread(roots []addr.Addr, follow func(...addr.Addr) []addr.Addr) map[addr.Addr]bool {
	reached := make(map[addr.Addr]bool, len(roots))
	for len(roots) > 0 {
		for _, a := range follow(roots...) {
			reached[a] = true
		}
		roots = b.partners(reached)
	}
	return reached
}

// partners returns the tasks that claim the path of a needed one and are not
// needed themselves yet.
func (b *unitBuilder) partners(needed map[addr.Addr]bool) []addr.Addr {
	paths := make(map[string]bool, len(b.claims))
	for _, c := range b.claims {
		if needed[c.Node.Addr] {
			paths[c.Path] = true
		}
	}
	var out []addr.Addr
	for _, c := range b.claims {
		if paths[c.Path] && !needed[c.Node.Addr] {
			out = append(out, c.Node.Addr)
		}
	}
	return out
}

func (b *unitBuilder) add(members ...*eval.Node) *unit {
	u := &unit{id: members[0].Addr, members: members}
	b.units.byID[u.id] = u
	b.units.graph.Add(u.id)
	for _, n := range members {
		b.units.byNode[n.Addr] = u
	}
	return u
}

// connect carries the edges between nodes over to their units.
func (b *unitBuilder) connect() {
	for _, n := range b.chosen {
		from := b.units.byNode[n.Addr]
		for _, dep := range b.Dependencies().Deps(n.Addr) {
			if to := b.units.byNode[dep]; to != nil && to != from {
				b.units.graph.DependsOn(from.id, to.id)
			}
		}
	}
}

// sort puts diagnostics into the order of the units. Those that are about no
// unit come last.
func (u *units) sort(diags hcl.Diagnostics) {
	at := make(map[addr.Addr]int)
	for _, id := range u.order {
		for _, n := range u.byID[id].members {
			at[n.Addr] = len(at)
		}
	}
	place := func(d *hcl.Diagnostic) int {
		if origin, ok := d.Extra.(eval.Origin); ok {
			return at[origin.Addr]
		}
		return len(at)
	}
	slices.SortStableFunc(diags, func(a, b *hcl.Diagnostic) int { return cmp.Compare(place(a), place(b)) })
}

// claims reports whether a unit is known to claim a path.
func (u *units) claims(path string, one *unit) bool {
	return slices.Contains(u.byPath[path], one)
}
