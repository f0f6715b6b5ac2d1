package eval

import (
	"context"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin"
)

// Validator asks the provider of a type what it says of a configuration.
type Validator interface {
	Validate(ctx context.Context, t plugin.TypeRef, cfg cty.Value) plugin.Diagnostics
}

// Validate evaluates every instance with what is known without looking at
// the host or the network, and has the providers judge it. That secrets can't be
// had for now is no mistake: what needs them is unknown.
func (g *Graph) Validate(ctx context.Context, v Validator) hcl.Diagnostics {
	var diags hcl.Diagnostics
	values := newFrugal(g.Static())
	reported := make(map[addr.Addr]bool) // blocks: their instances would only say it again
	for _, n := range g.Order() {
		if g.damaged[n.Addr.Block()] == unresolved {
			continue
		}
		_, nodeDiags := lang.SplitAbsent(g.validateNode(ctx, n, values, v))
		if block := n.Addr.Block(); len(nodeDiags) > 0 && !reported[block] {
			reported[block] = true
			diags = append(diags, nodeDiags...)
		}
	}
	_, outputDiags := g.Outputs(values)
	_, outputDiags = lang.SplitAbsent(outputDiags)
	diags = append(diags, outputDiags...)
	diags = append(diags, CheckOwners(g.Claims())...)
	return append(diags, CheckTriggered(g.Claims())...)
}

func (g *Graph) validateNode(ctx context.Context, n *Node, values frugal, v Validator) hcl.Diagnostics {
	if n.Addr.Kind == addr.Pipeline {
		return g.validateStages(ctx, n, values, v)
	}
	diags := g.static().diags[n.Addr]
	if evaluated, ok := g.static().evaluated[n.Addr]; ok && g.damaged[n.Addr.Block()] == 0 {
		diags = append(diags, g.Locate(n, v.Validate(ctx, n.Type.Ref, evaluated.Config))...)
	}
	if n.Conditional {
		_, whenDiags := g.When(n, values)
		diags = append(diags, whenDiags...)
	}
	return append(diags, g.validateChecks(n, values)...)
}

func (g *Graph) validateStages(ctx context.Context, n *Node, values frugal, v Validator) hcl.Diagnostics {
	stages, diags := g.EvalStages(n, values)
	if isWrong(diags) || g.damaged[n.Addr.Block()] != 0 {
		return diags
	}
	for i, stage := range stages {
		diags = append(diags, g.LocateStage(n, n.Stages[i], v.Validate(ctx, n.Stages[i].Type.Ref, stage.Config))...)
	}
	return diags
}

// ValueMap is the [Values] of a driver. It is safe for concurrent use.
type ValueMap struct {
	moment *lang.Moment
	mu     sync.RWMutex
	values map[addr.Addr]cty.Value
}

// NewValues returns an empty map.
func NewValues() *ValueMap { return &ValueMap{values: make(map[addr.Addr]cty.Value)} }

// NewValuesAt returns an empty map whose driver has come to a moment, so that the
// functions of time and chance have answers.
func NewValuesAt(m *lang.Moment) *ValueMap {
	values := NewValues()
	values.moment = m
	return values
}

// Moment returns the moment of the driver, nil where there is none.
func (m *ValueMap) Moment() *lang.Moment { return m.moment }

// Value returns the value of an instance.
func (m *ValueMap) Value(a addr.Addr) (cty.Value, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	v, ok := m.values[a]
	return v, ok
}

// Put sets the value of an instance.
func (m *ValueMap) Put(a addr.Addr, v cty.Value) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[a] = v
}
