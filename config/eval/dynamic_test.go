package eval_test

import (
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/eval"
)

func TestDynamicBlocks(t *testing.T) {
	g := build(t, `
		task "command" "c" {}
		task "file" "f" {
		  for_each = toset(["x"])
		  path     = "/f"

		  rule { name = "first" }
		  dynamic "rule" {
		    for_each = ["second", "third"]
		    content { name = "${rule.key}: ${rule.value} of ${each.key}" }
		  }
		  rule { name = "last" }

		  dynamic "entry" {
		    for_each = { a = "0644", b = "0600" }
		    iterator = e
		    labels   = ["${e.key}!"]
		    content {
		      name = e.key
		      mode = e.value
		    }
		  }

		  dynamic "owner" {
		    for_each = task.command.c.stdout == "" ? [] : [task.command.c.stdout]
		    content { name = owner.value }
		  }
		}
	`, nil)
	evaluate := func(stdout cty.Value) cty.Value {
		values := eval.NewValues()
		values.Put(parse(t, "task.command.c"), cty.ObjectVal(map[string]cty.Value{"stdout": stdout}))
		return configOf(t, g, `task.file.f["x"]`, values).Config
	}
	v := evaluate(cty.UnknownVal(cty.String))
	named := func(name string) cty.Value {
		return cty.ObjectVal(map[string]cty.Value{"name": cty.StringVal(name), "mode": cty.NullVal(cty.String)})
	}
	rules := cty.ListVal([]cty.Value{named("first"), named("0: second of x"), named("1: third of x"), named("last")})
	if got := v.GetAttr("rule"); !got.RawEquals(rules) {
		t.Errorf("rules %#v", got)
	}
	entries := cty.MapVal(map[string]cty.Value{
		"a!": cty.ObjectVal(map[string]cty.Value{"name": cty.StringVal("a"), "mode": cty.StringVal("0644")}),
		"b!": cty.ObjectVal(map[string]cty.Value{"name": cty.StringVal("b"), "mode": cty.StringVal("0600")}),
	})
	if got := v.GetAttr("entry"); !got.RawEquals(entries) {
		t.Errorf("entries %#v", got)
	}
	if got := v.GetAttr("owner"); got.IsKnown() {
		t.Errorf("before the command has run the owner is %#v", got)
	}
	if got := evaluate(cty.StringVal("root")).GetAttr("owner"); !got.RawEquals(named("root")) {
		t.Errorf("owner %#v", got)
	}
	if got := evaluate(cty.StringVal("")).GetAttr("owner"); !got.IsNull() {
		t.Errorf("owner %#v", got)
	}
}
