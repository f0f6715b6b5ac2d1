package eval

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/addr"
)

// IsTriggered reports whether the node is applied only in a run in which one
// of its triggers changed, even where it has none because a when or a for_each
// leaves them out.
func (n *Node) IsTriggered() bool { return len(n.Block.TriggeredBy) > 0 }

// checkTrigger judges one of the triggered_by of a block.
func (t *template) checkTrigger(r config.Reference) *hcl.Diagnostic {
	switch {
	case t.Block.Addr.Kind == addr.Task && r.Addr.Kind == addr.Task:
		return nil
	case t.Block.Addr.Kind == addr.Task && r.Addr.IsModule():
		return errorf(r.Range, "Invalid triggered_by", "%s is a module, and a task is triggered by tasks. Name those of the module, as in %s.task.TYPE.NAME.", r.Addr, r.Addr)
	}
	return errorf(r.Range, "Invalid triggered_by", "Only a task can be triggered, and only by a task. What merely has to come first belongs into depends_on.")
}

// CheckTriggered reports triggered tasks that share a path with others: where
// nothing triggers them they take no part, and what they did would be undone.
func CheckTriggered(claims []Claim) hcl.Diagnostics {
	byPath := make(map[string][]Claim)
	for _, c := range claims {
		byPath[c.Path] = append(byPath[c.Path], c)
	}
	var diags hcl.Diagnostics
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		list := byPath[path]
		at := slices.IndexFunc(list, func(c Claim) bool { return c.Node.IsTriggered() })
		if at < 0 || len(list) == 1 {
			continue
		}
		one, other := list[at], list[0]
		if at == 0 {
			other = list[1]
		}
		diags = append(diags, attributeTo(hcl.Diagnostics{errorf(one.Range, "Triggered task on a shared path",
			"%s is also the path of %s, at %s. The tasks of one path are applied as one, so none of them can wait for a trigger. Remove triggered_by, or leave the path to one of them.",
			path, other.Node.Addr, other.Range)}, one.Node.Addr)...)
	}
	return diags
}
