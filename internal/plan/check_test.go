package plan_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
)

func TestConditions(t *testing.T) {
	tests := []struct {
		name    string
		config  string
		plan    string
		results string
		detail  string // of the error
	}{
		{"a precondition that is false keeps the task from being planned", `
task "box" "a" { name = "a" }
task "box" "b" {
  name = "b"
  precondition {
    condition     = task.box.a.color == "blue"
    error_message = "The box is ${task.box.a.color}."
  }
}
task "box" "c" {
  name  = "c"
  value = task.box.b.name
}`, "box.a create, box.b failed, box.c skipped", "box.a changed, box.b failed, box.c skipped", "The box is red."},
		{"a precondition that isn't known is judged in apply", `
task "box" "a" {
  name  = "a"
  value = "x"
  late  = true
}
task "box" "b" {
  name = "b"
  precondition {
    condition     = task.box.a.content == "y"
    error_message = "It holds ${task.box.a.content}."
  }
}`, "box.a create, box.b create", "box.a changed, box.b failed", "It holds x."},
		{"a precondition that turns out to hold lets the task be applied", `
task "box" "a" {
  name  = "a"
  value = "x"
  late  = true
}
task "box" "b" {
  name = "b"
  precondition {
    condition     = task.box.a.content == "x"
    error_message = "It holds ${task.box.a.content}."
  }
}`, "box.a create, box.b create", "box.a changed, box.b changed", ""},
		{"of two preconditions each is judged", `
task "box" "b" {
  name = "b"
  when = task.box.a.color == "red"
  precondition {
    condition     = task.box.a.color == "red"
    error_message = "It is not red."
  }
  precondition {
    condition     = task.box.a.color == "green"
    error_message = "It is not green."
  }
}
task "box" "a" { name = "a" }`, "box.a create, box.b failed", "box.a changed, box.b failed", "It is not green."},
		{"a task that takes no part has no conditions", `
task "box" "a" { name = "a" }
task "box" "b" {
  name = "b"
  when = task.box.a.color == "blue"
  precondition {
    condition     = task.box.a.color == "blue"
    error_message = "It is not blue."
  }
}`, "box.a create", "box.a changed", ""},
		{"a postcondition is judged in the plan where the result is known", `
task "box" "a" {
  name  = "a"
  value = "x"
  postcondition {
    condition     = self.content == "y"
    error_message = "It holds ${self.content}."
  }
}`, "box.a failed", "box.a failed", "It holds x."},
		{"a postcondition that isn't known is judged after apply", `
task "box" "a" {
  name  = "a"
  value = "x"
  late  = true
  postcondition {
    condition     = self.content == "y"
    error_message = "It holds ${self.content}."
  }
}
task "box" "b" {
  name  = "b"
  value = task.box.a.value
}`, "box.a create, box.b create", "box.a failed, box.b skipped", "It holds x."},
		{"a message that shows a secret isn't shown", `
task "box" "a" {
  name   = "a"
  secret = "swordfish"
  late   = true
  postcondition {
    condition     = self.content == "y"
    error_message = "It holds ${self.content}."
  }
}`, "box.a create", "box.a failed", "because it is sensitive"},
		{"a condition is judged where nothing changes, too", `
task "box" "late" {
  name  = "late"
  value = "x"
  late  = true
}
task "file" "same" {
  path  = "DIR/same"
  state = "absent"
  precondition {
    condition     = task.box.late.content == "y"
    error_message = "It is x."
  }
}`, "box.late create, file.same no-op", "box.late changed, file.same failed", "It is x."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := load(t, tt.config, t.TempDir())
			if got := s.planned(); got != tt.plan {
				t.Errorf("planned %s, want %s", got, tt.plan)
			}
			_, results, diags := s.run(t.Context())
			if got := outcomes(results); got != tt.results {
				t.Errorf("outcomes %s, want %s", got, tt.results)
			}
			wantOnlyDetail(t, diags, tt.detail)
		})
	}
}

// wantOnlyDetail looks for a text in the only error, where there is to be one.
func wantOnlyDetail(t *testing.T, diags hcl.Diagnostics, detail string) {
	t.Helper()
	switch {
	case detail == "" && diags.HasErrors():
		t.Errorf("diagnostics %v", diags)
	case detail != "" && (len(diags) != 1 || !strings.Contains(diags[0].Detail, detail) || diags[0].Subject == nil):
		t.Errorf("diagnostics %v, want one that says where and %q", diags, detail)
	}
}

func TestOnErrorContinue(t *testing.T) {
	const after = `
task "box" "after" {
  name       = "after"
  value      = coalesce(task.command.c.stdout, "nothing")
  depends_on = [task.command.c]
}`
	tests := []struct {
		name    string
		config  string
		plan    string
		results string
	}{
		{"a task that fails is passed over, and has learnt nothing", `
task "command" "c" {
  command  = ["false"]
  on_error = "continue"
}` + after, "command.c run, box.after deferred", "command.c ignored, box.after changed"},
		{"a task that can't be planned is passed over", `
task "command" "c" {
  command  = ["true"]
  unless   = ["/no/such/program"]
  on_error = "continue"
}` + after, "command.c failed, box.after create", "command.c ignored, box.after changed"},
		{"a condition that is false is passed over", `
task "box" "b" { name = "b" }
task "command" "c" {
  command  = ["true"]
  on_error = "continue"
  precondition {
    condition     = task.box.b.color == "blue"
    error_message = "It is not blue."
  }
}` + after, "box.b create, command.c failed, box.after create", "box.b changed, command.c ignored, box.after changed"},
		{"the tasks of one path fail together", `
task "file" "f" {
  path     = "DIR/f"
  content  = "x\n"
  on_error = "continue"
  validate = ["test", "-d", "{{path}}"]
}
task "lineinfile" "l" {
  path = "DIR/f"
  line = "y"
}`, "file.f+lineinfile.l create", "file.f+lineinfile.l failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := load(t, tt.config, t.TempDir())
			if got := s.planned(); got != tt.plan {
				t.Errorf("planned %s, want %s", got, tt.plan)
			}
			_, results, diags := s.run(t.Context())
			if got := outcomes(results); got != tt.results {
				t.Errorf("outcomes %s, want %s", got, tt.results)
			}
			if fails := strings.Contains(tt.results, "failed"); diags.HasErrors() != fails || len(diags) == 0 {
				t.Errorf("diagnostics %v", diags)
			}
		})
	}
}
