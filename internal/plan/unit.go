package plan

import (
	"cmp"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/dag"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// unit is what is planned and applied in one go: a source, a task, or all
// tasks of one path: first the one that owns it, then the edits. Together
// they read the file once, and write it once.
type unit struct {
	id      addr.Addr // of the first member
	members []*eval.Node
}

// units is the graph of the units of a session.
type units struct {
	byID  map[addr.Addr]*unit
	graph *dag.Graph[addr.Addr]
	order []addr.Addr
	paths []string // all that a task claims
}

// buildUnits takes the tasks, and all that they depend on, from the graph.
// canonical gives all spellings of a path one.
func buildUnits(g *eval.Graph, targets []addr.Addr, canonical func(string) string) (*units, hcl.Diagnostics) {
	claims := g.Claims(eval.NewValues())
	for i := range claims {
		claims[i].Path = canonical(claims[i].Path)
	}
	if diags := eval.CheckOwners(claims); diags.HasErrors() {
		return nil, diags
	}
	b := &unitBuilder{
		Graph:  g,
		unitOf: make(map[addr.Addr]*unit),
		units:  &units{byID: make(map[addr.Addr]*unit), graph: dag.New(addr.Compare)},
	}
	b.choose(targets, claims)
	paths := b.group(claims)
	b.connect()
	b.orderPaths(paths)
	order, err := b.units.graph.Order()
	if err != nil {
		return nil, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Cycle", Detail: err.Error()}}
	}
	b.units.order = order
	for _, c := range claims {
		b.units.paths = append(b.units.paths, c.Path)
	}
	return b.units, nil
}

type unitBuilder struct {
	*eval.Graph
	chosen []*eval.Node
	unitOf map[addr.Addr]*unit
	units  *units
}

// choose takes the enabled tasks, or the targets, and what they depend on. The
// tasks of one path are never parted: one alone would undo what others do.
func (b *unitBuilder) choose(targets []addr.Addr, claims []eval.Claim) {
	var roots []addr.Addr
	for _, n := range b.Order() {
		wanted := len(targets) == 0 || slices.Contains(targets, n.Addr) || slices.Contains(targets, n.Addr.Block())
		if n.Addr.Kind == addr.Task && n.Meta.Enforcement != eval.Off && wanted {
			roots = append(roots, n.Addr)
		}
	}
	needed := make(map[addr.Addr]bool)
	for len(roots) > 0 {
		for _, a := range b.Dependencies().Closure(roots...) {
			needed[a] = true
		}
		roots = partners(claims, needed)
	}
	for _, n := range b.Order() {
		if needed[n.Addr] && n.Meta.Enforcement != eval.Off {
			b.chosen = append(b.chosen, n)
		}
	}
}

// partners returns the tasks that claim the path of a needed one and are not
// needed themselves yet.
func partners(claims []eval.Claim, needed map[addr.Addr]bool) []addr.Addr {
	paths := make(map[string]bool)
	for _, c := range claims {
		if needed[c.Node.Addr] {
			paths[c.Path] = true
		}
	}
	var out []addr.Addr
	for _, c := range claims {
		if paths[c.Path] && !needed[c.Node.Addr] {
			out = append(out, c.Node.Addr)
		}
	}
	return out
}

// group makes the units, and returns them by the path that they claim.
func (b *unitBuilder) group(claims []eval.Claim) map[string]*unit {
	claimOf := make(map[addr.Addr]eval.Claim)
	byPath := make(map[string][]*eval.Node)
	for _, c := range claims {
		claimOf[c.Node.Addr] = c
	}
	for _, n := range b.chosen {
		if c, ok := claimOf[n.Addr]; ok {
			byPath[c.Path] = append(byPath[c.Path], n)
		}
	}
	paths := make(map[string]*unit)
	for path, members := range byPath {
		slices.SortStableFunc(members, func(a, b *eval.Node) int {
			return cmp.Compare(rank(claimOf[a.Addr].Claim), rank(claimOf[b.Addr].Claim))
		})
		if len(members) == 1 || b.interleaved(members) {
			for _, n := range members {
				b.add(n)
			}
			paths[path] = b.unitOf[members[0].Addr]
			continue
		}
		paths[path] = b.add(members...)
	}
	for _, n := range b.chosen {
		if b.unitOf[n.Addr] == nil {
			b.add(n)
		}
	}
	return paths
}

func rank(c schema.Claim) int {
	if c == schema.Owns {
		return 0
	}
	return 1
}

func (b *unitBuilder) add(members ...*eval.Node) *unit {
	u := &unit{id: members[0].Addr, members: members}
	b.units.byID[u.id] = u
	b.units.graph.Add(u.id)
	for _, n := range members {
		b.unitOf[n.Addr] = u
	}
	return u
}

// interleaved reports whether another block has to come between the tasks of
// one path, so that they can't be done in one go.
func (b *unitBuilder) interleaved(members []*eval.Node) bool {
	is := make(map[addr.Addr]bool)
	for _, n := range members {
		is[n.Addr] = true
	}
	for _, n := range members {
		for _, dep := range b.Dependencies().Deps(n.Addr) {
			if !is[dep] && slices.ContainsFunc(b.Dependencies().Closure(dep), func(a addr.Addr) bool { return is[a] }) {
				return true
			}
		}
	}
	return false
}

// connect carries the edges between nodes over to their units.
func (b *unitBuilder) connect() {
	for _, n := range b.chosen {
		from := b.unitOf[n.Addr]
		for _, dep := range b.Dependencies().Deps(n.Addr) {
			if to := b.unitOf[dep]; to != nil && to != from {
				b.units.graph.DependsOn(from.id, to.id)
			}
		}
	}
}

// orderPaths has what lies in a directory come after the task of the nearest
// directory above it, unless the configuration wants it the other way round.
func (b *unitBuilder) orderPaths(paths map[string]*unit) {
	for _, path := range sortedKeys(paths) {
		u := paths[path]
		for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
			if above, ok := paths[dir]; ok && above != u {
				if !b.units.graph.Reaches(above.id, u.id) {
					b.units.graph.DependsOn(u.id, above.id)
				}
				break
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
}

func sortedKeys(m map[string]*unit) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Island is a set of tasks and sources of values that have nothing to do with
// those of another island: no reference leads from one to the other, and no
// path is in both. Islands can be planned and applied side by side.
type Island struct {
	Nodes []*eval.Node // in the order of the graph
}

// Islands parts the tasks and the sources of values of a graph.
func Islands(g *eval.Graph, canonical func(string) string) []Island {
	parent := make(map[addr.Addr]addr.Addr)
	var find func(a addr.Addr) addr.Addr
	find = func(a addr.Addr) addr.Addr {
		if parent[a] != a {
			parent[a] = find(parent[a])
		}
		return parent[a]
	}
	var nodes []*eval.Node
	for _, n := range g.Order() {
		isData := n.Addr.Kind == addr.Source && !n.Type.Emits
		isTask := n.Addr.Kind == addr.Task && n.Meta.Enforcement != eval.Off
		if isData || isTask {
			nodes = append(nodes, n)
			parent[n.Addr] = n.Addr
		}
	}
	for _, n := range nodes {
		for _, dep := range g.Dependencies().Deps(n.Addr) {
			if _, ok := parent[dep]; ok {
				parent[find(n.Addr)] = find(dep)
			}
		}
	}
	joinPaths(g, canonical, func(a, b addr.Addr) { parent[find(a)] = find(b) })
	index := make(map[addr.Addr]int)
	var islands []Island
	for _, n := range nodes {
		root := find(n.Addr)
		if _, ok := index[root]; !ok {
			index[root] = len(islands)
			islands = append(islands, Island{})
		}
		islands[index[root]].Nodes = append(islands[index[root]].Nodes, n)
	}
	return islands
}

// joinPaths calls join for the tasks whose paths are the same or lie in one
// another.
func joinPaths(g *eval.Graph, canonical func(string) string, join func(a, b addr.Addr)) {
	owner := make(map[string]addr.Addr)
	claims := g.Claims(eval.NewValues())
	for i := range claims {
		claims[i].Path = canonical(claims[i].Path)
		if first, ok := owner[claims[i].Path]; ok {
			join(claims[i].Node.Addr, first)
		} else {
			owner[claims[i].Path] = claims[i].Node.Addr
		}
	}
	for path, a := range owner {
		for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
			if above, ok := owner[dir]; ok && dir != path {
				join(a, above)
				break
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
}
