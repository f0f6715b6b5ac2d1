// Package plugintest tests providers. [Conformance] checks what every provider
// promises, and [Acceptance] that a block does what it is for. Both reach the
// provider twice: directly, and as driftless reaches it, over the protocol.
//
//	func TestProvider(t *testing.T) {
//		greeting := plugintest.Example{
//			Type: plugin.TypeRef{Kind: plugin.KindTask, Name: "acme_greeting"},
//			Config: func(dir string) plugintest.Config {
//				return plugintest.Config{"path": filepath.Join(dir, "greeting"), "text": "hello"}
//			},
//		}
//		plugintest.Conformance(t, acme.New, greeting)
//		plugintest.Acceptance(t, acme.New, plugintest.Task{
//			Example: greeting,
//			Disturb: func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, "greeting")) },
//		})
//	}
package plugintest

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// Example is a block as a user would write it.
type Example struct {
	Type plugin.TypeRef
	// Config returns what the block holds. Dir is empty, but for what Prepare
	// has made, and all that the block may touch is in it.
	Config func(dir string) Config
	// Prepare makes what the block needs to find in dir; nil for nothing.
	Prepare func(t *testing.T, dir string)
	// Provider is what the block of the provider holds; nil for nothing.
	Provider Config
}

// String returns the type of the block.
func (e Example) String() string { return e.Type.String() }

// timeout bounds one call of a provider that is not cancelled, so that one
// that hangs is told by name.
const timeout = time.Minute

// world is a provider together with all that it may use of its host.
type world struct {
	plugin.Provider
	manifest    plugin.Manifest
	dir         string // of the blocks
	logs        *logs
	env         string
	checkpoints *checkpoints
}

// ways are those in which a provider is reached.
func ways() []string { return []string{"direct", "wire"} }

// newWorld reaches a provider in one way and configures it.
func newWorld(t *testing.T, way string, p plugin.Provider, config Config) *world {
	t.Helper()
	w := &world{Provider: p, logs: new(logs), dir: t.TempDir(), env: t.TempDir(), checkpoints: newCheckpoints()}
	if way == "wire" {
		client, err := plugin.Connect(p, w.logs.logger())
		if err != nil {
			t.Fatal(err)
		}
		w.Provider = client
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("close the provider: %s", err)
		}
	})
	var err error
	if w.manifest, err = w.Manifest(t.Context()); err != nil {
		t.Fatalf("read the manifest: %s", err)
	}
	v, err := providerConfig(w.manifest, config)
	if err != nil {
		t.Fatalf("the block of the provider: %s", err)
	}
	if diags := w.Configure(t.Context(), v); diags.HasErrors() {
		t.Fatalf("configure the provider: %s", diags.Err())
	}
	return w
}

func providerConfig(m plugin.Manifest, config Config) (cty.Value, error) {
	switch {
	case m.Config == nil:
		return cty.NullVal(cty.EmptyObject), nil
	case config == nil:
		return cty.NullVal(m.Config.ImpliedType()), nil
	}
	return config.Value(m.Config)
}

// request is what opens an example.
func (w *world) request(t *testing.T, e Example) plugin.OpenRequest {
	t.Helper()
	kind, ok := typeOf(w.manifest, e.Type)
	if !ok {
		t.Fatalf("the provider has no %s", e.Type)
	}
	v, err := e.Config(w.dir).Value(kind.Schema)
	if err != nil {
		t.Fatalf("the example of %s: %s", e.Type, err)
	}
	address := e.Type.String() + ".example"
	return plugin.OpenRequest{Type: e.Type, Addr: address, Config: v, Env: plugin.Env{
		Log: w.logs.logger().Named(address), Dir: filepath.Join(w.env, "data"), Checkpoints: w.checkpoints, Now: time.Now,
	}}
}

// open validates an example and opens it, as the core does. What is opened is
// closed with the test.
func (w *world) open(t *testing.T, e Example) plugin.Instance {
	t.Helper()
	req := w.request(t, e)
	if diags := w.Validate(t.Context(), e.Type, req.Config); diags.HasErrors() {
		t.Fatalf("the example of %s is not valid: %s", e.Type, diags.Err())
	}
	instance, diags := w.Open(t.Context(), req)
	if diags.HasErrors() {
		t.Fatalf("open %s: %s", req.Addr, diags.Err())
	}
	if instance == nil {
		t.Fatalf("open %s: there is neither an instance nor an error", req.Addr)
	}
	t.Cleanup(func() {
		if err := instance.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("close %s: %s", req.Addr, err)
		}
	})
	return instance
}

func typeOf(m plugin.Manifest, ref plugin.TypeRef) (plugin.Type, bool) {
	for _, t := range m.Types {
		if t.Ref == ref {
			return t, true
		}
	}
	return plugin.Type{}, false
}

// logs keeps all that is logged, at every level.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) logger() hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{Level: hclog.Trace, Output: l})
}

// Write implements [io.Writer].
func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// checkpoints are kept in memory.
type checkpoints struct {
	mu     sync.Mutex
	values map[string][]byte
}

var _ plugin.Checkpoints = (*checkpoints)(nil)

func newCheckpoints() *checkpoints { return &checkpoints{values: make(map[string][]byte)} }

// Load implements [plugin.Checkpoints].
func (c *checkpoints) Load(ctx context.Context, key string) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.values[key]), ctx.Err()
}

// Save implements [plugin.Checkpoints].
func (c *checkpoints) Save(ctx context.Context, key string, value []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if value == nil {
		delete(c.values, key)
	} else {
		c.values[key] = bytes.Clone(value)
	}
	return ctx.Err()
}

// as returns an instance as what its type makes it.
func as[T plugin.Instance](t *testing.T, e Example, instance plugin.Instance) T {
	t.Helper()
	one, ok := instance.(T)
	if !ok {
		t.Fatalf("an instance of %s is a %s, which has not the methods of its kind", e.Type, fmt.Sprintf("%T", instance))
	}
	return one
}
