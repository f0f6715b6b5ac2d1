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
	b.choose(targets)
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

// choose takes the enabled tasks, or the targets, and what they depend on.
func (b *unitBuilder) choose(targets []addr.Addr) {
	var roots []addr.Addr
	for _, n := range b.Order() {
		wanted := len(targets) == 0 || slices.Contains(targets, n.Addr) || slices.Contains(targets, n.Addr.Block())
		if n.Addr.Kind == addr.Task && n.Meta.Enforcement != eval.Off && wanted {
			roots = append(roots, n.Addr)
		}
	}
	needed := make(map[addr.Addr]bool)
	for _, a := range b.Dependencies().Closure(roots...) {
		needed[a] = true
	}
	for _, n := range b.Order() {
		if needed[n.Addr] && n.Meta.Enforcement != eval.Off {
			b.chosen = append(b.chosen, n)
		}
	}
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
