// Package eval turns a configuration and the schemas of the types it uses
// into a graph of instances, and each instance's body into a value.
//
// for_each may use only what is known when the configuration is loaded, so
// there is one graph, and it is the same for validate, plan, apply and the
// agent. What differs between them is only where the values of other blocks
// come from: see [Values].
package eval

import (
	"cmp"
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/dag"
	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Types knows the types that blocks can have.
type Types interface {
	// Type returns the type that a provider offers under a reference.
	Type(ref plugin.TypeRef) (plugin.Type, bool)
	// Names returns the names of all types of a kind, sorted.
	Names(kind plugin.Kind) []string
}

// Values are the values of instances as far as a driver has come: unknown
// ones in validate, planned ones in plan, real ones in apply and the agent.
type Values interface {
	// Value returns false where the instance has none yet.
	Value(a addr.Addr) (cty.Value, bool)
}

// Graph is a configuration whose instances and references are resolved.
type Graph struct {
	Config *config.Config
	Agent  Agent

	types     Types
	inputs    Inputs
	scopes    []*scope // of the configuration itself and of all instances of modules
	bases     map[*config.Config]*hcl.EvalContext
	facts     cty.Value                   // those that the configuration names
	blocks    map[addr.Addr]*config.Block // of all scopes
	nodes     map[addr.Addr]*Node
	instances map[addr.Addr][]addr.Addr // of each block, by key; none where they could not be told
	damaged   map[addr.Addr]damage      // blocks that have errors
	deps      *dag.Graph[addr.Addr]
	order     []addr.Addr

	loading   lang.Budget // of the expressions that are settled when the graph is made
	hidden    *redact.Redactor
	sensitive []string // texts of the variables and of all that was settled

	static func() static // of every instance, made when it is first asked for
}

// Node is one instance of a block.
type Node struct {
	Addr   addr.Addr
	Block  *config.Block
	Type   plugin.Type // of a pipeline, none
	Meta   Meta
	Stages []*Stage // of a pipeline

	// From and To are the instances that a pipeline begins and ends at.
	From, To []addr.Addr
	// After are the instances that depends_on names, that of the block and
	// those of the modules that it is in.
	After []addr.Addr

	// Triggers are the instances of triggered_by; see [Node.IsTriggered].
	Triggers []addr.Addr

	// Conditional says that the block's when can't be judged before other
	// tasks were planned or applied; see [Graph.When].
	Conditional bool

	scope *scope
	each  map[string]cty.Value // the value of each, nil without for_each
	shape *shape
	refs  refs

	checks checks
}

// Stage is one step of a pipeline.
type Stage struct {
	Type  plugin.Type
	Range hcl.Range
	shape *shape
}

// Order returns all instances, each after those it depends on.
func (g *Graph) Order() []*Node {
	nodes := make([]*Node, len(g.order))
	for i, a := range g.order {
		nodes[i] = g.nodes[a]
	}
	return nodes
}

// Node returns an instance.
func (g *Graph) Node(a addr.Addr) (*Node, bool) {
	n, ok := g.nodes[a]
	return n, ok
}

// root is the scope of the configuration itself.
func (g *Graph) root() *scope { return g.scopes[0] }

// Dependencies returns the graph of addresses. It must not be changed.
func (g *Graph) Dependencies() *dag.Graph[addr.Addr] { return g.deps }

// IntervalOf is how often an agent looks at a task, at the least: of one with a
// schedule it is the longest time between two runs. It is 0 of any other block.
func (g *Graph) IntervalOf(n *Node) time.Duration {
	if n.Addr.Kind != addr.Task {
		return 0
	}
	return cmp.Or(n.Meta.Schedule.Interval(), n.Meta.Interval, g.Agent.TaskInterval)
}

// Static returns the values that instances have by their configuration alone:
// what they compute or read is unknown.
func (g *Graph) Static() Values { return g.static().values }

// static is what comes of evaluating every instance once, without looking at
// the host.
type static struct {
	values    *ValueMap
	evaluated map[addr.Addr]Evaluated // of those that have no errors
	diags     map[addr.Addr]hcl.Diagnostics
}

func (g *Graph) evaluateStatic() static {
	s := static{NewValues(), make(map[addr.Addr]Evaluated, len(g.order)), make(map[addr.Addr]hcl.Diagnostics)}
	values := newFrugal(s.values)
	for _, n := range g.Order() {
		if n.Addr.Kind == addr.Pipeline || g.damaged[n.Addr.Block()] == unresolved {
			continue
		}
		evaluated, diags := g.Eval(n, values)
		if _, diags = lang.SplitAbsent(diags); len(diags) > 0 {
			s.diags[n.Addr] = diags
		}
		if !diags.HasErrors() {
			s.evaluated[n.Addr] = evaluated
			s.values.Put(n.Addr, n.foreseen(evaluated))
		}
	}
	return s
}

// Evaluated is the configuration of an instance.
type Evaluated struct {
	// Config has the type of the schema and no marks.
	Config cty.Value
	// Marks are the paths within Config that are sensitive.
	Marks []cty.PathValueMarks
}

// Marked returns the configuration with its marks.
func (e Evaluated) Marked() cty.Value { return e.Config.MarkWithPaths(e.Marks) }

// Unset is a configuration in which the attributes that are not set are not
// known: a task or a source of values fills in what it finds.
func (n *Node) Unset(cfg cty.Value) cty.Value {
	attrs := cfg.AsValueMap()
	for i := range n.Type.Schema.Attributes {
		a := &n.Type.Schema.Attributes[i]
		if v := attrs[a.Name]; v.IsKnown() && v.IsNull() && !schema.IsExpr(a.Type) {
			attrs[a.Name] = cty.UnknownVal(a.Type)
		}
	}
	return cty.ObjectVal(attrs)
}

// foreseen is what others can know of an instance by its configuration alone.
// Blocks that neither do nor read anything are no more than that.
func (n *Node) foreseen(e Evaluated) cty.Value {
	if n.Addr.Kind == addr.Task || n.Addr.Kind == addr.Source && !n.Type.Emits {
		e.Config = n.Unset(e.Config)
	}
	return e.Marked()
}

// Eval evaluates the arguments of an instance. Where secrets can't be had for
// now, which is an error too, what needs them is unknown.
func (g *Graph) Eval(n *Node, values Values) (Evaluated, hcl.Diagnostics) {
	ctx, diags := n.scope.context(n.each, n.refs, values)
	if isWrong(diags) {
		return Evaluated{Config: cty.DynamicVal}, diags
	}
	v, valueDiags := n.shape.value(answer(ctx, values, n.Addr.String()))
	v = n.hide(v)
	g.learn(v)
	return unmark(v), attributeTo(append(diags, valueDiags...), n.Addr)
}

// isWrong reports whether there are errors other than that secrets can't be had
// for now.
func isWrong(diags hcl.Diagnostics) bool {
	_, others := lang.SplitAbsent(diags)
	return others.HasErrors()
}

// EvalStages evaluates the stages of a pipeline.
func (g *Graph) EvalStages(n *Node, values Values) ([]Evaluated, hcl.Diagnostics) {
	ctx, diags := n.scope.context(n.each, n.refs, values)
	if isWrong(diags) {
		return nil, diags
	}
	ctx = answer(ctx, values, n.Addr.String()+" stages")
	out := make([]Evaluated, len(n.Stages))
	for i, s := range n.Stages {
		v, stageDiags := s.shape.value(ctx)
		g.learn(v)
		diags = append(diags, stageDiags...)
		out[i] = unmark(v)
	}
	return out, attributeTo(diags, n.Addr)
}

// When evaluates the condition of an instance: an unknown bool where it can't
// be judged yet.
func (g *Graph) When(n *Node, values Values) (cty.Value, hcl.Diagnostics) {
	if n.Block.When == nil {
		return cty.True, nil
	}
	ctx, diags := n.scope.context(n.each, n.refs, values)
	if diags.HasErrors() {
		return cty.UnknownVal(cty.Bool), diags
	}
	return condition(n.Block.When, answer(ctx, values, n.Addr.String()+" when"))
}

// Outputs evaluates the outputs, with their marks.
func (g *Graph) Outputs(values Values) (map[string]cty.Value, hcl.Diagnostics) {
	out := make(map[string]cty.Value, len(g.Config.Outputs))
	var diags hcl.Diagnostics
	for name, o := range g.root().outputs {
		if o.broken {
			continue
		}
		e := &evaluation{values: values}
		v := e.value(o)
		if diags = append(diags, e.diags...); !e.diags.HasErrors() {
			out[name] = v
		}
	}
	return out, diags
}

func unmark(v cty.Value) Evaluated {
	unmarked, marks := v.UnmarkDeepWithPaths()
	return Evaluated{unmarked, marks}
}

// Origin is attached to diagnostics that come from one instance.
type Origin struct{ Addr addr.Addr }

func attributeTo(diags hcl.Diagnostics, a addr.Addr) hcl.Diagnostics {
	for _, d := range diags {
		if d.Extra == nil {
			d.Extra = Origin{a}
		}
	}
	return diags
}

func errorf(subject hcl.Range, summary, detail string, args ...any) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(detail, args...), Subject: &subject}
}
