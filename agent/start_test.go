package agent

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/catalog"
)

// run runs an agent that should not come up.
func runInVain(t *testing.T, dataDir, configuration string) error {
	t.Helper()
	r := &running{t: t, dir: t.TempDir()}
	r.configure(configuration)
	c, err := catalog.New(t.Context(), newLab())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	return Run(ctx, Options{
		Load:    func(ctx context.Context) (*eval.Graph, hcl.Diagnostics) { return loadGraph(ctx, r.dir, c) },
		Catalog: c,
		DataDir: dataDir,
		Log:     hclog.NewNullLogger(),
		Now:     time.Now,
		Ready:   func(string) { cancel() },
	})
}

func TestAnAgentThatCantStartSaysWhy(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	r := startAgent(t, newLab(), "")
	for _, tt := range []struct{ name, dataDir, configuration, want string }{
		{"an invalid configuration", t.TempDir(), `agent { listne = "" }`, "its configuration has errors, 1 in all"},
		{"an address that is taken", t.TempDir(), `agent { listen = "` + taken.Addr().String() + `" }`, "another process listens there"},
		{"an address of another machine", t.TempDir(), `agent { listen = "203.0.113.1:80" }`, "set another listen in the agent block"},
		{"a certificate that isn't there", t.TempDir(), `agent {
  listen = "127.0.0.1:0"
  tls {
    cert_file = "/nonexistent/tls.crt"
    key_file  = "/nonexistent/tls.key"
  }
}`, "the API can't be served over TLS: read cert_file of the tls block of the agent"},
		{"a data directory that is in use", filepath.Join(r.dir, "data"), settings, "stop it, or set another data_dir in the agent block"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := runInVain(t, tt.dataDir, tt.configuration)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestTheEndIsInGoodOrder(t *testing.T) {
	l := newLab()
	r := startAgent(t, l, `
source "stream" "s" { text = "hello" }
pipeline "p" {
  from = [source.stream.s]
  to   = [sink.lab.out]
}
sink "lab" "out" {
  batch { max_age = "1h" }
}
task "lab" "hangs" {}
`)
	release := l.block("task.lab.hangs")
	defer release()
	r.until("the task hangs", func() bool { return r.block("task.lab.hangs").State == "running" })
	began := time.Now()
	if err := r.stop(); err != nil {
		t.Errorf("the agent ended with: %v", err)
	}
	if took := time.Since(began); took > drainTimeout {
		t.Errorf("the end took %s", took)
	}
	if len(l.written) != 1 {
		t.Errorf("the sink got %q, it should have got what waited in its batch", l.written)
	}
}
