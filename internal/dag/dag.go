// Package dag is a directed graph of dependencies: it orders what depends on
// what, names a cycle by its path, and walks in parallel.
//
//	g := dag.New(strings.Compare)
//	g.DependsOn("service", "package")
//	order, err := g.Order() // package, service
package dag

import (
	"container/heap"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Graph holds nodes and what each of them depends on. It is not safe for
// concurrent change.
type Graph[K comparable] struct {
	compare func(a, b K) int
	index   map[K]int
	edges   map[[2]int]struct{}
	keys    []K
	deps    [][]int // deps[i] are the nodes that node i depends on
	users   [][]int // users[i] are the nodes that depend on node i
}

// New returns an empty graph. Where the dependencies leave a choice, compare
// decides, so that an order is always the same.
func New[K comparable](compare func(a, b K) int) *Graph[K] {
	return &Graph[K]{compare: compare, index: make(map[K]int), edges: make(map[[2]int]struct{})}
}

// Add puts a node into the graph.
func (g *Graph[K]) Add(k K) { g.node(k) }

func (g *Graph[K]) node(k K) int {
	if i, ok := g.index[k]; ok {
		return i
	}
	i := len(g.keys)
	g.index[k] = i
	g.keys = append(g.keys, k)
	g.deps = append(g.deps, nil)
	g.users = append(g.users, nil)
	return i
}

// DependsOn says that k comes after dep. Both are added where they are missing.
func (g *Graph[K]) DependsOn(k, dep K) {
	i, j := g.node(k), g.node(dep)
	if _, known := g.edges[[2]int{i, j}]; known {
		return
	}
	g.edges[[2]int{i, j}] = struct{}{}
	g.deps[i] = append(g.deps[i], j)
	g.users[j] = append(g.users[j], i)
}

// Has reports whether k is in the graph.
func (g *Graph[K]) Has(k K) bool {
	_, ok := g.index[k]
	return ok
}

// Len returns the number of nodes.
func (g *Graph[K]) Len() int { return len(g.keys) }

// Keys returns all nodes, sorted.
func (g *Graph[K]) Keys() []K { return g.sorted(slices.Clone(g.keys)) }

// Deps returns what k depends on directly, sorted.
func (g *Graph[K]) Deps(k K) []K { return g.neighbours(g.deps, k) }

// Users returns what depends on k directly, sorted.
func (g *Graph[K]) Users(k K) []K { return g.neighbours(g.users, k) }

func (g *Graph[K]) neighbours(edges [][]int, k K) []K {
	i, ok := g.index[k]
	if !ok {
		return nil
	}
	out := make([]K, len(edges[i]))
	for n, j := range edges[i] {
		out[n] = g.keys[j]
	}
	return g.sorted(out)
}

func (g *Graph[K]) sorted(keys []K) []K {
	slices.SortFunc(keys, g.compare)
	return keys
}

// Reaches reports whether k depends on target, directly or not.
func (g *Graph[K]) Reaches(k, target K) bool {
	i, ok := g.index[k]
	j, ok2 := g.index[target]
	if !ok || !ok2 {
		return false
	}
	seen := make([]bool, len(g.keys))
	stack := []int{i}
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, d := range g.deps[at] {
			if d == j {
				return true
			}
			if !seen[d] {
				seen[d] = true
				stack = append(stack, d)
			}
		}
	}
	return false
}

// Closure returns the given nodes and all that they depend on, sorted.
func (g *Graph[K]) Closure(keys ...K) []K { return g.spread(g.deps, keys) }

// Dependents returns the given nodes and all that depend on them, sorted.
func (g *Graph[K]) Dependents(keys ...K) []K { return g.spread(g.users, keys) }

func (g *Graph[K]) spread(edges [][]int, keys []K) []K {
	seen := make(map[int]bool)
	var stack []int
	push := func(i int) {
		if !seen[i] {
			seen[i] = true
			stack = append(stack, i)
		}
	}
	for _, k := range keys {
		if i, ok := g.index[k]; ok {
			push(i)
		}
	}
	var out []K
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		out = append(out, g.keys[i])
		for _, j := range edges[i] {
			push(j)
		}
	}
	return g.sorted(out)
}

// CycleError is the reason why a graph has no order.
type CycleError[K comparable] struct {
	Path []K // each depends on the next, the last on the first
}

func (e *CycleError[K]) Error() string {
	var text strings.Builder
	for _, k := range e.Path {
		fmt.Fprintf(&text, "%v -> ", k)
	}
	return fmt.Sprintf("%s%v", text.String(), e.Path[0])
}

// Order returns the nodes so that each comes after those it depends on. The
// error is a [*CycleError].
func (g *Graph[K]) Order() ([]K, error) {
	waiting := make([]int, len(g.keys))
	ready := &queue[K]{g: g}
	for i := range g.keys {
		if waiting[i] = len(g.deps[i]); waiting[i] == 0 {
			ready.items = append(ready.items, i)
		}
	}
	heap.Init(ready)
	order := make([]K, 0, len(g.keys))
	for ready.Len() > 0 {
		i := heap.Pop(ready).(int)
		order = append(order, g.keys[i])
		for _, user := range g.users[i] {
			if waiting[user]--; waiting[user] == 0 {
				heap.Push(ready, user)
			}
		}
	}
	if len(order) < len(g.keys) {
		return nil, &CycleError[K]{g.cycle(waiting)}
	}
	return order, nil
}

// cycle finds the shortest way round through the first node that is on one.
// Only nodes that still wait can be.
func (g *Graph[K]) cycle(waiting []int) []K {
	var stuck []int
	for i, n := range waiting {
		if n > 0 {
			stuck = append(stuck, i)
		}
	}
	slices.SortFunc(stuck, func(a, b int) int { return g.compare(g.keys[a], g.keys[b]) })
	for _, start := range stuck {
		if path := g.wayBack(start, waiting); path != nil {
			return path
		}
	}
	return nil
}

func (g *Graph[K]) wayBack(start int, waiting []int) []K {
	cameFrom := map[int]int{}
	front := []int{start}
	for len(front) > 0 {
		at := front[0]
		front = front[1:]
		for _, next := range g.deps[at] {
			if next == start {
				return g.pathTo(at, start, cameFrom)
			}
			if _, seen := cameFrom[next]; !seen && waiting[next] > 0 {
				cameFrom[next] = at
				front = append(front, next)
			}
		}
	}
	return nil
}

func (g *Graph[K]) pathTo(at, start int, cameFrom map[int]int) []K {
	path := []K{g.keys[at]}
	for at != start {
		at = cameFrom[at]
		path = append(path, g.keys[at])
	}
	slices.Reverse(path)
	return path
}

// queue is a heap of nodes in the graph's order.
type queue[K comparable] struct {
	g     *Graph[K]
	items []int
}

func (q *queue[K]) Len() int { return len(q.items) }
func (q *queue[K]) Less(a, b int) bool {
	return q.g.compare(q.g.keys[q.items[a]], q.g.keys[q.items[b]]) < 0
}
func (q *queue[K]) Swap(a, b int) { q.items[a], q.items[b] = q.items[b], q.items[a] }
func (q *queue[K]) Push(x any)    { q.items = append(q.items, x.(int)) }
func (q *queue[K]) Pop() any {
	last := q.items[len(q.items)-1]
	q.items = q.items[:len(q.items)-1]
	return last
}

// Walk calls visit for every node, after its dependencies and in parallel up
// to the limit. When visit returns false, what depends on the node is not
// visited; skip is called for it instead, with the nearest node that failed.
// After ctx has ended no further visit begins, and what was not visited is
// skipped with itself as the cause. Neither visit nor skip is called twice for
// a node. The graph must have an order.
func (g *Graph[K]) Walk(ctx context.Context, parallel int, visit func(ctx context.Context, k K) bool, skip func(k, cause K)) {
	w := &walk[K]{Graph: g, waiting: make([]int, len(g.keys)), cause: make([]int, len(g.keys)), ready: &queue[K]{g: g}}
	for i := range g.keys {
		w.cause[i] = -1
		if w.waiting[i] = len(g.deps[i]); w.waiting[i] == 0 {
			w.ready.items = append(w.ready.items, i)
		}
	}
	heap.Init(w.ready)
	w.run(ctx, max(parallel, 1), visit, skip)
}

type walk[K comparable] struct {
	*Graph[K]
	waiting []int
	cause   []int // the node whose failure keeps this one from being visited, -1 for none
	ready   *queue[K]
}

type visited struct {
	node int
	ok   bool
}

func (w *walk[K]) run(ctx context.Context, parallel int, visit func(context.Context, K) bool, skip func(k, cause K)) {
	// The workers stay for the whole walk: a visit may need a deep stack, and
	// it is grown once for each of them.
	work, done := make(chan int), make(chan visited)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer close(work)
	for range min(parallel, len(w.keys)) {
		workers.Go(func() {
			for i := range work {
				done <- visited{i, visit(ctx, w.keys[i])}
			}
		})
	}
	running := 0
	for w.ready.Len() > 0 || running > 0 {
		for w.ready.Len() > 0 && running < parallel {
			i := heap.Pop(w.ready).(int)
			switch {
			case w.cause[i] >= 0:
				skip(w.keys[i], w.keys[w.cause[i]])
				w.finish(visited{i, false})
			case ctx.Err() != nil:
				skip(w.keys[i], w.keys[i])
				w.finish(visited{i, true}) // it is no cause: what depends on it would not begin either
			default:
				running++
				work <- i
			}
		}
		if running > 0 {
			w.finish(<-done)
			running--
		}
	}
}

func (w *walk[K]) finish(v visited) {
	cause := v.node
	if w.cause[v.node] >= 0 {
		cause = w.cause[v.node]
	}
	for _, user := range w.users[v.node] {
		if !v.ok && w.cause[user] < 0 {
			w.cause[user] = cause
		}
		if w.waiting[user]--; w.waiting[user] == 0 {
			heap.Push(w.ready, user)
		}
	}
}
