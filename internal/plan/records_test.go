package plan_test

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/internal/state"
)

// TestDrifted runs, changes the host or the configuration, and plans: is a
// difference drift?
func TestDrifted(t *testing.T) {
	const base = `
task "command" "c" { command = ["true"] }
task "file" "f" {
  path    = "DIR/f"
  content = "owner\n"
  mode    = "0644"
}
task "file" "copy" {
  path   = "DIR/copy"
  source = "DIR/from"
}
task "file" "g" {
  path    = "DIR/g"
  content = "owner\n"
}
task "lineinfile" "l" {
  path = "DIR/g"
  line = "line"
}
task "box" "found" {
  name        = "found"
  value       = "x"
  enforcement = "detect"
}
task "box" "waits" {
  name  = "waits"
  value = "y${try(trimspace(task.command.c.stdout), "")}"
}`
	edit := func(name, content string) func(*system, string) {
		return func(_ *system, dir string) { write(t, dir, map[string]string{name: content}) }
	}
	tests := []struct {
		name    string
		change  func(s *system, dir string)
		step    string
		drifted bool
	}{
		{"nothing", func(*system, string) {}, "task.file.f", false},
		{"the content on the host", edit("f", "mine\n"), "task.file.f", true},
		{"the file is gone", func(_ *system, dir string) {
			if err := os.Remove(filepath.Join(dir, "f")); err != nil {
				t.Fatal(err)
			}
		}, "task.file.f", true},
		{"the mode on the host", func(_ *system, dir string) {
			if err := os.Chmod(filepath.Join(dir, "f"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "task.file.f", true},
		{"the copy on the host", edit("copy", "mine\n"), "task.file.copy", true},
		{"what the copy is made from", edit("from", "new\n"), "task.file.copy", false},
		{"the line on the host is gone", edit("g", "owner\n"), "task.file.g", true},
		{"the content around the line on the host", edit("g", "owner\nmine\nline\n"), "task.file.g", true},
		{"what is only detected", func(s *system, _ string) { s.world.put("found", "z") }, "task.box.found", true},
		{"what waits isn't known to have drifted", func(s *system, _ string) { s.world.put("waits", "z") }, "task.box.waits", false},
		{"a command is never drift", func(*system, string) {}, "task.command.c", false},
	}
	for _, runs := range []int{1, 2} {
		for _, tt := range tests {
			name := map[int]string{1: "after a run", 2: "after two runs"}[runs]
			t.Run(name+": "+tt.name, func(t *testing.T) {
				dir := t.TempDir()
				write(t, dir, map[string]string{"from": "from\n"})
				s := load(t, base, dir)
				s.world.put("found", "x")
				known := make(map[string]state.Record)
				for range runs {
					_, results, diags := s.run(t.Context())
					wantErrors(t, diags)
					maps.Copy(known, plan.Records(known, results, key, time.Unix(1, 0)))
				}
				tt.change(s, dir)
				if got := step(t, s.plan(), tt.step).Drifted(known, key); got != tt.drifted {
					t.Errorf("drifted: %t", got)
				}
			})
		}
	}
	t.Run("a change of the configuration is no drift", func(t *testing.T) {
		s := load(t, `
task "box" "a" {
  name  = "a"
  value = "x"
}`, "")
		_, results := s.converge()
		known := plan.Records(nil, results, key, time.Unix(1, 0))
		s.reload(`
task "box" "a" {
  name  = "a"
  value = "y"
}`, "")
		if s.plan().Steps[0].Drifted(known, key) {
			t.Error("it is drift")
		}
	})
}

func TestRecordsAreOfWhatIsNew(t *testing.T) {
	s := load(t, `
task "box" "a" {
  name  = "a"
  value = "x"
}
task "box" "b" {
  name  = "b"
  value = task.box.a.value
  when  = task.box.a.late
}
task "box" "c" {
  name = "c"
  does = "returns nothing"
}
task "command" "d" { command = ["true"] }`, "")
	_, results, _ := s.run(t.Context())
	first := plan.Records(nil, results, key, time.Unix(1, 0))
	if len(first) != 1 || !first["task.box.a"].Changed.Equal(time.Unix(1, 0)) || !first["task.box.a"].Applied.Equal(time.Unix(1, 0)) {
		t.Fatalf("records %v of %s", first, outcomes(results))
	}
	_, results, _ = s.run(t.Context())
	if second := plan.Records(first, results, key, time.Unix(2, 0)); len(second) != 0 {
		t.Errorf("a run that changes nothing has the records %v", second)
	}
	s.world.put("a", "drifted")
	_, results, _ = s.run(t.Context())
	third := plan.Records(first, results, key, time.Unix(3, 0))
	if !third["task.box.a"].Changed.Equal(time.Unix(3, 0)) || third["task.box.a"].Inputs != first["task.box.a"].Inputs {
		t.Errorf("after drift the records are %v", third)
	}
}

func TestATaskThatTurnedOutToTakeNoPartHasNoRecord(t *testing.T) {
	s := load(t, `
task "box" "a" {
  name = "a"
  late = true
}
task "box" "b" {
  name = "b"
  when = task.box.a.content == "x"
}`, "")
	_, results, _ := s.run(t.Context())
	if records := plan.Records(nil, results, key, time.Unix(1, 0)); len(records) != 1 {
		t.Errorf("records %v", records)
	}
}

func TestUnchangedAreTheResultsOfAPlanWithNothingToDo(t *testing.T) {
	s := load(t, `task "box" "a" { name = "a" }`, "")
	s.world.put("a", "")
	session := s.session()
	p, diags := session.Plan(t.Context())
	wantErrors(t, diags)
	if got := outcomes(session.Unchanged(p)); got != "box.a unchanged" {
		t.Errorf("outcomes %s", got)
	}
}
