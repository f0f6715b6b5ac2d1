package plan

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// group makes the units: the tasks of one path together, all else alone.
func (b *unitBuilder) group() hcl.Diagnostics {
	claimOf := make(map[*eval.Node]eval.Claim, len(b.claims))
	for _, c := range b.claims {
		claimOf[c.Node] = c
	}
	byPath := make(map[string][]*eval.Node, len(b.claims))
	for _, n := range b.chosen {
		if c, ok := claimOf[n]; ok {
			byPath[c.Path] = append(byPath[c.Path], n)
		}
	}
	var diags hcl.Diagnostics
	for _, at := range slices.Sorted(maps.Keys(byPath)) {
		members := byPath[at]
		slices.SortStableFunc(members, func(x, y *eval.Node) int {
			return cmp.Compare(rank(claimOf[x].Claim), rank(claimOf[y].Claim))
		})
		owned := claimOf[members[0]].Claim == schema.Owns
		diags = append(diags, b.groupPath(at, members, owned)...)
	}
	for _, n := range b.chosen {
		if b.units.byNode[n.Addr] == nil {
			b.add(n)
		}
	}
	return diags
}

func rank(c schema.Claim) int {
	if c == schema.Owns {
		return 0
	}
	return 1
}

// groupPath makes one unit of the tasks of a path. Edits with another block
// between them become a chain of units. With an owner that can't be: it would
// find the later edits undeclared, and undo them in every run.
func (b *unitBuilder) groupPath(at string, members []*eval.Node, owned bool) hcl.Diagnostics {
	if len(members) == 1 {
		b.units.byPath[at] = append(b.units.byPath[at], b.add(members[0]))
		return nil
	}
	if owned {
		if diags := b.checkOwnerFirst(at, members[0], members[1:]); diags.HasErrors() {
			return diags
		}
	}
	user, between := b.between(members)
	switch {
	case between == nil:
		b.units.byPath[at] = append(b.units.byPath[at], b.add(members...))
		return nil
	case owned:
		return hcl.Diagnostics{pathError(user, "Task between two tasks of one path",
			"%s has to come before %s and after another task of %s. All tasks of a path that one of them owns are applied in one go, so nothing can come between them. Remove one of the dependencies.", between.Addr, user.Addr, at)}
	}
	for i, n := range members {
		u := b.add(n)
		if i > 0 {
			b.units.graph.DependsOn(u.id, members[i-1].Addr)
		}
		b.units.byPath[at] = append(b.units.byPath[at], u)
	}
	return nil
}

// checkOwnerFirst refuses an owner that depends on an edit of what it owns.
func (b *unitBuilder) checkOwnerFirst(at string, owner *eval.Node, edits []*eval.Node) hcl.Diagnostics {
	before := b.Dependencies().Closure(owner.Addr)
	for _, e := range edits {
		if slices.Contains(before, e.Addr) {
			return hcl.Diagnostics{pathError(e, "Edit before the owner",
				"%s edits %s, and %s, which depends on it, decides all that is there: the edit would be lost. Remove the dependency; edits always come after the owner.", e.Addr, at, owner.Addr)}
		}
	}
	return nil
}

// between looks for a block that has to come between the tasks of one path. It
// returns it with the task that depends on it.
func (b *unitBuilder) between(members []*eval.Node) (user, between *eval.Node) {
	isMember := func(a addr.Addr) bool {
		return slices.ContainsFunc(members, func(n *eval.Node) bool { return n.Addr == a })
	}
	for _, n := range members {
		for _, dep := range b.Dependencies().Deps(n.Addr) {
			if !isMember(dep) && slices.ContainsFunc(b.Dependencies().Closure(dep), isMember) {
				between, _ := b.Node(dep)
				return n, between
			}
		}
	}
	return nil, nil
}

func pathError(n *eval.Node, summary, format string, args ...any) *hcl.Diagnostic {
	return &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...),
		Subject: &n.Block.Range, Extra: eval.Origin{Addr: n.Addr},
	}
}

// orderPaths has what lies in a directory come after the task of the nearest
// directory above it, unless the configuration wants it the other way round.
func (b *unitBuilder) orderPaths() {
	for _, at := range slices.Sorted(maps.Keys(b.units.byPath)) {
		above := b.nearestAbove(at)
		if above == nil {
			continue
		}
		for _, u := range b.units.byPath[at] {
			if u != above && !b.units.graph.Reaches(above.id, u.id) {
				b.units.graph.DependsOn(u.id, above.id)
			}
		}
	}
}

func (b *unitBuilder) nearestAbove(at string) *unit {
	for dir := range dirsAbove(at) {
		if units := b.units.byPath[dir]; len(units) > 0 {
			return units[0]
		}
	}
	return nil
}

// dirsAbove yields the directories that a clean absolute path lies in, the
// nearest first.
func dirsAbove(at string) func(yield func(dir string) bool) {
	return func(yield func(string) bool) {
		for at != "/" && at != "." {
			at = path.Dir(at)
			if !yield(at) {
				return
			}
		}
	}
}
