package plan

import (
	"path"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/overlay"
	"github.com/driftless-hq/driftless/plugin"
)

// stillUnknown is what there is to say of inputs that never became known.
const stillUnknown = "All that %s depends on is done, and still one of its inputs is not known. What it refers to may only be reported, or be off."

// mustWait reports whether a task can be planned only at its turn in apply:
// because of its own inputs, or because of what its path lies in.
func (s *Session) mustWait(m member) bool {
	if m.conditional || !s.graph.Known(m.node, m.Evaluated) {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.unknown) == 0 {
		return false
	}
	for _, at := range m.paths() {
		for dir := range dirsAbove(s.host.Canonical(at)) {
			if s.unknown[dir] {
				return true
			}
		}
	}
	return false
}

// paths returns the paths that a task claims, as far as they are known.
func (m member) paths() []string {
	var paths []string
	for i := range m.node.Type.Schema.Attributes {
		a := &m.node.Type.Schema.Attributes[i]
		if a.Claim == "" {
			continue
		}
		if v := m.Config.GetAttr(a.Name); v.IsKnown() && !v.IsNull() && v.Type() == cty.String && path.IsAbs(v.AsString()) {
			paths = append(paths, path.Clean(v.AsString()))
		}
	}
	return paths
}

// unknown is what others see of a task that waits: what its configuration
// says. What isn't set is not known, as the task fills in what it finds; and
// nothing is, where the task may not take part.
func (m member) unknown() cty.Value {
	v := m.node.Unset(m.Config)
	if m.conditional {
		v = cty.UnknownVal(v.Type())
	}
	return Mark(m.node, v, m.Marks)
}

// deferStep leaves a step to be planned at its turn. What it learns is unknown to
// the tasks after it, and so is what it will have put at its path.
func (s *Session) deferStep(step *Step, host plugin.Host) {
	step.State = Deferred
	last := step.members[len(step.members)-1]
	step.Change = plugin.Change{
		Action:   plugin.Update,
		Fidelity: plugin.KnownAfterApply,
		Before:   cty.NullVal(last.Config.Type()),
		After:    last.Config,
	}
	for _, m := range step.members {
		s.values.Put(m.node.Addr, m.unknown())
		for _, at := range m.paths() {
			s.forget(at, host)
		}
	}
}

// forget makes unknown what is at a path. A directory that is there already is
// taken to stay one: a task that removes it would say so when it is planned.
func (s *Session) forget(at string, host plugin.Host) {
	file, err := host.Lstat(at)
	if err == nil && file.IsDir() {
		return
	}
	file.Type, file.Target, file.Unknown = 0, "", true
	host.Put(at, file, nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unknown[s.host.Canonical(at)] = true
}

// recall ends what [Session.forget] began: from now on one can look.
func (s *Session) recall(step *Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range step.members {
		for _, at := range m.paths() {
			delete(s.unknown, s.host.Canonical(at))
		}
	}
}

// checkLatePaths refuses a path that two units turn out to claim, where that
// couldn't be told by the configuration alone: each would undo what the other
// does.
func (s *Session) checkLatePaths(u *unit, m member) hcl.Diagnostics {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range m.paths() {
		at = s.host.Canonical(at)
		if s.units.claims(at, u) {
			continue
		}
		other := s.late[at]
		if known := s.units.byPath[at]; len(known) > 0 {
			other = known[0]
		}
		if other != nil && other != u {
			return s.problem(m.node, "Path known too late",
				"%s is also the path of %s. The tasks of one path have to be planned as one, and for that the path must be known when the configuration is loaded: write it so that it needs nothing that a task or a source learns.", at, other.id)
		}
		s.late[at] = u
	}
	return nil
}

// presentHost is the host as it really is, for a step that is planned at its
// turn in apply. What other tasks manage is known from the plan.
type presentHost struct {
	*overlay.Overlay
	planned *overlay.Overlay
}

var _ plugin.Host = presentHost{}

// Claimed reports whether a task manages the path, or has planned to make it.
func (h presentHost) Claimed(name string) bool { return h.planned.Claimed(name) }

// ClaimedBelow is Claimed for anything below the path.
func (h presentHost) ClaimedBelow(name string) bool { return h.planned.ClaimedBelow(name) }
