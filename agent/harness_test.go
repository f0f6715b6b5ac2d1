package agent

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/hcl/v2"
	"go.uber.org/goleak"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/catalog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testPatience is how long a test waits for what must happen.
const testPatience = 20 * time.Second

// running is an agent at work on a lab.
type running struct {
	t       *testing.T
	lab     *lab
	dir     string // of the configuration and the data
	address string
	stop    func() error // ends the agent and returns what Run did
	catalog *catalog.Catalog
}

// settings listen at a free port and run tasks as often as is allowed.
const settings = `
agent {
  listen = "127.0.0.1:0"
  defaults {
    task_interval = "100ms"
  }
}
`

// startAgent runs an agent with settings and a configuration until the test ends.
func startAgent(t *testing.T, l *lab, configuration string) *running {
	t.Helper()
	return startAgentIn(t, t.TempDir(), l, settings+configuration)
}

// startAgentAs is startAgent with a configuration that has its own settings.
func startAgentAs(t *testing.T, l *lab, configuration string) *running {
	t.Helper()
	return startAgentIn(t, t.TempDir(), l, configuration)
}

// startAgentIn is startAgentAs in a directory that another agent may have used.
func startAgentIn(t *testing.T, dir string, l *lab, configuration string) *running {
	t.Helper()
	r := &running{t: t, lab: l, dir: dir}
	r.configure(configuration)
	c, err := catalog.New(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	r.catalog = c
	log := hclog.New(&hclog.LoggerOptions{Output: testLog{t}, Level: hclog.Debug})
	ready := make(chan string, 1)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, Options{
			Load:    func(ctx context.Context) (*eval.Graph, hcl.Diagnostics) { return loadGraph(ctx, r.dir, c) },
			Catalog: c,
			DataDir: filepath.Join(r.dir, "data"),
			Log:     log,
			Now:     time.Now,
			Ready:   func(url string) { ready <- url[strings.Index(url, "//")+2:] },
		})
	}()
	var result error
	ended := false
	r.stop = func() error {
		if cancel(); !ended {
			ended, result = true, <-done
		}
		return result
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("the agent ended with: %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	select {
	case r.address = <-ready:
	case err := <-done:
		ended, result = true, nil
		t.Fatalf("the agent did not start: %v", err)
	}
	return r
}

func loadGraph(ctx context.Context, dir string, c *catalog.Catalog) (*eval.Graph, hcl.Diagnostics) {
	cfg, diags := config.Load(filepath.Join(dir, "main.hcl"))
	if diags.HasErrors() {
		return nil, diags
	}
	graph, diags := eval.Build(cfg, c, eval.Inputs{})
	if graph == nil {
		return nil, diags
	}
	if diags = append(diags, graph.Validate(ctx, c)...); diags.HasErrors() {
		return nil, diags
	}
	return graph, diags
}

// testLog writes the agent's log into that of the test.
type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}

func (r *running) configure(text string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, "main.hcl"), []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// reload changes the configuration and has the agent read it.
func (r *running) reload(configuration string) error {
	r.t.Helper()
	r.configure(configuration)
	response, err := http.Post("http://"+r.address+"/-/reload", "", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		return errors.New(string(text))
	}
	return nil
}

func (r *running) mustReload(configuration string) {
	r.t.Helper()
	if err := r.reload(settings + configuration); err != nil {
		r.t.Fatal(err)
	}
}

func (r *running) get(path string) string {
	r.t.Helper()
	response, err := http.Get("http://" + r.address + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(body)
}

func (r *running) status() api.Status {
	r.t.Helper()
	var s api.Status
	if err := json.Unmarshal([]byte(r.get("/v1/status")), &s); err != nil {
		r.t.Fatal(err)
	}
	return s
}

func (r *running) block(address string) api.Block {
	r.t.Helper()
	for _, b := range r.status().Blocks {
		if b.Address == address {
			return b
		}
	}
	return api.Block{}
}

// until waits for a state of the world that no channel tells of.
func (r *running) until(what string, ok func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(testPatience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("waited in vain until %s\n%s", what, r.get("/v1/status"))
		}
	}
}

func (r *running) untilState(address, state string) {
	r.t.Helper()
	r.until(address+" is "+state, func() bool { return r.block(address).State == state })
}

// untilNoted waits until the lab noted something so many times.
func (r *running) untilNoted(entry string, times int) {
	r.t.Helper()
	r.until(entry+" was noted", func() bool { return r.lab.count(entry) >= times })
}

func (r *running) metric(series string) string {
	r.t.Helper()
	for line := range strings.Lines(r.get("/metrics")) {
		if value, ok := strings.CutPrefix(line, series+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
