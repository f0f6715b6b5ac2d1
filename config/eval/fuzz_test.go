package eval_test

import (
	"testing"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/eval"
)

// FuzzExpression evaluates any expression in every place that takes one.
func FuzzExpression(f *testing.F) {
	for _, seed := range []string{
		`"a${1}b"`, `[for k, v in {a = 1} : k => v...]`, `try(file("x"), null)`, `{ (var.s) = [1, null, {}] }`, `toset([for i in range(9) : i % 2])`,
		`task.file.other["a"].checksum`, `event.x > 1 ? upper(event.y) : local.l`, `self.rc`, `jsondecode("{\"a\":[1]}").a[*]`, `<<E
%{ for x in ["a"] }${x}%{ endfor }
E`, `formatlist("%s-%05.2f", ["a"], 1.5)`, `setproduct(["a"], [1, 2])...`, `sensitive(each.value)`, `-0x1`, `1e999`, `templatefile(1)`, `"${[]}"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		dir := write(t, t.TempDir(), `
variable "s" {
  default   = "secret"
  sensitive = true
}
locals { l = `+expr+`
}
task "file" "other" {
  for_each = { a = 1, b = "c" }
  path     = "/other/${each.key}"
}
task "file" "f" {
  for_each = toset(["x"])
  path     = "/f"
  vars     = `+expr+`
  content  = local.l
}
task "command" "c" {
  when        = `+expr+`
  failed_when = `+expr+`
}
pipeline "p" {
  from = [source.events.e]
  to   = [sink.out.o]
  stage "filter" {
    keep  = `+expr+`
    words = local.l
  }
}
source "events" "e" {
  paths = []
}
sink "out" "o" {}
output "o" {
  value = `+expr+`
}
`)
		cfg, diags := config.Load(dir)
		g, checkDiags := eval.Check(t.Context(), cfg, newFakes(), eval.Inputs{}, newFakes())
		if diags = append(diags, checkDiags...); diags.HasErrors() || g == nil {
			for _, d := range diags {
				if d.Subject == nil {
					t.Errorf("%s has no place", d)
				}
			}
			return
		}
		for _, n := range g.Order() {
			if _, diags := g.Fingerprint(n, g.Static(), nil); diags.HasErrors() {
				t.Errorf("%s is valid and has no fingerprint: %v", n.Addr, diags)
			}
		}
	})
}

// FuzzGiven gives a variable any text.
func FuzzGiven(f *testing.F) {
	cfg := load(f, `
		variable "s" { type = string }
		variable "n" { type = number }
		variable "l" { type = list(string) }
		variable "o" { type = object({ a = optional(map(number), {}) }) }
	`)
	f.Add("x", "1", `["a"]`, `{ a = { b = 1 } }`)
	f.Add("", "-1.5e3", `[for x in [1, 2] : x]`, `{}`)
	f.Fuzz(func(t *testing.T, s, n, l, o string) {
		given := map[string]eval.Given{"s": {Text: s}, "n": {Text: n}, "l": {Text: l}, "o": {Text: o}}
		if g, diags := eval.Build(cfg, newFakes(), eval.Inputs{Variables: given}); (g == nil) != diags.HasErrors() {
			t.Errorf("graph %v, diagnostics %v", g, diags)
		}
	})
}
