package plan_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/internal/plan"
)

// attempts notes the attempts that failed.
type attempts struct {
	plan.Quiet
	mu     sync.Mutex
	failed []plan.FailedAttempt
	after  func(plan.FailedAttempt)
}

func (a *attempts) Retrying(f plan.FailedAttempt) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failed = append(a.failed, f)
	if a.after != nil {
		a.after(f)
	}
}

func TestRetry(t *testing.T) {
	const third = `shell = "echo x >> DIR/tries; wc -l < DIR/tries; test $(wc -l < DIR/tries) -ge 3"`
	tests := []struct {
		name     string
		command  string
		retry    string
		outcome  plan.Outcome
		attempts int
		summary  string // of the error
	}{
		{"a command that succeeds is run once", `command = ["true"]`, `attempts = 5`, plan.Changed, 1, ""},
		{"a command that fails is run until it succeeds", third, `attempts = 5`, plan.Changed, 3, ""},
		{"the last attempt is what counts", third, `attempts = 2`, plan.Broken, 2, "Command failed"},
		{"without a number there are three attempts", third, ``, plan.Changed, 3, ""},
		{"a command is run until its result is as wanted", `shell = "echo x >> DIR/tries; wc -l < DIR/tries"`, `until = trimspace(self.stdout) == "2"`, plan.Changed, 2, ""},
		{"a result that never is as wanted is an error", `command = ["true"]`, `until = self.rc == 1`, plan.Broken, 3, "Condition not met"},
		{"a condition that can't be evaluated is an error", `command = ["true"]`, `until = tonumber("${self.stdout}x") == 1`, plan.Broken, 3, "Invalid function argument"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := load(t, `
task "command" "c" {
  `+tt.command+`
  retry {
    `+tt.retry+`
    delay     = "1ms"
    max_delay = "2ms"
  }
}`, t.TempDir())
			observer := &attempts{}
			s.opt.Observer = observer
			_, results, diags := s.run(t.Context())
			if r := results[0]; r.Outcome != tt.outcome || r.Attempts != tt.attempts {
				t.Errorf("%s with attempt %d, want %s with %d", r.Outcome, r.Attempts, tt.outcome, tt.attempts)
			}
			if len(observer.failed) != tt.attempts-1 {
				t.Errorf("%d attempts are said to be followed by another", len(observer.failed))
			}
			if tt.summary == "" {
				wantErrors(t, diags)
			} else {
				wantErrors(t, diags, tt.summary)
			}
		})
	}
}

const everFailing = `
task "command" "c" {
  command = ["false"]
  timeout = "TIMEOUT"
  retry {
    attempts = 100
    delay    = "1h"
    max_delay = "1h"
  }
}`

func TestRetriesEndWithTheTimeout(t *testing.T) {
	s := load(t, strings.ReplaceAll(everFailing, "TIMEOUT", "100ms"), "")
	_, results, diags := s.run(t.Context())
	if r := results[0]; r.Outcome != plan.Broken || r.Attempts != 1 {
		t.Errorf("%s with attempt %d", r.Outcome, r.Attempts)
	}
	if len(diags) != 1 || !strings.Contains(diags[0].Detail, "no time for another attempt: the timeout of task.command.c, 100ms, is over") {
		t.Errorf("diagnostics %v", diags)
	}
}

func TestRetriesEndWithTheRun(t *testing.T) {
	s := load(t, strings.ReplaceAll(everFailing, "TIMEOUT", "1h"), "")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.opt.Observer = &attempts{after: func(plan.FailedAttempt) { cancel() }}
	_, results, diags := s.run(ctx)
	if r := results[0]; r.Outcome != plan.Broken || r.Attempts != 1 {
		t.Errorf("%s with attempt %d", r.Outcome, r.Attempts)
	}
	if !slices.ContainsFunc(diags, func(d *hcl.Diagnostic) bool { return d.Summary == "Command failed" }) {
		t.Errorf("diagnostics %v", diags)
	}
}
