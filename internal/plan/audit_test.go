package plan_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/internal/plan"
)

// account is what is audited, with what was done in between.
type account struct {
	world *world
	mu    sync.Mutex
	lines []string
	all   []plan.AuditEntry
	fail  func(entries []plan.AuditEntry) error
}

func (a *account) keep(_ context.Context, entries []plan.AuditEntry) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, done := range a.world.done() {
		if strings.HasPrefix(done, "apply") {
			a.lines = append(a.lines, done)
		}
	}
	var line []string
	for _, e := range entries {
		line = append(line, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", e.Event, strings.TrimPrefix(e.Address.String(), "task."), e.Action, e.Outcome)))
	}
	a.lines = append(a.lines, strings.Join(line, ", "))
	a.all = append(a.all, entries...)
	if a.fail != nil {
		return a.fail(entries)
	}
	return nil
}

// audited has a system keep an account.
func audited(s *system) *account {
	a := &account{world: s.world}
	s.opt.Audit, s.opt.Key, s.opt.Parallel = a.keep, key, 1
	return a
}

const threeBoxes = `
task "box" "a" {
  name = "a"
  late = true
}
task "box" "b" {
  name  = "b"
  value = "x${task.box.a.content}"
}
task "box" "c" {
  name        = "c"
  enforcement = "detect"
}
task "box" "d" {
  name   = "d"
  secret = "canary"
  depends_on = [task.box.b]
}
`

// TestWhatIsAppliedIsAuditedBefore shows when an account is kept: of the plan
// in one go, of what is planned later at its turn, and of all at the end.
func TestWhatIsAppliedIsAuditedBefore(t *testing.T) {
	t.Parallel()
	s := load(t, threeBoxes, "")
	a := audited(s)
	_, _, diags := s.run(t.Context())
	wantErrors(t, diags)
	want := []string{
		"before box.a create, before box.d create",
		"apply a",
		"before box.b create",
		"apply b", "apply d",
		"after box.a create changed, after box.b create changed, after box.d create changed",
	}
	if diff := cmp.Diff(want, a.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	text, err := json.Marshal(a.all)
	if err != nil || strings.Contains(string(text), "canary") {
		t.Errorf("error %v, kept %s", err, text)
	}
	for _, e := range a.all {
		if e.Run != a.all[0].Run || e.Digest == "" || e.Time.IsZero() {
			t.Errorf("entry %+v", e)
		}
	}
	_, _, diags = s.run(t.Context())
	wantErrors(t, diags)
	if more := len(a.lines) - len(want); more != 0 {
		t.Errorf("a run that changes nothing made %d entries", more)
	}
}

// TestWhatCannotBeAuditedIsNotApplied fails to keep the account, of all or of a
// step that is planned later.
func TestWhatCannotBeAuditedIsNotApplied(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left on device")
	for _, test := range []struct {
		name string
		fail func(entries []plan.AuditEntry) error
		want string
		errs []string
	}{
		{"nothing can be kept", func([]plan.AuditEntry) error { return full }, "box.a failed, box.b skipped, box.c reported, box.d skipped", []string{"Could not be audited"}},
		{"a step that is planned later", func(entries []plan.AuditEntry) error {
			if entries[0].Address.Name == "b" {
				return full
			}
			return nil
		}, "box.a changed, box.b failed, box.c reported, box.d skipped", []string{"Could not be audited"}},
		{"the plan as a whole, but one by one", func(entries []plan.AuditEntry) error {
			if len(entries) == 2 {
				return full
			}
			return nil
		}, "box.a changed, box.b changed, box.c reported, box.d changed", nil},
		{"the outcomes", func(entries []plan.AuditEntry) error {
			if entries[0].Event == plan.AuditAfter {
				return full
			}
			return nil
		}, "box.a changed, box.b changed, box.c reported, box.d changed", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := load(t, threeBoxes, "")
			audited(s).fail = test.fail
			p, results, diags := s.run(t.Context())
			wantErrors(t, diags, test.errs...)
			got := make([]string, 0, 4)
			for _, name := range []string{"a", "b", "c", "d"} {
				for _, r := range results {
					if r.Step == step(t, p, "task.box."+name) {
						got = append(got, names(r.Step)+" "+string(r.Outcome))
					}
				}
			}
			if diff := cmp.Diff(test.want, strings.Join(got, ", ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if warned := strings.Contains(diags.Error(), "Outcome could not be audited"); warned != (test.name == "the outcomes") {
				t.Errorf("diagnostics %v", diags)
			}
		})
	}
}
