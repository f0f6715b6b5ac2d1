package eval

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/lang"
)

// binding is a named value: a variable, a local or an output. One that needs
// no block, nor the time of a run, nor a secret that can't be had when the
// configuration is loaded, is settled once; the others are evaluated anew with
// the values of each driver.
type binding struct {
	name  string // in full, as in module.web.local.port
	rng   hcl.Range
	expr  hcl.Expression // nil where the value was given
	scope *scope         // that the expression is evaluated in
	each  map[string]cty.Value
	// finish makes what the expression comes to the value; nil leaves it as it
	// is.
	finish func(cty.Value) (cty.Value, hcl.Diagnostics)
	rules  []rule // of a variable

	stage  stage
	broken bool            // there is an error in it, which was reported
	value  cty.Value       // once it is settled; nil of a dynamic one
	absent hcl.Diagnostics // the secrets that could not be had to settle it, which made it dynamic
	refs   refs
	deps   []*binding
	diags  hcl.Diagnostics
}

// stage is how far the settling of a binding, or the expansion of a module,
// has come.
type stage int

const (
	untouched stage = iota
	begun
	done
)

// given makes a binding of a value that is known from the start.
func (s *scope) given(name string, rng hcl.Range, v cty.Value) *binding {
	s.graph.learnSettled(v)
	return &binding{name: name, rng: rng, value: v, stage: done}
}

func (b *binding) isDynamic() bool { return b.value == cty.NilVal }

// settle evaluates a binding and all that it refers to, or finds out that they
// need blocks. It keeps its own stack, because a chain of locals can be longer
// than the one of the processor should be.
func settle(first *binding) {
	stack := []*binding{first}
	for len(stack) > 0 {
		b := stack[len(stack)-1]
		if b.stage == untouched {
			b.begin()
		}
		next := slices.IndexFunc(b.deps, func(d *binding) bool { return d.stage != done })
		switch {
		case b.stage == done:
			stack = stack[:len(stack)-1]
		case next < 0:
			b.complete()
		case b.deps[next].stage == begun:
			breakCycle(stack, b.deps[next])
		default:
			b.deps = b.deps[next:] // those before are done
			stack = append(stack, b.deps[0])
		}
	}
}

// begin looks up what the expression names.
func (b *binding) begin() {
	b.stage = begun
	lang.Bound(b.expr)
	b.refs, b.diags = b.scope.lookup(b.expr.Variables(), b.each != nil)
	b.broken = b.diags.HasErrors()
	b.deps = b.refs.bindings()
}

// complete gives the binding its value, when all that it refers to has one.
func (b *binding) complete() {
	b.stage, b.deps = done, nil
	b.scope.finish(&b.refs)
	switch {
	case b.broken:
		b.value = cty.DynamicVal
	case b.refs.isStatic() && !isImpure(b.expr):
		e := &evaluation{}
		v := e.evaluate(b)
		absent, others := lang.SplitAbsent(e.diags)
		b.diags = append(b.diags, others...)
		b.broken = b.diags.HasErrors()
		if b.absent = absent; len(absent) > 0 && !b.broken {
			return // the evaluations to come ask again
		}
		b.value = v
		b.scope.graph.learnSettled(b.value)
	}
}

// breakCycle reports a circle that ends at the top of the stack and begins at
// first. None of those in it has a value.
func breakCycle(stack []*binding, first *binding) {
	members := stack[max(0, slices.Index(stack, first)):]
	for _, b := range members {
		b.stage, b.broken, b.value, b.deps = done, true, cty.DynamicVal, nil
	}
	at := members[0]
	text := circle(len(members), func(i int) (string, hcl.Range) { return members[i].name, members[i].rng })
	at.diags = append(at.diags, errorf(at.rng, "Cycle", "These refer to each other in a circle, so that none can be evaluated: %s.", text))
}

// evaluation is one evaluation of bindings with the values of a driver. Each
// binding has one value in it.
type evaluation struct {
	values Values
	done   map[*binding]cty.Value
	diags  hcl.Diagnostics
}

// context makes the scope of one expression, with no more in it than it
// refers to.
func (e *evaluation) context(s *scope, each map[string]cty.Value, r refs) *hcl.EvalContext {
	ctx := lang.WithBudget(s.base, s.graph.budgetOf(e.values))
	if each == nil && len(r.blocks) == 0 && len(r.roots) == 0 {
		return ctx
	}
	ctx.Variables = make(map[string]cty.Value, len(r.roots)+2)
	if each != nil {
		ctx.Variables["each"] = cty.ObjectVal(each)
	}
	s.addBlocks(ctx.Variables, r.blocks, e.values)
	for root, names := range r.roots {
		if names.fixed != cty.NilVal {
			ctx.Variables[root] = names.fixed
		} else {
			ctx.Variables[root] = names.object(e.value)
		}
	}
	return ctx
}

// value returns the value of a binding.
func (e *evaluation) value(b *binding) cty.Value {
	if !b.isDynamic() {
		return b.value
	}
	if v, ok := e.done[b]; ok {
		return v
	}
	if e.done == nil {
		e.done = make(map[*binding]cty.Value)
	}
	for _, dep := range b.chain() {
		if _, ok := e.done[dep]; !ok {
			e.done[dep] = e.evaluate(dep)
			e.checkRules(dep)
		}
	}
	return e.done[b]
}

// chain returns the dynamic bindings that b refers to, directly or not, each
// after those that it refers to itself, and b as the last.
func (b *binding) chain() []*binding {
	type visit struct {
		*binding
		leaving bool
	}
	var order []*binding
	seen := make(map[*binding]bool)
	stack := []visit{{b, false}}
	for len(stack) > 0 {
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		switch {
		case top.leaving:
			order = append(order, top.binding)
		case top.isDynamic() && !seen[top.binding]:
			seen[top.binding] = true
			stack = append(stack, visit{top.binding, true})
			for _, dep := range top.refs.bindings() {
				stack = append(stack, visit{dep, false})
			}
		}
	}
	return order
}

// evaluate evaluates the expression of a binding, all of whose bindings have a
// value.
func (e *evaluation) evaluate(b *binding) cty.Value {
	v, diags := lang.Evaluate(b.expr, answer(e.context(b.scope, b.each, b.refs), e.values, b.name))
	if e.diags = append(e.diags, diags...); diags.HasErrors() || b.finish == nil {
		return v
	}
	b.scope.graph.learn(v) // that it can't be converted may quote it
	v, diags = b.finish(v)
	e.diags = append(e.diags, diags...)
	return v
}

// settleAll settles all bindings, reports what is wrong with them, and checks
// what those refer to that nothing makes use of.
func (b *builder) settleAll() hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, s := range b.scopes {
		for _, group := range []map[string]*binding{s.variables, s.locals, s.outputs} {
			for _, name := range slices.Sorted(maps.Keys(group)) {
				one := group[name]
				settle(one)
				diags = append(diags, one.diags...)
				diags = append(diags, b.checkBlocksOf(one)...)
			}
		}
	}
	return diags
}

// checkBlocksOf reports blocks that a binding refers to and that there aren't.
func (b *builder) checkBlocksOf(one *binding) hcl.Diagnostics {
	if one.expr == nil {
		return nil
	}
	var diags hcl.Diagnostics
	for _, t := range one.expr.Variables() {
		if a, rest, ok := addr.FromTraversal(t); ok {
			if diag := one.scope.checkReference(a, rest, t.SourceRange()); diag != nil {
				one.broken = true
				diags = append(diags, diag)
			}
		}
	}
	return diags
}
