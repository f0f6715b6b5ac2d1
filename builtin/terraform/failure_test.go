package terraform

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/process"
	"github.com/driftless-hq/driftless/plugin"
)

// The numbers are those of the list of failures that the engine is to survive.

// stateServer is a backend that counts what it is asked for.
func stateServer(t *testing.T, state string, hang <-chan struct{}) (address string, requests func() []string) {
	t.Helper()
	var mu sync.Mutex
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen = append(seen, r.Method)
		mu.Unlock()
		if hang != nil {
			<-hang
		}
		fmt.Fprint(w, state)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []string {
		mu.Lock()
		defer mu.Unlock()
		requests := seen
		seen = nil
		return requests
	}
}

// TestASteadyCheckAsksTheBackendOnce shows that a check locks nothing, and that
// the settings of the backend reach it.
func TestASteadyCheckAsksTheBackendOnce(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, lab *lab) {
		address, requests := stateServer(t, `{"version":4,"serial":1,"lineage":"a","outputs":{},"resources":[]}`, nil)
		write(t, filepath.Join(lab.root, "stack", "main.tf"), "terraform {\n  backend \"http\" {}\n}\n")
		task := lab.open(t, map[string]cty.Value{"backend_config": cty.MapVal(map[string]cty.Value{"address": cty.StringVal(address), "lock_address": cty.StringVal(address)})})
		plan(t, task)
		requests()
		change, _ := plan(t, task)
		if got := rendered(finding(t, change, "stack"))[0]; got != "clean: as declared" {
			t.Errorf("the stack is %s", got)
		}
		if diff := cmp.Diff([]string{"GET"}, requests()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	})
}

// TestABackendThatHangsIsGivenUp is 23: init is deaf to being interrupted.
func TestABackendThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, lab *lab) {
		hang := make(chan struct{})
		address, _ := stateServer(t, "", hang)
		t.Cleanup(func() { close(hang) })
		write(t, filepath.Join(lab.root, "stack", "main.tf"), fmt.Sprintf("terraform {\n  backend \"http\" {\n    address = %q\n  }\n}\n", address))
		phases := cty.ObjectVal(map[string]cty.Value{"init": cty.StringVal("1s"), "plan": cty.StringVal("25m"), "show": cty.StringVal("2m"), "apply": cty.StringVal("30m")})
		change, diags := lab.open(t, map[string]cty.Value{"phase_timeout": phases}).Plan(t.Context(), nil)
		stuck := finding(t, change, "stack")
		if stuck.Verdict != "error" || stuck.Summary != "Timeout" || stuck.Value.GetAttr("failed_in").AsString() != "init" || !strings.Contains(diags[0].Detail, "the init did not end within the phase_timeout of 1s") {
			t.Errorf("%s: %s in %s, diagnostics %v", stuck.Verdict, stuck.Summary, stuck.Value.GetAttr("failed_in").GoString(), diags)
		}
	})
}

// TestWhatAProviderLeavesBehindIsEnded is 26, and 27: nothing is left but the
// lock that was never taken.
func TestWhatAProviderLeavesBehindIsEnded(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, lab *lab) {
		lab.stack(t, "stack", oneFile)
		lab.apply(t, "stack")
		(&mutated{lab, "stack"}).setInState(t, "mishap", "orphan")
		change, _ := plan(t, lab.open(t, nil))
		if got, _ := finding(t, change, "stack").Value.GetAttr("orphans").AsBigFloat().Int64(); got != 1 {
			t.Errorf("%d orphans were ended, want 1", got)
		}
		if left := running(t, lab.cliConfig); len(left) > 0 {
			t.Errorf("still running: %v", left)
		}
	})
}

// TestADeafProviderIsKilled is 24 and 26 in one.
func TestADeafProviderIsKilled(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, lab *lab) {
		lab.stack(t, "stack", oneFile)
		lab.apply(t, "stack")
		(&mutated{lab, "stack"}).setInState(t, "mishap", "deaf")
		phases := cty.ObjectVal(map[string]cty.Value{"init": cty.StringVal("10m"), "plan": cty.StringVal("3s"), "show": cty.StringVal("2m"), "apply": cty.StringVal("30m")})
		change, _ := lab.open(t, map[string]cty.Value{"phase_timeout": phases}).Plan(t.Context(), nil)
		if f := finding(t, change, "stack"); f.Summary != "Timeout" || f.Value.GetAttr("failure").AsString() != "timeout" {
			t.Errorf("%s: %s", f.Verdict, f.Summary)
		}
		if left := running(t, lab.cliConfig); len(left) > 0 {
			t.Errorf("still running: %v", left)
		}
	})
}

// TestTheNextProcessEndsWhatAKilledOneLeft is 28: a provider is left, and the
// files of the run with the secrets in them.
func TestTheNextProcessEndsWhatAKilledOneLeft(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	run := "killed" + filepath.Base(filepath.Dir(filepath.Dir(dir)))
	claim := filepath.Join(dir, "stacks", "some", claimName)
	write(t, claim, run)
	write(t, filepath.Join(tempDir(run), "variables.tfvars.json"), "{}")
	t.Cleanup(func() {
		if err := os.RemoveAll(tempDir(run)); err != nil {
			t.Error(err)
		}
	})
	left := exec.Command("sleep", "3600")
	left.Env = []string{process.Marker(run)}
	if err := left.Start(); err != nil {
		t.Fatal(err)
	}
	openWith(t, New().(*provider), dir, map[string]cty.Value{"path": cty.StringVal("/stacks")})
	if err := left.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("it ended by itself: %v", err)
	}
	if _, err := os.Stat(tempDir(run)); !os.IsNotExist(err) {
		t.Errorf("the files of the run are left: %v", err)
	}
	if text, err := os.ReadFile(claim); len(text) > 0 || err != nil {
		t.Errorf("the claim says %q, error %v", text, err)
	}
}

// TestALockedStateIsNoDrift is 30: with lock = true someone else's lock is told
// as what it is, and an apply under way is not compared with.
func TestALockedStateIsNoDrift(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, lab *lab) {
		var isLocked atomic.Bool
		isLocked.Store(true)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "LOCK" && isLocked.Load() {
				w.WriteHeader(http.StatusLocked)
				fmt.Fprint(w, `{"ID":"1","Who":"someone@elsewhere","Operation":"apply"}`)
				return
			}
			if r.Method == http.MethodGet {
				fmt.Fprint(w, `{"version":4,"serial":1,"lineage":"a","outputs":{},"resources":[]}`)
			}
		}))
		t.Cleanup(server.Close)
		write(t, filepath.Join(lab.root, "stack", "main.tf"), fmt.Sprintf("terraform {\n  backend \"http\" {\n    address = %[1]q\n    lock_address = %[1]q\n    unlock_address = %[1]q\n  }\n}\n", server.URL))
		check := func() (string, plugin.Diagnostics) {
			change, diags := lab.open(t, map[string]cty.Value{"lock": cty.True}).Plan(t.Context(), nil)
			return finding(t, change, "stack").Verdict, diags
		}
		if verdict, diags := check(); verdict != "locked" || diags.HasErrors() {
			t.Errorf("while it is locked the stack is %s, diagnostics %v", verdict, diags)
		}
		isLocked.Store(false)
		if verdict, diags := check(); verdict != "clean" || len(diags) > 0 {
			t.Errorf("when it is free the stack is %s, diagnostics %v", verdict, diags)
		}
	})
}
