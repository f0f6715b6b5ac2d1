package dag

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// build reads "a:b c" as: a depends on b and c.
func build(lines ...string) *Graph[string] {
	g := New(strings.Compare)
	for _, line := range lines {
		node, deps, _ := strings.Cut(line, ":")
		g.Add(node)
		for dep := range strings.FieldsSeq(deps) {
			g.DependsOn(node, dep)
		}
	}
	return g
}

func TestOrder(t *testing.T) {
	tests := map[string]struct {
		graph []string
		want  string
	}{
		"names decide where nothing else does": {[]string{"c", "a", "b"}, "a b c"},
		"dependencies come first":              {[]string{"a:b", "b:c", "c"}, "c b a"},
		"a diamond":                            {[]string{"a:b c", "b:d", "c:d"}, "d b c a"},
		"an edge given twice counts once":      {[]string{"a:b b"}, "b a"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := build(tt.graph...).Order()
			if err != nil || strings.Join(got, " ") != tt.want {
				t.Errorf("got %v, %v; want %s", got, err, tt.want)
			}
		})
	}
}

func TestOrderNamesTheCycle(t *testing.T) {
	tests := map[string]struct {
		graph []string
		want  string
	}{
		"itself":                        {[]string{"a:a"}, "a -> a"},
		"two":                           {[]string{"a:b", "b:a"}, "a -> b -> a"},
		"the way into it is left out":   {[]string{"a:b", "b:c", "c:d", "d:b"}, "b -> c -> d -> b"},
		"the shortest through the node": {[]string{"a:b c", "b:c", "c:a"}, "a -> c -> a"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := build(tt.graph...).Order()
			var cycle *CycleError[string]
			if !errors.As(err, &cycle) || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestWalkVisitsInOrderAndSkipsDependentsOfAFailure(t *testing.T) {
	g := build("a:b", "b:c", "c", "d:c", "e")
	var mu sync.Mutex
	var events []string
	note := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, fmt.Sprintf(format, args...))
	}
	g.Walk(t.Context(), 1, func(_ context.Context, k string) bool {
		note("visit %s", k)
		return k != "b"
	}, func(k, cause string) { note("skip %s because of %s", k, cause) })
	want := []string{"visit c", "visit b", "skip a because of b", "visit d", "visit e"}
	if !slices.Equal(events, want) {
		t.Errorf("got %q, want %q", events, want)
	}
}

func TestWalkIsParallelUpToTheLimit(t *testing.T) {
	g := New(cmp.Compare[int])
	for i := range 20 {
		g.Add(i)
	}
	var running, most atomic.Int32
	var together sync.WaitGroup
	together.Add(4) // each of the first four waits for the other three
	g.Walk(t.Context(), 4, func(_ context.Context, i int) bool {
		now := running.Add(1)
		for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
		}
		if i < 4 {
			together.Done()
			together.Wait()
		}
		running.Add(-1)
		return true
	}, nil)
	if most.Load() != 4 {
		t.Errorf("at most %d ran together, want 4", most.Load())
	}
}

func TestWalkBeginsNothingAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var skipped []string
	build("a:b", "b:c").Walk(ctx, 2, func(_ context.Context, k string) bool {
		cancel()
		return true
	}, func(k, cause string) { skipped = append(skipped, k+cause) })
	if !slices.Equal(skipped, []string{"bb", "aa"}) {
		t.Errorf("skipped %v", skipped)
	}
}

func TestClosureDependentsReaches(t *testing.T) {
	g := build("a:b", "b:c", "d:c", "e")
	if got := g.Closure("a"); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("Closure(a) = %v", got)
	}
	if got := g.Dependents("c"); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Errorf("Dependents(c) = %v", got)
	}
	if !g.Reaches("a", "c") || g.Reaches("c", "a") || g.Reaches("a", "a") {
		t.Error("Reaches is wrong")
	}
}

func BenchmarkOrder(b *testing.B) {
	g := New(cmp.Compare[int])
	for i := range 10_000 {
		for d := 1; d <= 10 && i-d >= 0; d++ {
			g.DependsOn(i, i-d)
		}
	}
	b.ReportMetric(100_000, "edges")
	for b.Loop() {
		if _, err := g.Order(); err != nil {
			b.Fatal(err)
		}
	}
}
