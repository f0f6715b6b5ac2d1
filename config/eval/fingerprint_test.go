package eval_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/eval"
)

const fingerprinted = `
variable "v" { default = "one" }
locals {
  l = "local"
  d = "${task.command.c.stdout}!"
}
task "command" "c" {}
task "file" "f" {
  for_each = { k = "value" }
  path     = "/f"
  content  = "${var.v} ${local.l} ${each.value} ${file("data.txt")}"
  every    = task.command.c.stdout == "" ? "1s" : "2s"
}
pipeline "p" {
  from = [source.events.e]
  to   = [sink.out.o]
  stage "filter" {
    keep  = event.x == var.v || event.y == file("data.txt")
    words = local.d
  }
}
source "events" "e" {
  paths = ["/a"]
}
sink "out" "o" {}
`

func TestFingerprint(t *testing.T) {
	rows := []struct {
		name         string
		old, new     string // in the configuration
		data, stdout string
		changed      map[string]bool
	}{
		{name: "nothing"},
		{name: "layout and comments", old: "  path     = \"/f\"\n", new: "\n  # a comment\n  path = /* in line */ \"/f\" // end\n\n"},
		{name: "another block", old: `paths = ["/a"]`, new: `paths = ["/b"]`, changed: map[string]bool{"source.events.e": true}},
		{name: "its own text", old: `path     = "/f"`, new: `path     = "/g"`, changed: map[string]bool{`task.file.f["k"]`: true}},
		{name: "a variable", old: `default = "one"`, new: `default = "two"`, changed: map[string]bool{`task.file.f["k"]`: true, "pipeline.p": true}},
		{name: "a local", old: `l = "local"`, new: `l = "other"`, changed: map[string]bool{`task.file.f["k"]`: true}},
		{name: "each", old: `k = "value"`, new: `k = "other"`, changed: map[string]bool{`task.file.f["k"]`: true}},
		{name: "the content of a file that file() reads", data: "other", changed: map[string]bool{`task.file.f["k"]`: true, "pipeline.p": true}},
		{name: "the value of another block", stdout: "said", changed: map[string]bool{`task.file.f["k"]`: true, "pipeline.p": true}},
		{name: "the order of stages' words", old: "words = local.d", new: "words = upper(local.d)", changed: map[string]bool{"pipeline.p": true}},
	}
	all := []string{`task.file.f["k"]`, "pipeline.p", "source.events.e", "sink.out.o", "task.command.c"}
	before := fingerprints(t, fingerprinted, "data", "", all)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			src := strings.Replace(fingerprinted, row.old, row.new, 1)
			if row.old != "" && src == fingerprinted {
				t.Fatal("the row changes nothing")
			}
			data := "data"
			if row.data != "" {
				data = row.data
			}
			after := fingerprints(t, src, data, row.stdout, all)
			for _, address := range all {
				if got := before[address] != after[address]; got != row.changed[address] {
					t.Errorf("%s changed: %t, want %t", address, got, row.changed[address])
				}
			}
		})
	}
}

// fingerprints are those of a configuration in a directory that is always the
// same, as its path may be part of values.
func fingerprints(t *testing.T, src, data, stdout string, addresses []string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "data.txt"), []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, dir, src)
	g := buildConfig(t, loadDir(t, dir), nil)
	values := eval.NewValues()
	values.Put(parse(t, "task.command.c"), cty.ObjectVal(map[string]cty.Value{"stdout": cty.StringVal(stdout)}))
	out := make(map[string]string)
	for _, address := range addresses {
		f, diags := g.Fingerprint(node(t, g, address), values, []byte("key"))
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		other, _ := g.Fingerprint(node(t, g, address), values, []byte("another key"))
		if f == other {
			t.Errorf("%s: the fingerprint doesn't depend on the key", address)
		}
		out[address] = f
	}
	return out
}

func TestAFingerprintIsStable(t *testing.T) {
	g := build(t, `
		task "file" "f" {
		  path   = "/f"
		  labels = { a = "1", b = "2", c = "3", d = "4" }
		  vars   = { z = [1, 2], y = toset(["q", "p"]) }
		}
	`, nil)
	n := node(t, g, "task.file.f")
	first, _ := g.Fingerprint(n, eval.NewValues(), nil)
	for range 20 {
		if again, _ := g.Fingerprint(n, eval.NewValues(), nil); again != first {
			t.Fatalf("%s, then %s", first, again)
		}
	}
}
