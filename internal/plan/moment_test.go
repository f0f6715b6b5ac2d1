package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/internal/plan"
)

// moments calls every function of time and chance, some of them more than once.
const moments = `
locals {
  id    = uuid()
  begun = plantimestamp()
}
task "box" "a" {
  name  = "a"
  value = "${local.id} ${timestamp()}"
}
task "box" "b" {
  name  = "b"
  value = "${local.id} ${timestamp()}"
}
task "box" "ids" {
  name  = "ids"
  value = "${uuid()} ${uuid()}"
}
task "box" "hash" {
  name  = "hash"
  value = bcrypt("pw", 4)
}
task "box" "begun" {
  name  = "begun"
  value = local.begun
}
task "box" "when" {
  when  = timestamp() != ""
  name  = "when"
  value = "x"
}
output "id" {
  value = local.id
}
`

func TestTimeAndChanceHaveOneAnswerInAnApply(t *testing.T) {
	s := load(t, moments, "")
	s.opt.Planned = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	session := s.session()
	p, diags := session.Plan(t.Context())
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	for _, step := range p.Steps {
		if known := step.State == plan.Planned; known != (step.Addr.Name == "begun") {
			t.Errorf("%s is %s in the plan", step.Addr, step.State)
		}
	}
	if p.Outputs["id"].IsKnown() {
		t.Error("the output is known before the apply")
	}
	if _, diags := session.Apply(t.Context(), p); diags.HasErrors() {
		t.Fatal(diags)
	}
	boxes := make(map[string]string)
	for _, name := range []string{"a", "b", "ids", "hash", "begun", "when"} {
		boxes[name], _ = s.world.get(name)
	}
	if boxes["a"] != boxes["b"] || !strings.HasPrefix(boxes["a"], p.Outputs["id"].AsString()) {
		t.Errorf("one local is %q, %q and %s", boxes["a"], boxes["b"], p.Outputs["id"].AsString())
	}
	if first, second, _ := strings.Cut(boxes["ids"], " "); first == second {
		t.Errorf("two UUIDs are the same, %s", first)
	}
	if boxes["begun"] != "2026-01-02T03:04:05Z" || boxes["when"] != "x" || !strings.HasPrefix(boxes["hash"], "$2a$04$") {
		t.Errorf("the boxes hold %q", boxes)
	}
}
