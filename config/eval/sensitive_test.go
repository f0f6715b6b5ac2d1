package eval_test

import (
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func selfExpr(t *testing.T, v cty.Value) *schema.Self {
	t.Helper()
	self, ok := v.EncapsulatedValue().(*schema.Self)
	if !ok {
		t.Fatalf("%#v is no expression over self", v)
	}
	return self
}

func TestMarksFollowSecrets(t *testing.T) {
	g := build(t, `
		variable "password" {
		  default   = "hunter2"
		  sensitive = true
		}
		locals {
		  url  = "https://u:${var.password}@127.0.0.1/"
		  list = [for c in ["a", local.url] : upper(c)]
		}
		source "data" "d" {
		  url = local.url
		  auth {
		    user     = "u"
		    password = "one"
		  }
		}
		task "file" "whole" {
		  path    = "/a"
		  content = local.list[1]
		}
		task "file" "part" {
		  path   = "/b"
		  labels = { open = "x", secret = var.password }
		  rule {
		    name = "open"
		  }
		  rule {
		    name = var.password
		  }
		}
		task "file" "plain" {
		  path    = "/c"
		  content = nonsensitive(var.password)
		}
		task "file" "reader" {
		  path    = "/d"
		  content = source.data.d.token
		}
		output "hidden" { value = source.data.d.auth.password }
		output "declared" {
		  value     = "x"
		  sensitive = true
		}
	`, nil)
	values := g.Static()
	for address, want := range map[string][]string{
		"source.data.d":    {"auth.password", "token", "url"},
		"task.file.whole":  {"content"},
		"task.file.part":   {"labels[secret]", "rule[1].name"},
		"task.file.plain":  {},
		"task.file.reader": {"content"},
	} {
		e := configOf(t, g, address, values)
		if e.Config.ContainsMarked() {
			t.Errorf("%s: the configuration that providers see has marks", address)
		}
		if !e.Marked().ContainsMarked() && len(want) > 0 {
			t.Errorf("%s: the marks are lost", address)
		}
		got := make(map[string]bool)
		for _, m := range e.Marks {
			got[pathText(m.Path)] = true
		}
		if len(got) != len(want) {
			t.Errorf("%s: marks at %v, want %v", address, got, want)
		}
		for _, path := range want {
			if !got[path] {
				t.Errorf("%s: no mark at %s", address, path)
			}
		}
	}
	outputs, diags := g.Outputs(values)
	if diags.HasErrors() || !outputs["hidden"].IsMarked() || !outputs["declared"].IsMarked() {
		t.Errorf("outputs %#v, %v", outputs, diags)
	}
}

func pathText(path cty.Path) string {
	var b strings.Builder
	for _, step := range path {
		switch s := step.(type) {
		case cty.GetAttrStep:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.Name)
		case cty.IndexStep:
			if s.Key.Type() == cty.String {
				b.WriteString("[" + s.Key.AsString() + "]")
			} else {
				b.WriteString("[" + s.Key.AsBigFloat().String() + "]")
			}
		}
	}
	return b.String()
}

// Whatever is wrong with a secret, no diagnostic quotes it.
func TestNoDiagnosticShowsASecret(t *testing.T) {
	const secret = "hunter2"
	for _, expr := range []string{
		`parseint(var.s, 10)`, `tonumber(var.s)`, `jsondecode(var.s)`, `yamldecode("- ${var.s}: [")`, `base64decode(var.s)`,
		`file(var.s)`, `file("/no/${var.s}")`, `env(var.s)`, `regex(var.s, "x")`, `regex("x", var.s)`, `replace("x", "/[${var.s}/", "")`,
		`formatdate(var.s, "2020")`, `formatdate("YYYY", var.s)`, `element([], var.s)`, `lookup({}, var.s)`, `{a = 1}[var.s]`, `[1][var.s]`,
		`var.s + 1`, `!var.s`, `var.s ? 1 : 2`, `[for x in var.s : x]`, `{ (var.s) = 1 }.x`, `format("%d", var.s)`, `zipmap(["a"], [var.s, 1])`,
		`csvdecode("a\n${var.s},\"")`, `index(["a"], var.s)`, `local.indirect`, `parseint(upper(sensitive("hunter2")), 10)`,
		`try(parseint(var.s, 10))`, `toset({a = var.s}).b`, `[for x in ["a"] : parseint(var.s, 10)]`, `substr(var.s, "a", var.s)`,
	} {
		t.Run(expr, func(t *testing.T) {
			cfg := load(t, `
				variable "s" {
				  default   = "hunter2"
				  sensitive = true
				}
				locals { indirect = parseint("${var.s}!", 10) }
				task "file" "f" {
				  path  = "/f"
				  count = `+expr+`
				}
			`)
			_, diags := eval.Check(t.Context(), cfg, newFakes(), eval.Inputs{}, newFakes())
			if !diags.HasErrors() {
				t.Error("no error, so the row shows nothing")
			}
			for _, d := range diags {
				if shown := d.Summary + d.Detail; strings.Contains(strings.ToLower(shown), secret) {
					t.Errorf("the secret is in %q", shown)
				}
			}
		})
	}
}
