package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
)

// TestWhatIsNotKnownWaits has steps whose inputs only other steps tell.
func TestWhatIsNotKnownWaits(t *testing.T) {
	tests := []struct {
		name   string
		source string
		boxes  map[string]string
		plan   string
		result string
		want   map[string]string
	}{
		{"a value that only an apply tells is waited for, and so on down the line", `
task "box" "a" {
  name  = "a"
  value = "x"
  late  = true
}
task "box" "b" {
  name  = "b"
  value = "${task.box.a.content}y"
}
task "box" "c" {
  name  = "c"
  value = "${task.box.b.content}z"
}`, nil, "box.a create, box.b deferred, box.c deferred", "box.a changed, box.b changed, box.c changed", map[string]string{"a": "x", "b": "xy", "c": "xyz"}},
		{"a value that the plan can tell is not waited for", `
task "box" "a" {
  name  = "a"
  value = "x"
  late  = true
}
task "box" "b" {
  name  = "b"
  value = task.box.a.value
}`, nil, "box.a create, box.b create", "box.a changed, box.b changed", map[string]string{"a": "x", "b": "x"}},
		{"an argument that a waiting task leaves open is waited for, as it fills in what it finds", `
task "box" "a" {
  name  = "a"
  value = "x"
  late  = true
}
task "box" "b" {
  name  = "b"
  value = task.box.a.content
}
task "box" "c" {
  name  = "c"
  value = task.box.b.color
}`, nil, "box.a create, box.b deferred, box.c deferred", "box.a changed, box.b changed, box.c changed", map[string]string{"a": "x", "b": "x", "c": "red"}},
		{"a step that waited may find that there is nothing to do", `
task "box" "a" {
  name  = "a"
  value = "x"
  late  = true
}
task "box" "b" {
  name  = "b"
  value = task.box.a.content
}`, map[string]string{"b": "x"}, "box.a create, box.b deferred", "box.a changed, box.b unchanged", map[string]string{"a": "x", "b": "x"}},
		{"a source that names what is not known is read at its turn", `
task "box" "a" {
  name  = "a"
  value = "b"
  late  = true
}
source "look" "x" { name = task.box.a.content }
task "box" "c" {
  name  = "c"
  value = source.look.x.content
}`, map[string]string{"b": "found"}, "box.a create, box.c deferred", "box.a changed, box.c changed", map[string]string{"a": "b", "b": "found", "c": "found"}},
		{"a task whose when turns out true takes part", `
task "box" "a" {
  name  = "a"
  value = "x"
  late  = true
}
task "box" "b" {
  name  = "b"
  when  = task.box.a.content == "x"
  value = "y"
}`, nil, "box.a create, box.b deferred", "box.a changed, box.b changed", map[string]string{"a": "x", "b": "y"}},
		{"a task whose when turns out false doesn't, and those that ask for it see null", `
task "box" "a" {
  name  = "a"
  value = "x"
  late  = true
}
task "box" "b" {
  name  = "b"
  when  = task.box.a.content == "z"
  value = "y"
}
task "box" "c" {
  name  = "c"
  value = try(task.box.b.value, "none")
}`, nil, "box.a create, box.b deferred, box.c deferred", "box.a changed, box.b unchanged, box.c changed", map[string]string{"a": "x", "c": "none"}},
		{"a task whose when is known to be false is no step", `
task "box" "a" {
  name  = "a"
  value = "x"
}
task "box" "b" {
  name = "b"
  when = task.box.a.content == "z"
}`, nil, "box.a create", "box.a changed", map[string]string{"a": "x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := load(t, tt.source, "")
			for name, content := range tt.boxes {
				s.world.put(name, content)
			}
			if got := actions(s.plan()); got != tt.plan {
				t.Errorf("planned %s, want %s", got, tt.plan)
			}
			_, results := s.converge()
			if got := outcomes(results); got != tt.result {
				t.Errorf("outcomes %s, want %s", got, tt.result)
			}
			if diff := cmp.Diff(tt.want, s.world.boxes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestADeferredStepThatIsOnlyDetectedIsReported(t *testing.T) {
	s := load(t, `
task "box" "a" {
  name = "a"
  late = true
}
task "box" "b" {
  name        = "b"
  value       = task.box.a.content
  enforcement = "detect"
}
task "box" "c" {
  name  = "c"
  value = task.box.b.content
}`, "")
	p, results, diags := s.run(t.Context())
	wantErrors(t, diags)
	if got, want := outcomes(results), "box.a changed, box.b reported, box.c changed"; got != want {
		t.Errorf("outcomes %s, want %s of %s", got, want, actions(p))
	}
}

func TestAStepThatFailsAtItsTurnLeavesOutThoseAfterIt(t *testing.T) {
	s := load(t, `
task "box" "a" {
  name  = "a"
  value = "x"
  late  = true
}
task "box" "b" {
  name  = "b"
  value = task.box.a.content
  does  = "panics when planned"
}
task "box" "c" {
  name       = "c"
  depends_on = [task.box.b]
}`, "")
	p, results, diags := s.run(t.Context())
	wantErrors(t, diags, "Provider failed")
	if got, want := outcomes(results), "box.a changed, box.b failed, box.c skipped"; got != want {
		t.Errorf("outcomes %s, want %s", got, want)
	}
	if b := step(t, p, "task.box.b"); b.State != plan.Failed {
		t.Errorf("the step that failed is %s", b.State)
	}
}

func TestAnApplyIsNeverHandedAWaitingChange(t *testing.T) {
	s := load(t, `
task "box" "a" {
  name = "a"
  late = true
}
task "box" "b" {
  name  = "b"
  value = task.box.a.content
}`, "")
	b := step(t, s.plan(), "task.box.b")
	if b.State != plan.Deferred || b.Change.Fidelity != plugin.KnownAfterApply || !b.Changes() {
		t.Errorf("the step is %s, %s", b.State, b.Change.Fidelity)
	}
	if r := b.Record(); r.AfterUnknown == nil || r.Before != nil {
		t.Errorf("its record is %+v", r)
	}
}
