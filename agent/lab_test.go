package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// lab is a provider whose world is a few variables, and which notes all that
// is done with it. It has a type of every kind.
type lab struct {
	mu      sync.Mutex
	journal []string          // what was started, stopped and done, in order
	said    map[string]string // what tasks and sources of values say, by name
	failing map[string]bool   // names whose next calls fail
	hold    map[string]chan struct{}
	takes   map[string]time.Duration // by calls of names
	moves   map[string]string        // what sources will say once no task works
	working int                      // calls of tasks that go on now
	most    int                      // the most of them at one time
	overlap bool
	busy    map[string]bool
	written []string // bodies that sinks got
	stacks  []string // what tasks find something of, each by itself
	found   map[string]plugin.Finding
}

func newLab() *lab {
	return &lab{said: map[string]string{}, failing: map[string]bool{}, hold: map[string]chan struct{}{}, takes: map[string]time.Duration{}, moves: map[string]string{}, busy: map[string]bool{}, found: map[string]plugin.Finding{}}
}

func (l *lab) note(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.journal = append(l.journal, fmt.Sprintf(format, args...))
}

// count returns how often something was noted.
func (l *lab) count(entry string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.journal {
		if e == entry {
			n++
		}
	}
	return n
}

func (l *lab) say(name, value string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said[name] = value
}

func (l *lab) fail(name string, failing bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failing[name] = failing
}

// block has calls of a name wait until release is called.
func (l *lab) block(name string) (release func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	held := make(chan struct{})
	l.hold[name] = held
	return sync.OnceFunc(func() {
		l.mu.Lock()
		delete(l.hold, name)
		l.mu.Unlock()
		close(held)
	})
}

// take has calls of a name take so long.
func (l *lab) take(name string, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.takes[name] = d
}

// move has a source say something else as soon as it is read while no task works.
// Until then it lags.
func (l *lab) move(source, value string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.moves[source] = value
}

func (l *lab) movedFrom(source, said string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if value, moves := l.moves[source]; moves && l.working == 0 {
		l.said[source], said = value, value
		delete(l.moves, source)
	}
	return said
}

// answer is what a task or source of a name says now.
func (l *lab) answer(ctx context.Context, name string) (string, error) {
	l.mu.Lock()
	value, failing, held, takes := l.said[name], l.failing[name], l.hold[name], l.takes[name]
	l.mu.Unlock()
	if takes > 0 {
		time.Sleep(takes)
	}
	if held != nil {
		select {
		case <-held:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	if failing {
		return "", errors.New("the lab was told to fail")
	}
	return value, nil
}

func (l *lab) begin(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.working++
	l.most = max(l.most, l.working)
	l.overlap = l.overlap || l.busy[name]
	l.busy[name] = true
}

func (l *lab) end(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.working--
	l.busy[name] = false
}

var labSchema = &schema.Block{Attributes: []schema.Attribute{
	{Name: "text", Type: cty.String, Doc: "Anything."},
	{Name: "number", Type: cty.Number, Doc: "A number."},
	{Name: "poll_interval", Type: cty.String, Format: schema.Duration, Doc: "How often to look."},
	{Name: "said", Type: cty.String, Computed: true, Doc: "What the lab says."},
}, Blocks: []schema.Nested{{Name: "webhook", Block: schema.Block{Doc: "Of a forge.", Attributes: []schema.Attribute{
	{Name: "provider", Type: cty.String, Doc: "Which forge."},
	{Name: "secret", Type: cty.String, Sensitive: true, Doc: "What it signs with."},
}}}}}

// Manifest implements [plugin.Provider].
func (l *lab) Manifest(context.Context) (plugin.Manifest, error) {
	m := plugin.Manifest{Name: "lab"}
	for _, t := range []plugin.Type{
		{Ref: plugin.TypeRef{Kind: plugin.KindTask, Name: "lab"}},
		{Ref: plugin.TypeRef{Kind: plugin.KindSource, Name: "value"}},
		{Ref: plugin.TypeRef{Kind: plugin.KindSource, Name: "stream"}, Emits: true},
		{Ref: plugin.TypeRef{Kind: plugin.KindSink, Name: "lab"}},
		{Ref: plugin.TypeRef{Kind: plugin.KindCollector, Name: "lab"}},
		{Ref: plugin.TypeRef{Kind: plugin.KindStage, Name: "lab"}},
	} {
		t.Schema = labSchema
		m.Types = append(m.Types, t)
	}
	return m, nil
}

func (l *lab) Configure(context.Context, cty.Value) plugin.Diagnostics { return nil }

func (l *lab) Validate(context.Context, plugin.TypeRef, cty.Value) plugin.Diagnostics { return nil }

func (l *lab) Close() error { return nil }

// Open implements [plugin.Provider].
func (l *lab) Open(_ context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	text := ""
	if v := req.Config.GetAttr("text"); !v.IsNull() {
		text = v.AsString()
	}
	l.note("open %s %s", req.Addr, text)
	if req.Env.Early {
		l.note("early %s", req.Addr)
	}
	if req.Env.Asked {
		l.note("asked %s", req.Addr)
	}
	one := labInstance{lab: l, name: req.Addr, text: text, cfg: req.Config, env: req.Env}
	switch {
	case req.Type.Kind == plugin.KindTask:
		return &labTask{one}, nil
	case req.Type.Kind == plugin.KindSink:
		return &labSink{one}, nil
	case req.Type.Kind == plugin.KindCollector:
		return &labCollector{one}, nil
	case req.Type.Kind == plugin.KindStage:
		return &labStage{one}, nil
	case req.Type.Name == "value":
		return &labValue{one}, nil
	}
	return &labStream{one}, nil
}

type labInstance struct {
	lab  *lab
	name string
	text string
	cfg  cty.Value
	env  plugin.Env
}

func (i labInstance) Close(context.Context) error { return nil }

// value is the configuration with what the lab says.
func (i labInstance) value(said string) cty.Value {
	attrs := i.cfg.AsValueMap()
	attrs["said"] = cty.StringVal(said)
	return cty.ObjectVal(attrs)
}

// labTask is as declared once the lab has done what its text says.
type labTask struct{ labInstance }

func (t *labTask) Plan(ctx context.Context, _ plugin.Host) (plugin.Change, plugin.Diagnostics) {
	t.lab.begin(t.name)
	defer t.lab.end(t.name)
	t.lab.note("plan %s", t.name)
	said, err := t.lab.answer(ctx, t.name)
	if err != nil {
		return plugin.Change{}, plugin.Error(nil, "Cannot plan", "%s.", err)
	}
	after := t.value(said)
	change := plugin.Change{Action: plugin.NoOp, Fidelity: plugin.Exact, Before: after, After: after, Findings: t.find(ctx)}
	t.lab.mu.Lock()
	defer t.lab.mu.Unlock()
	if done, known := t.lab.said["done "+t.name]; known && done != t.text {
		change.Action, change.Reasons = plugin.Update, []string{"text"}
	}
	return change, nil
}

func (t *labTask) Apply(_ context.Context, change plugin.Change) (cty.Value, plugin.Diagnostics) {
	t.lab.note("apply %s", t.name)
	t.lab.say("done "+t.name, t.text)
	return change.After, nil
}

// labValue is a source of values.
type labValue struct{ labInstance }

func (v *labValue) Read(ctx context.Context) (cty.Value, plugin.Diagnostics) {
	v.lab.note("read %s %s", v.name, v.text)
	said, err := v.lab.answer(ctx, v.name)
	if err != nil {
		return cty.NilVal, plugin.Error(nil, "Cannot read", "%s.", err)
	}
	return v.value(v.lab.movedFrom(v.name, said)), nil
}

// Lags reports whether the lab says that it does.
func (v *labValue) Lags() bool {
	v.lab.mu.Lock()
	defer v.lab.mu.Unlock()
	_, moves := v.lab.moves[v.name]
	return moves || v.lab.said["lags"] == v.name
}

var labReads = &event.Family{Name: "lab_reads_total", Help: "Reads of a value of the lab.", Type: event.Counter}

// Measure tells of the one read that there is of each instance.
func (v *labValue) Measure(_ context.Context, out *event.Builder) error {
	out.Metric(labReads, time.Time{}, 1, "kind", "value")
	return nil
}

// labStream emits one event with its text when it starts.
type labStream struct{ labInstance }

func (s *labStream) Run(ctx context.Context, out plugin.Emitter) error {
	s.lab.note("start %s %s", s.name, s.text)
	var b event.Builder
	b.Log(time.Now(), []byte(s.text))
	if err := out.Emit(ctx, b.Batch(), func(error) {}); err != nil && ctx.Err() == nil {
		return err
	}
	<-ctx.Done()
	s.lab.note("stop %s", s.name)
	return nil
}

type labSink struct{ labInstance }

func (s *labSink) Write(ctx context.Context, batch *event.Batch) error {
	if _, err := s.lab.answer(ctx, s.name); err != nil {
		return err
	}
	s.lab.mu.Lock()
	defer s.lab.mu.Unlock()
	for i := range batch.Len() {
		s.lab.written = append(s.lab.written, s.text+":"+string(event.AppendJSON(nil, batch, i, event.EncodeOptions{})))
	}
	return nil
}

type labCollector struct{ labInstance }

var labGauge = &event.Family{Name: "lab_value", Help: "A value of the lab.", Type: event.Gauge}

func (c *labCollector) Collect(ctx context.Context, out *event.Builder) error {
	c.lab.note("collect %s", c.name)
	// A collector that hangs doesn't heed its context.
	_, err := c.lab.answer(context.WithoutCancel(ctx), c.name)
	out.Metric(labGauge, time.Now(), 1, "collector", c.name)
	return err
}

type labStage struct{ labInstance }

func (*labStage) Process(context.Context, *event.Batch) error { return nil }

// Counts makes it a stage that counts.
func (*labStage) Counts() map[string]uint64 { return map[string]uint64{"parse_errors": 7} }

var _ plugin.Provider = (*lab)(nil)
