package eval_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func TestClaims(t *testing.T) {
	g := build(t, `
		task "file" "a" { path = "/etc/./a" }
		task "file" "of_a" { path = "${task.file.a.path}.d" }
		task "file" "later" { path = "/${task.file.a.checksum}" }
		task "file" "off" {
		  path        = "/off"
		  enforcement = "off"
		}
		task "edit" "one" {
		  path = "/etc/a"
		  where {}
		}
		task "edit" "two" {
		  path = "/etc//a/"
		  where {}
		}
		sink "out" "o" { path = "/etc/a" }
	`, nil)
	type claim struct {
		Addr, Path string
		Claim      schema.Claim
		Line       int
	}
	var got []claim
	for _, c := range g.Claims() {
		got = append(got, claim{c.Node.Addr.String(), c.Path, c.Claim, c.Range.Start.Line})
	}
	want := []claim{
		{"task.edit.one", "/etc/a", schema.Edits, 10},
		{"task.edit.two", "/etc/a", schema.Edits, 14},
		{"task.file.a", "/etc/a", schema.Owns, 2},
		{"task.file.of_a", "/etc/./a.d", schema.Owns, 3},
	}
	want[3].Path = "/etc/a.d"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diags := eval.CheckOwners(g.Claims()); len(diags) > 0 {
		t.Error(diags)
	}
}

func TestOnePathHasOneOwner(t *testing.T) {
	g := build(t, `
		task "file" "a" { path = "/x" }
		task "file" "b" { path = "/x" }
		task "file" "c" { path = "/x" }
		task "file" "d" { path = "/y" }
	`, nil)
	diags := eval.CheckOwners(g.Claims())
	if d := onlyDiag(t, diags); d.Summary != "Two tasks own one path" || d.Subject.Start.Line != 3 {
		t.Errorf("%v", diags)
	}
}
