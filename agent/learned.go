package agent

import (
	"maps"
	"sync"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/config/lang"
)

// learned are the last values that tasks and sources of values have come to.
// What a run could not find out stays as it was, so that a task that fails
// once doesn't take a sink down that uses what it said before.
type learned struct {
	// moment is when the agent was started: for what runs on, the time must
	// not be another one with each reload.
	moment *lang.Moment

	mu     sync.Mutex
	values map[addr.Addr]cty.Value
}

func newLearned(started time.Time) *learned {
	moment := lang.NewMoment(started)
	moment.Apply(started)
	return &learned{moment: moment, values: make(map[addr.Addr]cty.Value)}
}

// put takes over a value and reports whether that is news.
func (l *learned) put(a addr.Addr, v cty.Value) (news bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old, known := l.values[a]
	if known {
		v = merge(old, v)
		if v.RawEquals(old) {
			return false
		}
	}
	l.values[a] = v
	return true
}

// merge returns v with the attributes of old where those of v aren't known.
func merge(old, v cty.Value) cty.Value {
	if v.IsMarked() || v.IsWhollyKnown() || !isObject(old) || !isObject(v) {
		return v
	}
	attrs := v.AsValueMap()
	for name, attr := range attrs {
		if !attr.IsWhollyKnown() && old.Type().HasAttribute(name) {
			attrs[name] = old.GetAttr(name)
		}
	}
	return cty.ObjectVal(attrs)
}

func isObject(v cty.Value) bool {
	return !v.IsMarked() && v.IsKnown() && !v.IsNull() && v.Type().IsObjectType()
}

// keep forgets what is not in a graph.
func (l *learned) keep(graph *eval.Graph) {
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.values, func(a addr.Addr, _ cty.Value) bool {
		_, ok := graph.Node(a)
		return !ok
	})
}

func (l *learned) value(a addr.Addr) (cty.Value, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v, ok := l.values[a]
	return v, ok
}

// valuesFor returns the values that an instance may refer to, as far as they
// are known by now.
func (l *learned) valuesFor(graph *eval.Graph, n *eval.Node) *eval.ValueMap {
	values := eval.NewValuesAt(l.moment)
	needed := make(map[addr.Addr]bool)
	for _, a := range graph.Dependencies().Closure(n.Addr) {
		needed[a] = a != n.Addr
	}
	for _, dep := range graph.Order() {
		if needed[dep.Addr] {
			l.give(graph, dep, values)
		}
	}
	return values
}

// give puts the value of an instance into values: what it has learned, or of
// a block that learns nothing its configuration. An error in that is reported
// where the block itself is evaluated.
func (l *learned) give(graph *eval.Graph, n *eval.Node, values *eval.ValueMap) {
	if v, ok := l.value(n.Addr); ok {
		values.Put(n.Addr, v)
		return
	}
	if learns(n) || n.Addr.Kind == addr.Pipeline {
		return
	}
	if evaluated, diags := graph.Eval(n, values); !diags.HasErrors() {
		values.Put(n.Addr, evaluated.Marked())
	}
}

// learns reports whether a run of the block tells its value: that of a task
// that isn't left out, or of a source of values.
func learns(n *eval.Node) bool {
	return n.Addr.Kind == addr.Task && n.Meta.Enforcement != eval.Off || isData(n)
}

// isData reports whether a block is a source of values.
func isData(n *eval.Node) bool { return n.Addr.Kind == addr.Source && !n.Type.Emits }
