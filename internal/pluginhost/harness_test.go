package pluginhost

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"

	"github.com/driftless-hq/driftless/internal/testutil/hostile"
)

func TestMain(m *testing.M) {
	hostile.Main()
	goleak.VerifyTestMain(m)
}

// testPatience is how long a test waits for what must happen.
const testPatience = 20 * time.Second

// logged is the log of a host.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newHost returns a host over a directory that holds the hostile provider.
func newHost(t *testing.T) (*Host, *logged) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "plugins")
	hostile.Install(t, dir, "1.2.0")
	log := &logged{}
	h := New(Options{
		Dirs:   []Dir{{Path: dir, Named: true}},
		Log:    hclog.New(&hclog.LoggerOptions{Name: "test", Level: hclog.Debug, Output: log}),
		Redact: func(text string) string { return strings.ReplaceAll(text, "hunter2", "(sensitive value)") },
		Now:    time.Now,
	})
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Errorf("close the host: %v", err)
		}
		if t.Failed() {
			t.Logf("the log of the host:\n%s", log)
		}
	})
	return h, log
}

// specOf returns how to run the hostile provider with a fault.
func specOf(t *testing.T, h *Host, fault string) Spec {
	t.Helper()
	found, err := h.Find("hostile", nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := found[0].Binary()
	if err != nil {
		t.Fatal(err)
	}
	return Spec{Name: "acme", Source: "hostile", Binary: b, Env: map[string]string{hostile.Variable: fault}}
}

func launch(t *testing.T, h *Host) *Provider {
	t.Helper()
	p, err := h.Launch(t.Context(), specOf(t, h, ""))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// until waits for a state of the world that no channel tells of.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(testPatience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("there is no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error is %q, want %q in it", err, part)
		}
	}
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}
