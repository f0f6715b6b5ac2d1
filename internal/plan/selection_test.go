package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/plan"
)

const tagged = `
source "look" "x" {
  name = "x"
  tags = ["outside"]
}
task "box" "a" {
  name = "a"
  tags = ["base"]
}
task "box" "b" {
  name       = task.box.a.content
  tags       = ["web"]
  depends_on = [task.box.a]
}
task "box" "c" {
  name = source.look.x.content
  tags = ["db", "web"]
}
task "file" "f" {
  path    = "DIR/f"
  content = "f\n"
  tags    = ["owner"]
}
task "lineinfile" "l" {
  path = "DIR/f"
  line = "l"
  tags = ["edit"]
}
task "box" "off" {
  name        = "off"
  enforcement = "off"
  tags        = ["web"]
}`

func TestTagsChooseAPart(t *testing.T) {
	s := load(t, tagged, t.TempDir())
	tests := []struct {
		name    string
		part    plan.Selection
		want    string
		leftOut int
	}{
		{"no flag is everything", plan.Selection{}, "box.a create, box.b create, box.c create, file.f+lineinfile.l create", 0},
		{"a tag brings what its blocks depend on", plan.Selection{Tags: []string{"web"}}, "box.a create, box.b create, box.c create", 2},
		{"a tag of a source brings no task", plan.Selection{Tags: []string{"outside"}}, "", 5},
		{"several tags add up", plan.Selection{Tags: []string{"base", "db"}}, "box.a create, box.c create", 3},
		{"a tag and a target add up", plan.Selection{Tags: []string{"base"}, Targets: []addr.Addr{{Kind: addr.Task, Type: "box", Name: "c"}}}, "box.a create, box.c create", 3},
		{"the tasks of one path are chosen together", plan.Selection{Tags: []string{"edit"}}, "file.f+lineinfile.l create", 3},
		{"what depends on what is skipped is left out", plan.Selection{SkipTags: []string{"base"}}, "box.c create, file.f+lineinfile.l create", 2},
		{"what reads a skipped source is left out", plan.Selection{SkipTags: []string{"outside"}}, "box.a create, box.b create, file.f+lineinfile.l create", 1},
		{"the tasks of one path are skipped together", plan.Selection{SkipTags: []string{"edit"}}, "box.a create, box.b create, box.c create", 2},
		{"skipping counts more than choosing", plan.Selection{Tags: []string{"web"}, SkipTags: []string{"base"}}, "box.c create", 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.opt.Part = tt.part
			p := s.plan()
			if got := actions(p); got != tt.want || p.LeftOut != tt.leftOut {
				t.Errorf("planned %s and left out %d, want %s and %d", got, p.LeftOut, tt.want, tt.leftOut)
			}
		})
	}
}

func TestASavedPlanKnowsItsPart(t *testing.T) {
	s := load(t, tagged, t.TempDir())
	s.opt.Part = plan.Selection{
		Targets: []addr.Addr{{Kind: addr.Task, Type: "box", Name: "a"}, addr.Addr{Kind: addr.Task, Type: "box", Name: "a"}.Instance("x")},
		Tags:    []string{"db"}, SkipTags: []string{"edit"},
	}
	got, err := save(t, s.plan()).Part()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.opt.Part, got, cmp.Comparer(func(a, b addr.Addr) bool { return a == b })); diff != "" {
		t.Errorf("the part is another (-saved +loaded):\n%s", diff)
	}
	if _, err := (plan.File{Targets: []string{"a b"}}).Part(); err == nil {
		t.Error("an address that is none is taken for one")
	}
}

func TestASavedPlanIsStaleWhenItsValuesMoved(t *testing.T) {
	var f plan.File
	was, is := [32]byte{1}, [32]byte{2}
	f.AddVariableFile("/a.vars.hcl", was, key)
	if err := f.CheckVariableFile(0, was, key); err != nil {
		t.Error(err)
	}
	if err := f.CheckVariableFile(0, is, key); err == nil {
		t.Error("other values are taken for the same")
	}
	if err := f.CheckVariableFile(0, was, []byte("another key")); err == nil {
		t.Error("the digest can be computed without the key")
	}
}
