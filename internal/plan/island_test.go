package plan_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/overlay"
	"github.com/driftless-hq/driftless/internal/plan"
)

// TestTargets takes a target with what it depends on, and with the other tasks
// of its path.
func TestTargets(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"f": ""})
	s := load(t, `
task "box" "a" { name = "a" }
task "box" "b" {
  for_each = toset(["1", "2"])
  name     = "b${each.key}"
}
task "box" "c" {
  name       = "c"
  depends_on = [task.box.a]
}
task "lineinfile" "l" {
  path       = "DIR/f"
  line       = "l"
  depends_on = [task.box.b["2"]]
}
task "file" "f" {
  path       = "DIR/f"
  content    = "f\n"
  depends_on = [task.box.a]
}`, dir)
	for _, tt := range []struct{ target, want string }{
		{"task.box.c", "box.a create, box.c create"},
		{`task.box.b["1"]`, `box.b["1"] create`},
		{"task.box.b", `box.b["1"] create, box.b["2"] create`},
		{"task.file.f", `box.a create, box.b["2"] create, file.f+lineinfile.l update`},
		{"task.lineinfile.l", `box.a create, box.b["2"] create, file.f+lineinfile.l update`},
	} {
		t.Run(tt.target, func(t *testing.T) {
			a, err := addr.Parse(tt.target)
			if err != nil {
				t.Fatal(err)
			}
			s.opt.Part.Targets = []addr.Addr{a}
			if got := actions(s.plan()); got != tt.want {
				t.Errorf("planned %s, want %s", got, tt.want)
			}
		})
	}
}

func TestIslandsHaveNothingToDoWithEachOther(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(".", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	s := load(t, `
source "look" "x" { name = "x" }
task "box" "a" { name = source.look.x.content }
task "box" "b" { name = task.box.a.content }
task "box" "c" { name = "c" }
task "box" "off" {
  name        = task.box.c.content
  enforcement = "off"
}
task "box" "d" { name = task.box.off.content }
task "directory" "e" { path = "DIR/e" }
task "file" "e" { path = "DIR/link/e/sub/f" }
task "lineinfile" "e" {
  path = "DIR/e/sub/f"
  line = "e"
}
task "file" "g" { path = "DIR/g" }`, dir)
	var got []string
	for _, island := range plan.Islands(s.graph, overlay.New(overlay.Options{}).Canonical) {
		var nodes []string
		for _, n := range island.Nodes {
			nodes = append(nodes, n.Addr.String())
		}
		got = append(got, strings.Join(nodes, " "))
	}
	slices.Sort(got)
	want := []string{
		"source.look.x task.box.a task.box.b",
		"task.box.c task.box.d",
		"task.directory.e task.file.e task.lineinfile.e",
		"task.file.g",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheLanesOfAnIslandMeetOnlyInSources(t *testing.T) {
	dir := t.TempDir()
	s := load(t, `
source "look" "x" { name = "x" }
source "look" "y" { name = source.look.x.content }
task "box" "a" { name = source.look.x.content }
task "box" "b" { name = task.box.a.content }
task "box" "c" { name = source.look.y.content }
task "box" "triggered" {
  name         = source.look.x.content
  triggered_by = [task.box.c]
}
source "look" "late" { name = task.box.a.content }
task "box" "d" { name = source.look.late.content }
task "file" "e" {
  path    = "DIR/e"
  content = source.look.x.content
}
task "lineinfile" "e" {
  path = "DIR/e"
  line = source.look.x.content
}
task "box" "f" { name = source.look.x.content }`, dir)
	islands := plan.Islands(s.graph, overlay.New(overlay.Options{}).Canonical)
	if len(islands) != 1 {
		t.Fatalf("there are %d islands", len(islands))
	}
	var got []string
	for _, lane := range islands[0].Lanes {
		var tasks []string
		for _, a := range lane {
			tasks = append(tasks, a.Type+"."+a.Name)
		}
		got = append(got, strings.Join(tasks, " "))
	}
	slices.Sort(got)
	want := []string{"box.a box.b box.d", "box.c box.triggered", "box.f", "file.e lineinfile.e"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
