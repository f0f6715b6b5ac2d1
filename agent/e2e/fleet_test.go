package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
	"github.com/driftless-hq/driftless/internal/testutil/tfprovider"
)

// fleet is a repository of stacks that are applied, with their state behind
// HTTP, for the ways of checking them that [BenchmarkFleet] compares.
type fleet struct {
	dir       string
	cliConfig string
	names     []string
	git       *gitserver.HTTPServer
	states    *stateServer
}

// resourcesOf makes one of ten stacks large, and half of them small.
func resourcesOf(stack int) int { return []int{1, 20, 1, 20, 1, 200, 1, 20, 1, 20}[stack%10] }

// readTime has the resources of some stacks take their time to answer.
func readTime(stack int) string { return []string{"0s", "50ms", "0s"}[stack%3] }

func newFleet(b *testing.B, stacks int) *fleet {
	b.Helper()
	f := &fleet{dir: b.TempDir(), cliConfig: tfprovider.CLIConfig(b), states: newStateServer(b)}
	var wait sync.WaitGroup
	files, mu := make(map[string]string), sync.Mutex{}
	slots := make(chan struct{}, fleetParallel)
	for i := range stacks {
		name := fmt.Sprintf("stack%02d", i)
		f.names = append(f.names, name)
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			code, lock := f.apply(b, name, resourcesOf(i), readTime(i))
			mu.Lock()
			defer mu.Unlock()
			files[name+"/main.tf"], files[name+"/.terraform.lock.hcl"] = code, lock
		})
	}
	wait.Wait()
	if b.Failed() {
		b.FailNow()
	}
	repository := gitserver.New(b)
	repository.Commit(b, "main", files)
	f.git = repository.ServeHTTP(b, gitserver.HTTPOptions{})
	return f
}

// apply applies a stack as its owner would, and returns what is committed.
func (f *fleet) apply(b *testing.B, name string, resources int, delay string) (code, lock string) {
	world := filepath.Join(f.dir, "world", name)
	owner := filepath.Join(f.dir, "owner", name)
	for _, dir := range []string{world, owner} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			b.Error(err)
			return "", ""
		}
	}
	code = tfprovider.Requirements + fmt.Sprintf("terraform {\n  backend \"http\" {\n    address = %q\n  }\n}\n", f.states.url+"/"+name) +
		fmt.Sprintf("resource \"fixture_file\" \"this\" {\n  count   = %d\n  path    = \"%s/${count.index}\"\n  content = \"as declared\"\n  hang    = %q\n}\n", resources, world, delay)
	if err := os.WriteFile(filepath.Join(owner, "main.tf"), []byte(code), 0o644); err != nil {
		b.Error(err)
		return "", ""
	}
	for _, args := range [][]string{{"init", "-input=false"}, {"apply", "-input=false", "-auto-approve"}} {
		cmd := exec.Command("terraform", args...)
		cmd.Dir, cmd.Env = owner, f.environ()
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Errorf("terraform %s: %v\n%s", args[0], err, out)
			return "", ""
		}
	}
	text, err := os.ReadFile(filepath.Join(owner, ".terraform.lock.hcl"))
	if err != nil {
		b.Error(err)
	}
	return code, string(text)
}

func (f *fleet) environ() []string {
	return append(os.Environ(), "TF_CLI_CONFIG_FILE="+f.cliConfig, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "GIT_TERMINAL_PROMPT=0")
}

// drift changes one resource of a stack by hand.
func (f *fleet) drift(b *testing.B, name string) {
	b.Helper()
	write(b, filepath.Join(f.dir, "world", name, "0"), "by hand")
}

// stateServer keeps states as terraform's HTTP backend asks for it, and counts
// the requests.
type stateServer struct {
	url      string
	requests atomic.Int64

	mu     sync.Mutex
	states map[string]string
}

func newStateServer(b *testing.B) *stateServer {
	b.Helper()
	s := &stateServer{states: make(map[string]string)}
	server := httptest.NewServer(s)
	b.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *stateServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Method {
	case http.MethodPost:
		s.states[name] = string(body)
	case http.MethodGet:
		if state, ok := s.states[name]; ok {
			_, _ = io.WriteString(w, state) // a client that has gone asks again
			return
		}
		http.NotFound(w, r)
	default:
		http.Error(w, "there are no locks here", http.StatusMethodNotAllowed)
	}
}
