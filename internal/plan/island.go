package plan

import (
	"slices"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
)

// Island is a set of tasks and sources of values that have nothing to do with
// those of another island: no reference leads from one to the other, and no
// path is in both. Islands can be planned and applied side by side.
type Island struct {
	Nodes []*eval.Node // in the order of the graph
	// Lanes are its tasks, those together that can't be run side by side: one
	// depends on the other, by whatever way that doesn't merely begin at the
	// same source, or they share a path. They are in the order of the graph.
	Lanes [][]addr.Addr
}

// Islands parts the tasks and the sources of values of a graph.
func Islands(g *eval.Graph, canonical func(string) string) []Island {
	sets, lanes := make(disjoint), make(disjoint)
	var members []*eval.Node
	var roots []addr.Addr
	for _, n := range g.Order() {
		isData := n.Addr.Kind == addr.Source && !n.Type.Emits
		isTask := n.Addr.Kind == addr.Task && n.Meta.Enforcement != eval.Off
		if isData || isTask {
			members = append(members, n)
			roots = append(roots, n.Addr)
		}
	}
	// A reference may lead through a block that is no member itself.
	for _, a := range g.Dependencies().Closure(roots...) {
		for _, dep := range g.Dependencies().Deps(a) {
			sets.join(a, dep)
			if !beginsAtSources(g, dep) {
				lanes.join(a, dep)
			}
		}
	}
	claims := canonicalClaims(g, canonical)
	joinPaths(sets, claims)
	joinPaths(lanes, claims)
	index := make(map[addr.Addr]int)
	var islands []Island
	for _, n := range members {
		root := sets.find(n.Addr)
		if _, ok := index[root]; !ok {
			index[root] = len(islands)
			islands = append(islands, Island{})
		}
		islands[index[root]].Nodes = append(islands[index[root]].Nodes, n)
	}
	for i := range islands {
		islands[i].Lanes = lanes.partTasks(islands[i].Nodes)
	}
	return islands
}

// beginsAtSources reports whether a block is a source that no task
// comes before, neither by itself nor by another block.
func beginsAtSources(g *eval.Graph, a addr.Addr) bool {
	return a.Kind == addr.Source && !slices.ContainsFunc(g.Dependencies().Closure(a), func(dep addr.Addr) bool { return dep.Kind == addr.Task })
}

// partTasks returns the tasks among nodes, each with those of its set.
func (d disjoint) partTasks(nodes []*eval.Node) [][]addr.Addr {
	index := make(map[addr.Addr]int)
	var parts [][]addr.Addr
	for _, n := range nodes {
		if n.Addr.Kind != addr.Task {
			continue
		}
		root := d.find(n.Addr)
		if _, ok := index[root]; !ok {
			index[root] = len(parts)
			parts = append(parts, nil)
		}
		parts[index[root]] = append(parts[index[root]], n.Addr)
	}
	return parts
}

// joinPaths joins the tasks whose paths are the same or lie in one another.
func joinPaths(sets disjoint, claims []eval.Claim) {
	first := make(map[string]addr.Addr)
	for _, c := range claims {
		if _, ok := first[c.Path]; !ok {
			first[c.Path] = c.Node.Addr
		}
		sets.join(c.Node.Addr, first[c.Path])
	}
	for at, a := range first {
		for dir := range dirsAbove(at) {
			if above, ok := first[dir]; ok {
				sets.join(a, above)
				break
			}
		}
	}
}

// disjoint are sets of addresses that grow together. Each address points to
// another of its set, or is the one that stands for the set.
type disjoint map[addr.Addr]addr.Addr

func (d disjoint) find(a addr.Addr) addr.Addr {
	root := a
	for next, ok := d[root]; ok && next != root; next, ok = d[root] {
		root = next
	}
	for a != root {
		a, d[a] = d[a], root
	}
	return root
}

func (d disjoint) join(a, b addr.Addr) {
	if a, b = d.find(a), d.find(b); a != b {
		d[a] = b
	}
}
