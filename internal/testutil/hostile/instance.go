package hostile

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// instance is one of any type.
type instance struct {
	Fault string `schema:"fault"`
	Once  string `schema:"once"`
}

// Close implements [plugin.Instance].
func (*instance) Close(context.Context) error { return nil }

// Open implements [plugin.Provider].
func (*provider) Open(_ context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	var common instance
	if err := schema.Decode(req.Config, &common); err != nil {
		return nil, plugin.Error(nil, "Invalid configuration", "%s.", err)
	}
	var opened plugin.Instance
	switch req.Type.Kind {
	case plugin.KindSource:
		opened = &source{instance: common, checkpoints: req.Env.Checkpoints}
	case plugin.KindStage:
		return &stage{common}, nil
	case plugin.KindSink:
		opened = &sink{instance: common}
	case plugin.KindCollector:
		return &collector{common}, nil
	default:
		opened = &task{instance: common, cfg: req.Config}
	}
	if err := schema.Decode(req.Config, opened); err != nil {
		return nil, plugin.Error(nil, "Invalid configuration", "%s.", err)
	}
	return opened, nil
}

type source struct {
	instance
	Events      int `schema:"events"`
	checkpoints plugin.Checkpoints

	mu      sync.Mutex
	settled map[int]bool
	saved   int
}

const position = "position"

// Run implements [plugin.Source]. It emits numbers, and begins after the last
// that all before were delivered.
func (s *source) Run(ctx context.Context, out plugin.Emitter) error {
	text, err := s.checkpoints.Load(ctx, position)
	if err != nil {
		return err
	}
	s.saved, _ = strconv.Atoi(string(text)) // nothing is saved yet
	s.settled = make(map[int]bool)
	for i := s.saved; i < s.Events; i++ {
		b := event.NewBuilder(new(event.Batch))
		b.Log(time.Unix(int64(i), 0), strconv.AppendInt(nil, int64(i), 10))
		if err := out.Emit(ctx, b.Batch(), func(err error) { s.settle(i, err) }); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return nil
}

func (s *source) settle(i int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settled[i] = err == nil
	for s.settled[s.saved] {
		delete(s.settled, s.saved)
		s.saved++
	}
	if err := s.checkpoints.Save(context.Background(), position, strconv.AppendInt(nil, int64(s.saved), 10)); err != nil {
		fmt.Fprintln(os.Stderr, "save the position:", err)
	}
}

type stage struct {
	instance
}

// Process implements [plugin.Stage].
func (s *stage) Process(_ context.Context, batch *event.Batch) error {
	if s.Fault == "huge" {
		b := event.NewBuilder(batch)
		for range 70 {
			b.Log(time.Now(), make([]byte, 1<<20))
		}
	}
	return s.fault()
}

type sink struct {
	instance
	Path string `schema:"path"`
}

// Write implements [plugin.Sink].
func (s *sink) Write(_ context.Context, batch *event.Batch) error {
	if err := s.fault(); err != nil {
		return err
	}
	f, err := os.OpenFile(s.Path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	var lines strings.Builder
	for i := range batch.Len() {
		body, _ := batch.Body(i)
		fmt.Fprintf(&lines, "%s\n", body)
	}
	_, err = f.WriteString(lines.String())
	return err
}

type collector struct {
	instance
}

// Collect implements [plugin.Collector]. It measures its own process.
func (c *collector) Collect(_ context.Context, out *event.Builder) error {
	out.Metric(&event.Family{Name: "hostile_pid", Type: event.Gauge, Help: "The number of the process."}, time.Now(), float64(os.Getpid()))
	return c.fault()
}

type task struct {
	instance
	Path string `schema:"path"`
	cfg  cty.Value
}

// environment returns that of the process, in one text.
func environment() cty.Value { return cty.StringVal(strings.Join(os.Environ(), "\n")) }

func (t *task) value() cty.Value {
	values := t.cfg.AsValueMap()
	values["environment"] = environment()
	return cty.ObjectVal(values)
}

// Plan implements [plugin.Task].
func (t *task) Plan(_ context.Context, host plugin.Host) (plugin.Change, plugin.Diagnostics) {
	after := t.value()
	if _, err := host.Lstat(t.Path); err == nil {
		return plugin.Change{Action: plugin.NoOp, Fidelity: plugin.Exact, Before: after, After: after}, nil
	}
	return plugin.Change{Action: plugin.Create, Fidelity: plugin.Exact, Before: cty.NullVal(after.Type()), After: after}, nil
}

// Apply implements [plugin.Task].
func (t *task) Apply(_ context.Context, change plugin.Change) (cty.Value, plugin.Diagnostics) {
	if err := t.fault(); err != nil {
		return cty.NilVal, plugin.Error(nil, "Apply failed", "%s.", err)
	}
	if err := os.WriteFile(t.Path, []byte("here\n"), 0o600); err != nil {
		return cty.NilVal, plugin.Error(nil, "Apply failed", "%s.", err)
	}
	return change.After, nil
}
