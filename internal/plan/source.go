package plan

import (
	"context"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin"
)

// readNode gives a block that is no step its values, and reports whether those
// that depend on it can go on. Of a source of values that is what it reads, of
// all else only the configuration is known.
func (s *Session) readNode(ctx context.Context, n *eval.Node) bool {
	if n.Addr.Kind == addr.Pipeline {
		return true
	}
	evaluated, diags := s.graph.Eval(n, s.values)
	if s.report(diags) != "" {
		return false
	}
	m := member{node: n, Evaluated: evaluated}
	s.values.Put(n.Addr, Mark(n, evaluated.Config, evaluated.Marks))
	if n.Addr.Kind != addr.Source || n.Type.Emits {
		return true
	}
	if !s.graph.Known(n, evaluated) {
		s.values.Put(n.Addr, Mark(n, n.Unset(evaluated.Config), evaluated.Marks))
		s.postpone(n.Addr)
		return true
	}
	v, ok := s.readSource(ctx, m)
	if ok {
		s.values.Put(n.Addr, Mark(n, v, evaluated.Marks))
	}
	return ok
}

func (s *Session) readSource(ctx context.Context, m member) (cty.Value, bool) {
	if s.Sources != nil {
		if v, ok := s.Sources(m.node.Addr, m.Config); ok {
			return v, true
		}
	}
	instance, diags := s.open(ctx, m)
	if s.report(diags) != "" {
		return cty.NilVal, false
	}
	data, ok := instance.(plugin.Data)
	if !ok {
		s.report(s.problem(m.node, "Provider failed", "The instance of %s has no values to read. This is a bug in the provider.", m.node.Type.Ref))
		return cty.NilVal, false
	}
	var v cty.Value
	problem := s.report(s.call(ctx, m, "read a source", func() (diags plugin.Diagnostics) {
		v, diags = data.Read(ctx)
		return diags
	}))
	if problem != "" {
		return cty.NilVal, false
	}
	if err := checkValue(m.node, m.Config, v); err != nil {
		s.report(s.problem(m.node, "Provider failed", "%s returned a value %s. This is a bug in the provider.", m.node.Type.Ref, err))
		return cty.NilVal, false
	}
	return v, true
}

// postpone leaves a source to be read at its turn in apply.
func (s *Session) postpone(a addr.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unread[a] = true
}

// catchUp reads a source that was postponed.
func (s *Session) catchUp(ctx context.Context, u *unit) bool {
	s.mu.Lock()
	unread := s.unread[u.id]
	delete(s.unread, u.id)
	s.mu.Unlock()
	if !unread {
		return true
	}
	ok := s.readNode(ctx, u.members[0])
	if s.isUnread(u.id) {
		s.report(s.problem(u.members[0], "Input still unknown", stillUnknown, u.id))
		return false
	}
	return ok
}

func (s *Session) isUnread(a addr.Addr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unread[a]
}
