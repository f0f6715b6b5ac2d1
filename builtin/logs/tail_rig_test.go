package logs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// rig runs a tailer over a directory of real files. Inside a synctest bubble
// time only passes while all wait, so that a minute of polling takes as long
// as the work in it.
type rig struct {
	t      *testing.T
	dir    string
	config fileConfig
	store  *memory
	sink   *recorder
	stop   func() error
}

func newRig(t *testing.T, patterns ...string) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), store: newMemory(), sink: new(recorder)}
	r.config = fileConfig{StartAt: "beginning", MaxLine: 1 << 20}
	for _, pattern := range patterns {
		r.config.Paths = append(r.config.Paths, filepath.Join(r.dir, pattern))
	}
	return r
}

func (r *rig) tailer() *tailer {
	env := plugin.Env{Log: testLogger(r.t), Checkpoints: r.store, Now: time.Now}
	return newTailer(r.config, globs{patterns: r.config.Paths, exclude: r.config.Exclude}, "source.file.test", env)
}

// start runs a tailer until stop is called.
func (r *rig) start() {
	r.t.Helper()
	tailer := r.tailer()
	ctx, cancel := context.WithCancel(r.t.Context())
	done := make(chan error, 1)
	go func() { done <- tailer.run(ctx, r.sink, hints{}) }()
	r.stop = func() error {
		cancel()
		return <-done
	}
}

// restart stops the tailer in order and starts another.
func (r *rig) restart() {
	r.t.Helper()
	if err := r.stop(); err != nil {
		r.t.Fatalf("stop: %v", err)
	}
	r.start()
}

// kill ends the tailer as a power cut would: nothing is saved any more, and
// what the sink has not yet stored is gone.
func (r *rig) kill() {
	r.store = r.store.crash()
	r.sink.forgetWaiting()
	if err := r.stop(); err != nil {
		r.t.Fatalf("kill: %v", err)
	}
}

// pass lets time go by until everything that can happen in it has happened.
func (r *rig) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (r *rig) path(name string) string { return filepath.Join(r.dir, name) }

func (r *rig) write(name, text string) {
	r.t.Helper()
	r.must(os.WriteFile(r.path(name), []byte(text), 0o644))
}

func (r *rig) append(name, text string) {
	r.t.Helper()
	file, err := os.OpenFile(r.path(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	r.must(err)
	_, err = file.WriteString(text)
	r.must(errors.Join(err, file.Close()))
}

func (r *rig) rename(from, to string) {
	r.t.Helper()
	r.must(os.Rename(r.path(from), r.path(to)))
}

func (r *rig) truncate(name string) {
	r.t.Helper()
	r.must(os.Truncate(r.path(name), 0))
}

func (r *rig) remove(name string) {
	r.t.Helper()
	r.must(os.Remove(r.path(name)))
}

func (r *rig) copy(from, to string) {
	r.t.Helper()
	content, err := os.ReadFile(r.path(from))
	r.must(err)
	r.must(os.WriteFile(r.path(to), content, 0o644))
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func testLogger(t *testing.T) hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{Output: t.Output(), Level: hclog.Debug, DisableTime: true})
}

// received is one event as the sink saw it.
type received struct {
	Path, Body string
	Offset     int64
	Truncated  bool
}

// recorder is an emitter that stores what it is given. By default it takes
// and acknowledges everything at once.
type recorder struct {
	// answer decides about a batch: nil stores it. It may block.
	answer func(ctx context.Context, batch *event.Batch) error
	// delay is how long after taking a batch it is acknowledged. It is stored
	// in the middle of that time.
	delay time.Duration
	// silent keeps all acknowledgements back.
	silent bool

	mu     sync.Mutex
	events []received
	acked  int // events, with those that were stored and forgotten
	epoch  int
}

var _ plugin.Emitter = (*recorder)(nil)

func (r *recorder) Emit(ctx context.Context, batch *event.Batch, ack func(error)) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if r.answer != nil {
		err := r.answer(ctx, batch)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			ack(err)
			return nil
		}
	}
	r.mu.Lock()
	epoch := r.epoch
	r.mu.Unlock()
	store := func() { r.store(epoch, batch) }
	acknowledge := func() {
		if r.acknowledged(epoch, batch.Len()) {
			ack(nil)
		} else {
			ack(context.Canceled)
		}
	}
	switch {
	case r.silent:
		store()
	case r.delay > 0:
		time.AfterFunc(r.delay/2, store)
		time.AfterFunc(r.delay, acknowledge)
	default:
		store()
		go acknowledge()
	}
	return nil
}

// store takes the events of a batch unless it was forgotten.
func (r *recorder) store(epoch int, batch *event.Batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.epoch != epoch {
		return
	}
	for i := range batch.Len() {
		r.events = append(r.events, receivedAt(batch, i))
	}
}

// acknowledged counts the events of a batch unless it was forgotten.
func (r *recorder) acknowledged(epoch, events int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.epoch != epoch {
		return false
	}
	r.acked += events
	return true
}

func receivedAt(batch *event.Batch, i int) received {
	body, _ := batch.Body(i)
	origin, offset := batch.Origin(i)
	e := received{Path: filepath.Base(origin.Path), Body: string(body), Offset: offset}
	if id, ok := batch.Lookup("truncated"); ok {
		e.Truncated = batch.Field(i, id).Bool()
	}
	return e
}

// forgetWaiting makes sure that no batch taken so far is stored or
// acknowledged any more.
func (r *recorder) forgetWaiting() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch++
	r.acked = len(r.events)
}

func (r *recorder) bodies() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	bodies := []string{}
	for _, e := range r.events {
		bodies = append(bodies, e.Body)
	}
	return bodies
}

func (r *recorder) all() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

func (r *recorder) counts() (stored, acked int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.events), r.acked
}

// memory keeps checkpoints as the interface asks for.
type memory struct {
	onSave func()
	cost   time.Duration // of one save

	mu     sync.Mutex
	values map[string][]byte
	saves  int
	dead   bool
	broken error
}

var _ plugin.Checkpoints = (*memory)(nil)

func newMemory() *memory { return &memory{values: map[string][]byte{}} }

func (m *memory) Load(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[key], m.broken
}

func (m *memory) Save(_ context.Context, key string, value []byte) error {
	time.Sleep(m.cost)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead || m.broken != nil {
		return m.broken
	}
	m.saves++
	m.values[key] = slices.Clone(value)
	if m.onSave != nil {
		m.onSave()
	}
	return nil
}

// crash returns what a restart will find, and saves nothing more.
func (m *memory) crash() *memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead = true
	return &memory{values: maps.Clone(m.values), onSave: m.onSave}
}

// numbered returns lines that tell their number twice.
func numbered(from, to int) string {
	var text []byte
	for i := from; i < to; i++ {
		text = fmt.Appendf(text, "line %06d of the log, number %06d\n", i, i)
	}
	return string(text)
}
