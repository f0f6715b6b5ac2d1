package bus

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// storm says what goes wrong while events flow.
type storm struct {
	refuse      bool // sinks fail before they have taken a batch
	lie         bool // sinks fail after they have taken a batch
	restart     bool // pipelines and sinks are stopped and started
	reconfigure bool // a further pipeline and sink come and go
}

// TestNothingIsLost sends events through random topologies in all weathers.
// A deadlock ends the test: synctest reports when all goroutines are stuck.
func TestNothingIsLost(t *testing.T) {
	tests := []struct {
		name string
		storm
	}{
		{"when nothing goes wrong", storm{}},
		{"when sinks refuse", storm{refuse: true}},
		{"when sinks take a batch and fail all the same", storm{refuse: true, lie: true}},
		{"when workers are restarted", storm{restart: true}},
		{"when the topology changes", storm{reconfigure: true}},
		{"when all of it happens", storm{refuse: true, lie: true, restart: true, reconfigure: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for seed := range uint64(40) {
				t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { newVoyage(t, seed, test.storm).run() })
				})
			}
		})
	}
}

// voyage is one run of events through one random topology.
type voyage struct {
	t        *testing.T
	storm    storm
	topology Topology
	bus      *Bus
	bound    int // bytes that the mailboxes may hold at most
	sinks    map[string]*memory
	batches  int // per emitter

	mu   sync.Mutex
	acks map[string]int // by emitter and batch
	rand *rand.Rand
}

const voyageEvents = 3 // per batch

func newVoyage(t *testing.T, seed uint64, s storm) *voyage {
	v := &voyage{
		t:       t,
		storm:   s,
		sinks:   make(map[string]*memory),
		batches: 40,
		acks:    make(map[string]int),
		rand:    rand.New(rand.NewPCG(seed, 0)),
	}
	sinks := v.names("sink", 1+v.rand.IntN(4))
	pipelines := v.names("pipeline", 1+v.rand.IntN(4))
	v.topology = Topology{Emitters: make(map[string][]string), Pipelines: make(map[string][]string)}
	for _, p := range pipelines {
		v.topology.Pipelines[p] = v.some(sinks)
		for _, s := range v.topology.Pipelines[p] {
			v.sinks[s] = new(memory)
		}
	}
	for _, e := range v.names("source", 1+v.rand.IntN(4)) {
		v.topology.Emitters[e] = v.some(pipelines)
	}
	largest := overhead + 10*lines(strings.Repeat("x", 40)).Size()
	budget := 1 + v.rand.IntN(20*largest)
	v.bound = budget + (len(sinks)+len(pipelines)+2)*largest
	v.bus = New(Options{MaxBytes: budget})
	configure(t, v.bus, v.topology)
	return v
}

func (v *voyage) names(kind string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint(kind, i)
	}
	return all
}

// some returns at least one of all, in random order.
func (v *voyage) some(all []string) []string {
	all = slices.Clone(all)
	v.rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:1+v.rand.IntN(len(all))]
}

func (v *voyage) run() {
	done, cancel := context.WithCancel(v.t.Context())
	var workers, emitters sync.WaitGroup
	for p := range v.topology.Pipelines {
		workers.Go(func() { v.keepRunning(done, v.pipelineWorker(p)) })
	}
	for s, m := range v.sinks {
		m.answer = v.answer
		workers.Go(func() { v.keepRunning(done, v.sinkWorker(s, v.misleading(m))) })
	}
	if v.storm.reconfigure {
		workers.Go(func() { v.reconfigure(done) })
	}
	for e := range v.topology.Emitters {
		emitters.Go(func() { v.emit(e) })
	}
	emitters.Wait()
	limit, stop := context.WithTimeout(v.t.Context(), 24*time.Hour)
	defer stop()
	if err := v.bus.Drain(limit); err != nil {
		v.t.Error(err)
	}
	cancel()
	workers.Wait()
	v.bus.Close()
	v.checkAcks()
	v.checkDelivery()
}

// chance is true once in n times. It is safe for concurrent use.
func (v *voyage) chance(n int) bool { return v.below(n) == 0 }

func (v *voyage) below(n int) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.rand.IntN(n)
}

func (v *voyage) emit(emitter string) {
	out := v.bus.Emitter(emitter)
	for n := range v.batches {
		var b event.Builder
		for i := range voyageEvents {
			b.Log(at, fmt.Appendf(nil, "%s/%d", emitter, n*voyageEvents+i))
		}
		id := fmt.Sprint(emitter, "/", n)
		err := out.Emit(v.t.Context(), b.Batch(), func(err error) {
			v.mu.Lock()
			defer v.mu.Unlock()
			v.acks[id]++
			if err != nil && !errors.Is(err, ErrRemoved) { // the pipelines that stay deliver it all the same
				v.t.Errorf("batch %s was not delivered: %v", id, err)
			}
		})
		if err != nil {
			v.t.Error(err)
		}
		if v.chance(3) {
			time.Sleep(time.Duration(v.below(1000)) * time.Millisecond)
		}
	}
}

// keepRunning starts the worker again whenever its time is over.
func (v *voyage) keepRunning(done context.Context, run func(context.Context) error) {
	for done.Err() == nil {
		ctx, cancel := context.WithCancel(done)
		if v.storm.restart {
			ctx, cancel = context.WithTimeout(done, time.Duration(v.below(3000))*time.Millisecond)
		}
		if err := run(ctx); err != nil {
			v.t.Error(err)
		}
		cancel()
	}
}

func (v *voyage) pipelineWorker(addr string) func(context.Context) error {
	return func(ctx context.Context) error {
		return v.bus.RunPipeline(ctx, addr, []plugin.Stage{suffix("@" + addr)})
	}
}

func (v *voyage) sinkWorker(addr string, s plugin.Sink) func(context.Context) error {
	o := SinkOptions{
		Batch:   Batch{MaxEvents: v.below(10), MaxAge: time.Duration(v.below(2000)) * time.Millisecond},
		Retry:   Retry{Delay: 10 * time.Millisecond, MaxDelay: 100 * time.Millisecond},
		Timeout: time.Second,
	}
	return func(ctx context.Context) error { return v.bus.RunSink(ctx, addr, s, o) }
}

// answer takes its time, checks the bound of the memory, and sometimes
// refuses.
func (v *voyage) answer(ctx context.Context, _ *event.Batch) error {
	held := 0
	for _, s := range v.bus.Stats() {
		held += s.MailboxBytes
	}
	if held > v.bound {
		v.t.Errorf("the mailboxes hold %d bytes, more than %d", held, v.bound)
	}
	if !sleep(ctx, time.Duration(v.below(200))*time.Millisecond) {
		return ctx.Err()
	}
	if v.storm.refuse && v.chance(4) {
		return errDown
	}
	return nil
}

// liar is a sink that sometimes says that it failed though it did not.
type liar struct {
	*memory
	voyage *voyage
}

func (v *voyage) misleading(m *memory) plugin.Sink { return liar{m, v} }

func (l liar) Write(ctx context.Context, batch *event.Batch) error {
	err := l.memory.Write(ctx, batch)
	if err == nil && l.voyage.storm.lie && l.voyage.chance(4) {
		return errDown
	}
	return err
}

// reconfigure adds a pipeline and a sink that no one works for to all that
// emit and to all pipelines, and removes them again with what has come there.
func (v *voyage) reconfigure(done context.Context) {
	for sleep(done, time.Duration(v.below(2000))*time.Millisecond) {
		more := Topology{Emitters: make(map[string][]string), Pipelines: map[string][]string{"extra pipeline": {"extra sink"}}}
		for e, to := range v.topology.Emitters {
			more.Emitters[e] = append(slices.Clone(to), "extra pipeline")
		}
		for p, to := range v.topology.Pipelines {
			more.Pipelines[p] = append(slices.Clone(to), "extra sink")
		}
		configure(v.t, v.bus, more)
		sleep(done, time.Duration(v.below(500))*time.Millisecond)
		configure(v.t, v.bus, v.topology)
	}
}

func (v *voyage) checkAcks() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for e := range v.topology.Emitters {
		for n := range v.batches {
			if got := v.acks[fmt.Sprint(e, "/", n)]; got != 1 {
				v.t.Errorf("batch %d of %s was acknowledged %d times", n, e, got)
			}
		}
	}
}

// checkDelivery checks that each sink got each event on each way that leads
// to it, in order, and only once unless a sink lied.
func (v *voyage) checkDelivery() {
	for _, s := range slices.Sorted(maps.Keys(v.sinks)) {
		next := make(map[string]int) // by way: the number of the next event
		for _, line := range slices.Concat(v.sinks[s].writes...) {
			origin, p, _ := strings.Cut(line, "@")
			e, number, _ := strings.Cut(origin, "/")
			way := e + " → " + p
			var n int
			if _, err := fmt.Sscan(number, &n); err != nil {
				v.t.Fatalf("%s got %q, which nobody emitted", s, line)
			}
			switch {
			case n == next[way]:
				next[way]++
			case n > next[way] || !v.storm.lie:
				v.t.Fatalf("%s got event %d of %s where %d was due", s, n, way, next[way])
			}
		}
		for e, pipelines := range v.topology.Emitters {
			for _, p := range pipelines {
				if got := next[e+" → "+p]; slices.Contains(v.topology.Pipelines[p], s) && got != v.batches*voyageEvents {
					v.t.Errorf("%s got %d events of %s by %s, of %d", s, got, e, p, v.batches*voyageEvents)
				}
			}
		}
	}
}
