package plan_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/hcl/v2"
	"go.uber.org/goleak"

	"github.com/driftless-hq/driftless/builtin/command"
	"github.com/driftless-hq/driftless/builtin/files"
	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/catalog"
	"github.com/driftless-hq/driftless/internal/plan"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var key = bytes.Repeat([]byte{7}, 32)

// system is a configuration with all that it takes to plan and apply it, any
// number of times.
type system struct {
	t       testing.TB
	world   *world
	catalog *catalog.Catalog
	graph   *eval.Graph
	opt     plan.Options
	log     bytes.Buffer
}

// load builds a configuration with the fake provider and those of files and
// commands. The word DIR in it stands for dir.
func load(t testing.TB, source, dir string) *system {
	t.Helper()
	s := newSystem(t)
	s.reload(source, dir)
	return s
}

func newSystem(t testing.TB) *system {
	t.Helper()
	s := &system{t: t, world: newWorld()}
	var err error
	s.catalog, err = catalog.New(t.Context(), s.world, files.New(), command.New())
	if err != nil {
		t.Fatal(err)
	}
	s.opt = plan.Options{
		DataDir: filepath.Join(t.TempDir(), "data"), Parallel: 4, Now: time.Now, Planned: time.Now(), Observer: plan.Quiet{},
		Log: hclog.New(&hclog.LoggerOptions{Output: &s.log, Level: hclog.Trace}),
	}
	return s
}

// reload gives the system another configuration. It is in several files, as
// one may have 1 MiB.
func (s *system) reload(source, dir string) {
	s.t.Helper()
	at := s.t.TempDir()
	blocks := slices.Collect(slices.Chunk(strings.SplitAfter(strings.ReplaceAll(source, "DIR", dir), "\n}\n"), 500))
	for i, chunk := range blocks {
		write(s.t, at, map[string]string{fmt.Sprintf("%02d.hcl", i): strings.Join(chunk, "")})
	}
	cfg, diags := config.Load(at)
	if diags.HasErrors() {
		s.t.Fatal(diags)
	}
	graph, diags := eval.Build(cfg, s.catalog, eval.Inputs{})
	if diags.HasErrors() {
		s.t.Fatal(diags)
	}
	if diags := graph.Validate(s.t.Context(), s.catalog); diags.HasErrors() {
		s.t.Fatal(diags)
	}
	s.graph = graph
}

func (s *system) session() *plan.Session {
	s.t.Helper()
	session := plan.NewSession(s.graph, s.catalog, s.opt)
	s.t.Cleanup(func() {
		if err := session.Close(context.Background()); err != nil {
			s.t.Error(err)
		}
	})
	return session
}

// plan plans, which must go well.
func (s *system) plan() *plan.Plan {
	s.t.Helper()
	p, diags := s.session().Plan(s.t.Context())
	if diags.HasErrors() {
		s.t.Fatal(diags)
	}
	return p
}

// run plans and applies, whatever comes of it.
func (s *system) run(ctx context.Context) (*plan.Plan, []plan.Result, hcl.Diagnostics) {
	s.t.Helper()
	session := s.session()
	p, diags := session.Plan(ctx)
	if p == nil {
		s.t.Fatal(diags)
	}
	results, applyDiags := session.Apply(ctx, p)
	return p, results, append(diags, applyDiags...)
}

// converge plans and applies, which must go well, and makes sure that there is
// nothing to do after.
func (s *system) converge() (*plan.Plan, []plan.Result) {
	s.t.Helper()
	p, results, diags := s.run(s.t.Context())
	if diags.HasErrors() {
		s.t.Fatal(diags)
	}
	for _, step := range s.plan().Steps {
		if step.Changes() {
			s.t.Fatalf("after an apply the plan of %s is %s because of %q", step.Addr, step.Change.Action, step.Change.Reasons)
		}
	}
	return p, results
}

// actions writes a plan on one line: each step with its action, or how far
// planning came.
func actions(p *plan.Plan) string {
	var parts []string
	for _, s := range p.Steps {
		word := string(s.State)
		if s.State == plan.Planned {
			word = string(s.Change.Action)
		}
		parts = append(parts, names(s)+" "+word)
	}
	return strings.Join(parts, ", ")
}

// names are those of the tasks of a step, without the kind.
func names(s *plan.Step) string {
	text := strings.TrimPrefix(s.Addr.String(), "task.")
	for _, a := range s.With {
		text += "+" + strings.TrimPrefix(a.String(), "task.")
	}
	return text
}

// outcomes writes results on one line.
func outcomes(results []plan.Result) string {
	var parts []string
	for _, r := range results {
		parts = append(parts, fmt.Sprintf("%s %s", names(r.Step), r.Outcome))
	}
	return strings.Join(parts, ", ")
}

func step(t testing.TB, p *plan.Plan, address string) *plan.Step {
	t.Helper()
	a, err := addr.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(p.Steps, func(s *plan.Step) bool { return s.Addr == a || slices.Contains(s.With, a) })
	if i < 0 {
		t.Fatalf("%s is not in the plan %s", address, actions(p))
	}
	return p.Steps[i]
}

// write makes files below dir, whose content is nil for a directory.
func write(t testing.TB, dir string, content map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(content)) {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(content[name]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t testing.TB, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// wantErrors compares the summaries of the errors.
func wantErrors(t testing.TB, diags hcl.Diagnostics, want ...string) {
	t.Helper()
	var got []string
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			got = append(got, d.Summary)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("errors %q, want %q\n%v", got, want, diags)
	}
}

// contents are the files below dir.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	err := filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, at)
		out[name] = read(t, dir, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
