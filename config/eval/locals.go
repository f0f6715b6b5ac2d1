package eval

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/dag"
)

func localName(t hcl.Traversal) (string, bool) {
	if t.RootName() != "local" || len(t) < 2 {
		return "", false
	}
	step, ok := t[1].(hcl.TraverseAttr)
	return step.Name, ok
}

// evaluateLocals evaluates the locals that need no block, each after those
// that it refers to, and notes what the others refer to.
func (s *scope) evaluateLocals() hcl.Diagnostics {
	order, diags := s.localOrder()
	for _, name := range order {
		diags = append(diags, s.settleLocal(name)...)
	}
	s.base.Variables["local"] = cty.ObjectVal(s.settled)
	return diags
}

func (s *scope) localOrder() ([]string, hcl.Diagnostics) {
	g := dag.New(strings.Compare)
	for name, local := range s.config.Locals {
		g.Add(name)
		for _, t := range local.Expr.Variables() {
			other, ok := localName(t)
			if _, declared := s.config.Locals[other]; ok && declared {
				g.DependsOn(name, other)
			}
		}
	}
	order, err := g.Order()
	if cycle, ok := errors.AsType[*dag.CycleError[string]](err); ok {
		return nil, s.localCycle(cycle.Path)
	}
	return order, nil
}

// localCycle reports a cycle. No local has a value then.
func (s *scope) localCycle(path []string) hcl.Diagnostics {
	var text strings.Builder
	for _, name := range path {
		fmt.Fprintf(&text, "local.%s (%s) -> ", name, place(s.config.Locals[name].Expr.Range()))
	}
	for name := range s.config.Locals {
		s.settled[name] = cty.DynamicVal
	}
	return hcl.Diagnostics{errorf(s.config.Locals[path[0]].Expr.Range(), "Cycle", "These locals refer to each other in a circle, so that none can be evaluated: %slocal.%s.", text.String(), path[0])}
}

// settleLocal evaluates a local, or notes it as dynamic.
func (s *scope) settleLocal(name string) hcl.Diagnostics {
	expr := s.config.Locals[name].Expr
	lang.Bound(expr)
	names := expr.Variables()
	diags := s.checkNames(names, false)
	if !s.isStatic(names) {
		s.dynamic[name] = len(s.dynamic)
		return diags
	}
	s.settled[name] = cty.DynamicVal
	if diags.HasErrors() {
		return diags
	}
	ctx := lang.WithAccount(s.base)
	ctx.Variables = map[string]cty.Value{"local": s.chosenLocals(s.gather(names), nil)}
	v, diags := lang.Evaluate(expr, ctx)
	s.settled[name] = v
	return diags
}

// chosenLocals is an object of the settled locals that r names and of others.
func (s *scope) chosenLocals(r refs, others map[string]cty.Value) cty.Value {
	chosen := maps.Clone(others)
	if chosen == nil {
		chosen = make(map[string]cty.Value, len(r.settled))
	}
	for _, name := range r.settled {
		if v, ok := s.settled[name]; ok {
			chosen[name] = v
		}
	}
	return cty.ObjectVal(chosen)
}

// addLocals evaluates the dynamic locals, which r lists in an order in which
// each comes after those it refers to.
func (s *scope) addLocals(ctx *hcl.EvalContext, r refs) hcl.Diagnostics {
	values := make(map[string]cty.Value, len(r.locals))
	var diags hcl.Diagnostics
	for _, name := range r.locals {
		ctx.Variables["local"] = s.chosenLocals(r, values)
		v, localDiags := lang.Evaluate(s.config.Locals[name].Expr, ctx)
		diags = append(diags, localDiags...)
		values[name] = v
	}
	ctx.Variables["local"] = s.chosenLocals(r, values)
	return diags
}

// checkLocals reports what dynamic locals refer to and isn't there: a local
// that nothing uses is checked, too.
func (b *builder) checkLocals() hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, name := range slices.Sorted(maps.Keys(b.scope.dynamic)) {
		for _, t := range b.Config.Locals[name].Expr.Variables() {
			if a, rest, ok := addr.FromTraversal(t); ok {
				if diag := b.checkReference(a, rest, t.SourceRange()); diag != nil {
					diags = append(diags, diag)
				}
			}
		}
	}
	return diags
}
