package terraform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// wrap has the task call a script in place of terraform, which is told to call
// it as "$@" after the name of the command.
func (c *clinic) wrap(script string) {
	c.t.Helper()
	file := filepath.Join(c.t.TempDir(), "wrapped")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		c.t.Fatal(err)
	}
	c.attrs["binary"] = cty.StringVal(file)
}

// record is what is kept of the stack.
func (c *clinic) record() record {
	c.t.Helper()
	data, err := os.ReadFile(c.recordFile())
	if err != nil {
		c.t.Fatal(err)
	}
	var rec record
	if err := json.Unmarshal(data, &rec); err != nil {
		c.t.Fatal(err)
	}
	return rec
}

func (c *clinic) recordFile() string {
	return filepath.Join(c.data, "stacks", stackID(filepath.Join(c.root, "stack")), "record.default.json")
}

// outcomes are those of the attempts that were made.
func (c *clinic) outcomes() []remedyState {
	var all []remedyState
	for _, one := range c.record().Remedies.Made {
		all = append(all, one.Outcome)
	}
	return all
}

// TestWhatHasChangedSinceThePlanIsNotApplied is 68.
func TestWhatHasChangedSinceThePlanIsNotApplied(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		then func(c *clinic)
		want string
	}{
		{"68: the drift is another", func(c *clinic) { c.write("a", "by another hand") }, "it has changed since the plan"},
		{"68: the drift is gone", func(c *clinic) { c.write("a", "as declared") }, "it has changed since the plan: there is no drift any more"},
		{"68: there is new code", func(c *clinic) { c.edit(`"0640"`, `"0600"`) }, "it has changed since the plan"},
		{"68: the stack is gone", func(c *clinic) {
			if err := os.Rename(filepath.Join(c.root, "stack"), filepath.Join(c.root, "another")); err != nil {
				c.t.Fatal(err)
			}
		}, "the stack is gone since the plan"},
		{"the code is broken", func(c *clinic) { c.edit("output", "outpu") }, "Unsupported block type"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newClinic(t, twoFiles, remediation(strategyApply))
			c.write("a", "by hand")
			task := c.open()
			change, _ := plan(t, task)
			test.then(c)
			was := c.read("a")
			line, diags := c.apply(task, change)
			if diags.HasErrors() || !strings.Contains(line, "not reverted: "+test.want) {
				t.Errorf("%s, want %q; diagnostics %v", line, test.want, diags)
			}
			if _, changed := task.Findings(); changed || c.read("a") != was {
				t.Errorf("changed %t, the file is %q", changed, c.read("a"))
			}
			if test.want != "the stack is gone since the plan" && len(c.outcomes()) > 0 {
				t.Errorf("attempts %q", c.outcomes())
			}
		})
	}
}

// TestAStateThatMovesUnderTheApplyIsNotTouched is 68 at the last moment: it is
// terraform that refuses, and the attempt counts for nothing.
func TestAStateThatMovesUnderTheApplyIsNotTouched(t *testing.T) {
	t.Parallel()
	c := newClinic(t, oneFile, remediation(strategyApply))
	state := filepath.Join(c.state, "stack.tfstate")
	c.wrap(`if [ "$1" = apply ]; then sed -i 's/"serial": \([0-9]*\)/"serial": 1\1/' ` + state + `; fi; exec terraform "$@"` + "\n")
	c.write("a", "by hand")
	c.expect("the serial has moved", "drifted: 1 drifted; not reverted: the state has changed since the plan, or is locked: Saved plan is stale")
	if c.read("a") != "by hand" || len(c.outcomes()) > 0 {
		t.Errorf("the file is %q, attempts %q", c.read("a"), c.outcomes())
	}
}

// stateStore is a backend that keeps a state, and that can be locked.
type stateStore struct {
	mu     sync.Mutex
	state  []byte
	locked bool // by someone else
	full   bool // and takes no other state
	calls  []string
}

func (s *stateStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, r.Method)
	switch r.Method {
	case "LOCK":
		if s.locked {
			w.WriteHeader(http.StatusLocked)
			fmt.Fprint(w, `{"ID":"1","Who":"someone@elsewhere","Operation":"apply"}`)
		}
	case http.MethodGet:
		if s.state == nil {
			w.WriteHeader(http.StatusNoContent)
		}
		_, _ = w.Write(s.state)
	case http.MethodPost:
		if s.full {
			w.WriteHeader(http.StatusInsufficientStorage)
			return
		}
		s.state, _ = io.ReadAll(r.Body)
	}
}

// TestALockedStateIsLeftAlone refuses while someone else applies, and takes the
// lock itself when it does.
func TestALockedStateIsLeftAlone(t *testing.T) {
	t.Parallel()
	store, c := newStoredClinic(t, oneFile)
	c.write("a", "by hand")
	store.locked = true
	line, diags := c.check()
	if want := "drifted: 1 drifted; not reverted: Error acquiring the state lock: Error message: HTTP remote state already locked: ID=1 Lock Info: "; !strings.HasPrefix(line, want) || strings.Contains(line, "-lock=false") || diags.HasErrors() {
		t.Errorf("while it is locked: %s, diagnostics %v", line, diags)
	}
	store.locked = false
	store.calls = nil
	c.expect("when it is free", "clean: as declared; reverted")
	if diff := cmp.Diff("GET LOCK GET UNLOCK LOCK GET UNLOCK GET", strings.Join(store.calls, " ")); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	c.write("a", "by hand")
	c.attrs["lock"] = cty.True
	c.now = c.now.Add(2 * time.Hour)
	store.calls = nil
	c.expect("where checks lock as well", "clean: as declared; reverted")
	if diff := cmp.Diff(strings.Repeat("LOCK GET UNLOCK ", 4), strings.Join(store.calls, " ")+" "); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// newStoredClinic has the state of its stack in a store.
func newStoredClinic(t *testing.T, code string) (*stateStore, *clinic) {
	t.Helper()
	store := &stateStore{}
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	l := newLab(t)
	l.stack(t, "stack", code)
	write(t, filepath.Join(l.root, "stack", "backend.tf"), fmt.Sprintf("terraform {\n  backend \"http\" {\n    address = %[1]q\n    lock_address = %[1]q\n    unlock_address = %[1]q\n    retry_max = 0\n  }\n}\n", server.URL))
	l.apply(t, "stack")
	return store, l.clinic(t, remediation(strategyApply))
}

// TestAnApplyThatFails is 70: what was done is told, and it is tried once more,
// after the cooldown. Then a person has to look.
func TestAnApplyThatFails(t *testing.T) {
	t.Parallel()
	c := newClinic(t, twoFiles, remediation(strategyApply))
	c.write("a", "by hand")
	c.write("b", "by hand")
	write(t, c.file("b.refuse"), "")
	line, diags := c.check()
	for _, want := range []string{
		"drifted: 1 drifted; could not be reverted: Cannot write the file: the API answered 500 to the change of ",
		"; 1 of 2 changes made (fixture_file.a); terraform has come to its own end, before which it writes the state and releases the lock",
	} {
		if !strings.Contains(line, want) || !diags.HasErrors() {
			t.Errorf("%s\nwant %s\n%v", line, want, diags)
		}
	}
	if c.read("a") != "as declared" {
		t.Errorf("the other file is %q", c.read("a"))
	}
	if line, _ := c.check(); !strings.Contains(line, "not reverted: the last attempt was made at") {
		t.Errorf("at once: %s", line)
	}
	c.now = c.now.Add(61 * time.Minute)
	if line, _ := c.check(); !strings.Contains(line, "could not be reverted") || !strings.Contains(line, "0 of 1 change made") {
		t.Errorf("after the cooldown: %s", line)
	}
	c.now = c.now.Add(240 * time.Hour)
	if line, _ := c.check(); !strings.Contains(line, "is approved: there were 2 attempts from") {
		t.Errorf("after the second attempt: %s", line)
	}
	if diff := cmp.Diff([]remedyState{failed, failed}, c.outcomes()); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
}

// TestDriftThatReturns is 71.
func TestDriftThatReturns(t *testing.T) {
	t.Parallel()
	c := newClinic(t, oneFile, remediation(strategyApply))
	c.wrap(`terraform "$@"; code=$?; if [ "$1" = apply ]; then printf "by hand" > ` + c.file("a") + `; fi; exit $code` + "\n")
	c.write("a", "by hand")
	for range 2 {
		c.expect("it drifts again", "drifted: 1 drifted; reverted: and it has drifted again at once")
		c.now = c.now.Add(2 * time.Hour)
	}
	line, _ := c.check()
	if !strings.Contains(line, "so a person has to look") {
		t.Errorf("the third time: %s", line)
	}
	change, _ := plan(t, c.open())
	c.approved = []string{finding(t, change, "stack").Value.GetAttr("remedy").GetAttr("id").AsString()}
	c.expect("a person has approved of it", "drifted: 1 drifted; reverted: and it has drifted again at once")
	if line, _ := c.check(); !strings.Contains(line, "not reverted: the last attempt") {
		t.Errorf("an approval is for one attempt: %s", line)
	}
	if diff := cmp.Diff([]remedyState{applied, applied, applied}, c.outcomes()); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
}

// TestAnApprovalIsForOneRemedy: another drift needs another.
func TestAnApprovalIsForOneRemedy(t *testing.T) {
	t.Parallel()
	c := newClinic(t, oneFile, remediation(strategyApply, map[string]cty.Value{"approval": cty.True, "cooldown": cty.StringVal("0s")}))
	id := func() string {
		change, _ := plan(t, c.open())
		return finding(t, change, "stack").Value.GetAttr("remedy").GetAttr("id").AsString()
	}
	c.write("a", "by hand")
	first := id()
	if again := id(); again != first {
		t.Errorf("the same drift has the ids %s and %s", first, again)
	}
	c.write("a", "by another hand")
	if other := id(); other == first {
		t.Errorf("another drift has the same id %s", first)
	}
	c.approved = []string{first}
	c.expect("another drift than was approved", "drifted: 1 drifted; would be reverted once ID is approved")
	c.write("a", "by hand")
	c.expect("what was approved", "clean: as declared; reverted")
	c.write("a", "by hand")
	c.expect("the same once more", "drifted: 1 drifted; would be reverted once ID is approved")
	write(t, c.recordFile(), "{")
	c.expect("nobody knows of the attempt any more", "drifted: 1 drifted; would be reverted once ID is approved: the record of earlier attempts was damaged, so a person has to look")
}

// TestAnApplyThatIsInterrupted is 73: terraform ends what it has begun, writes
// the state and releases its lock; nothing is left running. That it was tried
// is on the disk before, so that a kill counts as well.
func TestAnApplyThatIsInterrupted(t *testing.T) {
	t.Parallel()
	c := newClinic(t, twoFiles, remediation(strategyApply))
	c.write("a", "by hand")
	write(t, c.file("a.hold"), "")
	task := c.open()
	change, _ := plan(t, task)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	ended := make(chan plugin.Diagnostics)
	go func() {
		_, diags := task.Apply(ctx, change)
		ended <- diags
	}()
	await(t, c.file("a.held"))
	if diff := cmp.Diff([]remedyState{""}, c.outcomes()); diff != "" {
		t.Errorf("attempts while it is applied (-want +got):\n%s", diff)
	}
	cancel(errors.New("the agent stops"))
	if err := os.Remove(c.file("a.hold")); err != nil {
		t.Fatal(err)
	}
	diags := <-ended
	found, changed := task.Findings()
	line := rendered(found[0])[0]
	if !strings.Contains(line, "could not be reverted: it was interrupted (the agent stops); ") || !strings.HasSuffix(line, "terraform has come to its own end, before which it writes the state and releases the lock") || !diags.HasErrors() || !changed {
		t.Errorf("%s, changed %t, diagnostics %v", line, changed, diags)
	}
	if left, err := filepath.Glob(filepath.Join(c.state, ".*lock.info")); len(left) > 0 || err != nil {
		t.Errorf("locks %q, error %v", left, err)
	}
	if left := running(t, c.cliConfig); len(left) > 0 {
		t.Errorf("still running: %v", left)
	}
	if diff := cmp.Diff([]remedyState{failed}, c.outcomes()); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	c.expect("the next check finds the state written", "clean: as declared")
}

// await waits until there is a file.
func await(t *testing.T, file string) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for {
		if _, err := os.Stat(file); err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("there is no %s", file)
		}
	}
}
