package plan_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/internal/plan"
)

// canary is a secret of several lines, one of which has to be quoted in JSON.
const canary = "CANARY-one\nCANARY \"two\"\\end\nCANARY-three"

// everything is all that may leave the process of a run: the records, the
// results, the diagnostics, the outputs, the saved plan and the log.
func everything(t *testing.T, s *system) string {
	t.Helper()
	session := s.session()
	p, diags := session.Plan(t.Context())
	saved := filepath.Join(t.TempDir(), "plan")
	if err := (plan.File{}).Save(t.Context(), saved, p, key); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(saved)
	if err != nil {
		t.Fatal(err)
	}
	text := records(t, p) + string(content) + diagnostics(diags)
	results, diags := session.Apply(t.Context(), p)
	for _, r := range results {
		text += fmt.Sprintf("%s %s %s\n", r.Step.Addr, r.Outcome, r.Error)
	}
	return text + records(t, p) + diagnostics(diags) + s.log.String()
}

func records(t *testing.T, p *plan.Plan) string {
	t.Helper()
	var text strings.Builder
	for _, step := range p.Steps {
		r := step.Record()
		encoded, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&text, "%s\n%+v\n%v\n%s\n", encoded, r, r.Attributes, r.TextNote)
		for _, h := range r.Hunks {
			for _, l := range h.Lines {
				fmt.Fprintf(&text, "%s\n", l.Text)
			}
		}
	}
	for name, v := range p.Outputs {
		fmt.Fprintln(&text, name, plan.Text(v), plan.Outward(v))
	}
	return text.String()
}

func diagnostics(diags hcl.Diagnostics) string {
	var text strings.Builder
	for _, d := range diags {
		fmt.Fprintln(&text, d.Summary, d.Detail)
	}
	return text.String()
}

// TestNothingSensitiveComesOut runs configurations in which CANARY is only
// ever in a sensitive place, and looks for it wherever a reader could.
func TestNothingSensitiveComesOut(t *testing.T) {
	const secret = `
variable "secret" {
  default   = %q
  sensitive = true
}
`
	tests := []struct {
		name   string
		source string
		files  map[string]string
		setup  func(*system)
	}{
		{"a provider that tells all it knows", `
task "box" "a" {
  name  = "a"
  value = var.secret
  does  = "tells all it knows"
}
task "box" "b" {
  name  = "b"
  value = task.box.a.content
}
output "o" { value = task.box.a.content }`, nil, nil},
		{"an attribute that its schema calls sensitive", `
task "box" "a" {
  name   = "a"
  secret = nonsensitive(var.secret)
  does   = "tells all it knows"
}`, nil, nil},
		{"a task that is sensitive as a whole", `
task "box" "a" {
  name      = "a"
  value     = nonsensitive(var.secret)
  does      = "tells all it knows"
  sensitive = true
}
task "box" "b" {
  name  = "b"
  value = "${task.box.a.value}${task.box.a.content}"
}
task "box" "late" {
  name      = "late"
  value     = nonsensitive(var.secret)
  late      = true
  sensitive = true
  retry { delay = "1ms" }
  postcondition {
    condition     = self.content == ""
    error_message = "It holds ${self.content}."
  }
}
output "o" { value = task.box.a.content }`, nil, nil},
		{"what a sensitive task says when it fails", `
task "command" "c" {
  shell     = "echo CANA''RY >&2; exit 1"
  sensitive = true
}
task "box" "p" {
  name      = "p"
  value     = nonsensitive(var.secret)
  does      = "panics when applied"
  sensitive = true
  on_error  = "continue"
}
task "box" "f" {
  name      = "f"
  value     = nonsensitive(var.secret)
  does      = "fails and tells"
  sensitive = true
}`, nil, nil},
		{"a file that is sensitive as a whole", `
task "file" "f" {
  path      = "DIR/f"
  content   = nonsensitive(var.secret)
  sensitive = true
}
task "lineinfile" "l" {
  path      = "DIR/f"
  line      = "and more"
}`, map[string]string{"f": "CANARY before"}, nil},
		{"what a source calls sensitive", `
source "look" "x" { name = "x" }
task "box" "a" {
  name  = "a"
  value = source.look.x.token
  does  = "tells all it knows"
}
output "o" { value = source.look.x.token }`, nil, func(s *system) { s.world.put("x", "secret") }},
		{"a provider that panics in a plan", `
task "box" "a" {
  name  = "a"
  value = var.secret
  does  = "panics when planned"
}`, nil, nil},
		{"a provider that panics in an apply", `
task "box" "a" {
  name  = "a"
  value = var.secret
  does  = "panics when applied"
}`, nil, nil},
		{"an error that tells", `
task "box" "a" {
  name  = "a"
  value = var.secret
  does  = "fails and tells"
}`, nil, nil},
		{"a step that waits", `
task "box" "a" {
  name  = "a"
  value = var.secret
  late  = true
}
task "box" "b" {
  name  = "b"
  value = task.box.a.content
  does  = "tells all it knows"
}`, nil, nil},
		{"a file whose content is sensitive, now and before", `
task "file" "f" {
  path    = "DIR/f"
  content = "password ${var.secret}\n"
}`, map[string]string{"f": "password old " + canary}, nil},
		{"a file of which an edit is sensitive, now and before", `
task "file" "f" {
  path    = "DIR/f"
  content = "public\n"
}
task "lineinfile" "l" {
  path = "DIR/f"
  line = split("\n", var.secret)[0]
}
task "lineinfile" "m" {
  path = "DIR/f"
  line = "public too"
}
output "o" { value = task.lineinfile.m.checksum }`, map[string]string{"f": canary}, nil},
		{"a file whose owner is sensitive and whose edit is not", `
task "file" "f" {
  path    = "DIR/f"
  content = "${var.secret}\n"
}
task "lineinfile" "l" {
  path = "DIR/f"
  line = "public"
}`, map[string]string{"f": "old " + canary}, nil},
		{"a command whose arguments and output are sensitive", `
task "command" "c" {
  command = ["printf", "%%s", var.secret]
}
task "command" "d" {
  command = ["sh", "-c", "printf %%s \"$TOKEN\" >&2; exit 1"]
  env     = { TOKEN = var.secret }
}
output "o" { value = task.command.c.stdout }`, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, tt.files)
			s := load(t, fmt.Sprintf(secret+tt.source, canary), dir)
			if tt.setup != nil {
				tt.setup(s)
			}
			for range 2 { // the second run finds what the first left
				text := everything(t, s)
				for line := range strings.Lines(text) {
					if strings.Contains(line, "CANARY") || strings.Contains(line, "token of") {
						t.Errorf("it is in %s", line)
					}
				}
				if !strings.Contains(text, plan.Masked) {
					t.Errorf("nothing is masked in %s", text)
				}
			}
		})
	}
}

func TestWhatIsNotSensitiveIsShown(t *testing.T) {
	s := load(t, `
task "box" "a" {
  name  = "a"
  value = "shown"
  does  = "tells all it knows"
}`, "")
	r := s.plan().Steps[0].Record()
	if r.Reasons[0] != "it is not shown" || r.Findings[0].Resources[0].Attributes[0].After != "shown" || !strings.Contains(r.Diff, "+shown") || len(r.Hunks) != 1 {
		t.Errorf("the record is %+v", r)
	}
}

func TestTheErrorOfASensitiveTaskIsMaskedAndNotLost(t *testing.T) {
	s := load(t, `
variable "secret" {
  default   = "hunter2"
  sensitive = true
}
task "box" "a" {
  name  = "a"
  value = var.secret
}`, "")
	s.world.before = func(context.Context, string, string) error { return errors.New("can't put hunter2 there") }
	_, results, _ := s.run(t.Context())
	if got, want := results[0].Error, "Box not planned: can't put (sensitive value) there."; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}

// TestWhatIsLearntFromSomethingSensitiveIsSensitive asks for the outputs that
// are masked.
func TestWhatIsLearntFromSomethingSensitiveIsSensitive(t *testing.T) {
	dir := t.TempDir()
	s := load(t, `
variable "secret" {
  default   = "hunter2"
  sensitive = true
}
source "look" "x" { name = "x" }
task "box" "a" {
  name  = "a"
  value = var.secret
}
task "file" "f" {
  path    = "DIR/f"
  content = "public\n"
}
task "lineinfile" "l" {
  path = "DIR/f"
  line = var.secret
}
task "lineinfile" "m" {
  path = "DIR/f"
  line = "public too"
}
output "of_a_source" { value = source.look.x.content }
output "token_of_a_source" { value = source.look.x.token }
output "learnt_by_a_task" { value = task.box.a.content }
output "argument_of_a_task" { value = task.box.a.name }
output "learnt_before_the_edit" { value = task.file.f.checksum }
output "learnt_after_the_edit" { value = task.lineinfile.m.checksum }`, dir)
	s.world.put("x", "public")
	p, results, diags := s.run(t.Context())
	wantErrors(t, diags)
	for name, masked := range map[string]bool{
		"of_a_source": false, "token_of_a_source": true, "learnt_by_a_task": true, "argument_of_a_task": false,
		"learnt_before_the_edit": false, "learnt_after_the_edit": true,
	} {
		if got := plan.Text(p.Outputs[name]) == plan.Masked; got != masked {
			t.Errorf("%s of %s is masked: %t", name, outcomes(results), got)
		}
	}
}
