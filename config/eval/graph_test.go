package eval_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/eval"
)

func TestAReferenceIsAnEdge(t *testing.T) {
	g := build(t, `
		locals {
		  plain  = "x"
		  direct = task.command.c.stdout
		  deep   = "${local.plain} ${local.direct}"
		}
		task "command" "c" {}
		task "file" "by_reference" {
		  path    = "/1"
		  content = task.command.c.stdout
		}
		task "file" "by_local" {
		  path    = "/2"
		  content = local.deep
		}
		task "file" "by_depends_on" {
		  path       = "/3"
		  depends_on = [task.command.c, task.file.each]
		}
		task "file" "each" {
		  for_each = { a = 1, b = 2 }
		  path     = "/each/${each.key}"
		}
		task "file" "of_one_instance" {
		  path    = "/4"
		  content = task.file.each["b"].path
		}
		task "file" "of_all_instances" {
		  path    = "/5"
		  content = join("", [for f in task.file.each : f.path])
		}
		task "file" "in_a_nested_block" {
		  path = "/6"
		  rule {
		    name = task.command.c.stdout
		  }
		}
		task "file" "by_when" {
		  path = "/7"
		  when = task.command.c.stdout == "yes"
		}
		task "file" "nothing" {
		  path    = "/8"
		  content = local.plain
		}
		pipeline "p" {
		  from = [source.events.e]
		  to   = [sink.out.o]
		  stage "filter" {
		    keep = event.x == task.command.c.stdout
		  }
		}
		source "events" "e" {
		  paths = []
		}
		sink "out" "o" {}
	`, nil)
	for address, want := range map[string][]string{
		"task.file.by_reference":      {"task.command.c"},
		"task.file.by_local":          {"task.command.c"},
		"task.file.by_depends_on":     {"task.command.c", `task.file.each["a"]`, `task.file.each["b"]`},
		"task.file.of_one_instance":   {`task.file.each["b"]`},
		"task.file.of_all_instances":  {`task.file.each["a"]`, `task.file.each["b"]`},
		"task.file.in_a_nested_block": {"task.command.c"},
		"task.file.by_when":           {"task.command.c"},
		"task.file.nothing":           {},
		"pipeline.p":                  {"sink.out.o", "source.events.e", "task.command.c"},
	} {
		if diff := cmp.Diff(want, names(g.Dependencies().Deps(parse(t, address)))); diff != "" {
			t.Errorf("%s depends on (-want +got):\n%s", address, diff)
		}
	}
	if n := node(t, g, "task.file.by_when"); !n.Conditional {
		t.Error("a when over another task is not conditional")
	}
}

func TestWhatAnInstanceSees(t *testing.T) {
	g := build(t, `
		locals { hosts = { web = { port = 80 }, db = { port = 5432 } } }
		task "file" "conf" {
		  for_each    = local.hosts
		  path        = "/etc/${each.key}"
		  content     = "port ${each.value.port}"
		  enforcement = each.key == "db" ? "detect" : "enforce"
		}
		task "file" "left_out" {
		  for_each = toset(["a", "b"])
		  path     = "/left/${each.key}"
		  when     = each.key == "b"
		}
		task "command" "after" { depends_on = [task.file.conf] }
		task "file" "reader" {
		  path    = "/reader"
		  content = task.file.left_out["a"] == null ? "left out" : "there"
		  size    = "${length(task.file.left_out)}B"
		}
	`, nil)
	values := eval.NewValues()
	if got := text(t, g, `task.file.conf["db"]`, "content", values); got != "port 5432" {
		t.Errorf("content %q", got)
	}
	if got := node(t, g, `task.file.conf["db"]`).Meta.Enforcement; got != eval.Detect {
		t.Errorf("enforcement %q", got)
	}
	if _, ok := g.Node(parse(t, `task.file.left_out["a"]`)); ok {
		t.Error("an instance whose when is false is in the graph")
	}
	if got := text(t, g, "task.file.reader", "content", values); got != "left out" {
		t.Errorf("what was left out is %q", got)
	}
	deps := g.Dependencies().Deps(parse(t, "task.command.after"))
	if diff := cmp.Diff([]string{`task.file.conf["db"]`, `task.file.conf["web"]`}, names(deps)); diff != "" {
		t.Error(diff)
	}
}

func TestTheSameExpressionForEveryDriver(t *testing.T) {
	g := build(t, `
		locals { line = "said: ${task.command.c.stdout}" }
		task "command" "c" {}
		task "file" "f" {
		  path    = "/f"
		  content = local.line
		  when    = task.command.c.stdout != ""
		}
		output "o" { value = upper(local.line) }
	`, nil)
	c, f := parse(t, "task.command.c"), node(t, g, "task.file.f")
	unknown := eval.NewValues()
	if v := configOf(t, g, "task.file.f", unknown); v.Config.GetAttr("content").IsKnown() || g.Known(f, v) {
		t.Error("the content is known before the command has a value")
	}
	if when, _ := g.When(f, unknown); when.IsKnown() {
		t.Error("the condition is known before the command has a value")
	}
	for stdout, wantWhen := range map[string]cty.Value{"hi": cty.True, "": cty.False} {
		real := eval.NewValues()
		real.Put(c, cty.ObjectVal(map[string]cty.Value{"stdout": cty.StringVal(stdout)}))
		if got := text(t, g, "task.file.f", "content", real); got != "said: "+stdout {
			t.Errorf("content %q", got)
		}
		if when, diags := g.When(f, real); diags.HasErrors() || !when.RawEquals(wantWhen) {
			t.Errorf("when is %#v, %v", when, diags)
		}
		outputs, _ := g.Outputs(real)
		if got := outputs["o"].AsString(); got != strings.ToUpper("said: "+stdout) {
			t.Errorf("output %q", got)
		}
	}
}

func TestWhatIsNotSetMayYetBeFound(t *testing.T) {
	for name, test := range map[string]struct {
		block, reference string
		isNull           bool
	}{
		"an argument of a source of values that isn't set":         {`source "data" "b" { url = "https://example.com/a" }`, "source.data.b.branch", false},
		"an argument of a task that isn't set":                     {`task "file" "b" { path = "/b" }`, "task.file.b.mode", false},
		"one that is null as a variable is":                        {"variable \"v\" {\n default = null\n}\ntask \"file\" \"b\" {\n path = \"/b\"\n mode = var.v\n}", "task.file.b.mode", false},
		"an argument of a sink, which finds nothing, remains null": {`sink "out" "b" {}`, "sink.out.b.path", true},
	} {
		t.Run(name, func(t *testing.T) {
			g := build(t, test.block+"\ntask \"file\" \"f\" {\n path = \"/f\"\n content = \"it is ${"+test.reference+"}\"\n}", nil)
			diags := g.Validate(t.Context(), newFakes())
			if !test.isNull && diags.HasErrors() {
				t.Errorf("the text is refused before it can be known: %v", diags)
			}
			if test.isNull && !strings.Contains(onlyDiag(t, diags).Detail, "null") {
				t.Errorf("diagnostics %v", diags)
			}
		})
	}
}

func TestAConditionThatIsNoBool(t *testing.T) {
	g := build(t, `
		task "command" "c" {}
		task "file" "f" {
		  path = "/f"
		  when = task.command.c.stdout
		}
	`, nil)
	values := eval.NewValues()
	values.Put(parse(t, "task.command.c"), cty.ObjectVal(map[string]cty.Value{"stdout": cty.StringVal("perhaps")}))
	_, diags := g.When(node(t, g, "task.file.f"), values)
	if d := onlyDiag(t, diags); d.Summary != "Invalid condition" {
		t.Error(d)
	}
}

func TestVariables(t *testing.T) {
	src := `
		variable "text" { type = string }
		variable "any" {}
		variable "list" {
		  type    = list(number)
		  default = ["1", 2]
		}
		variable "object" {
		  type    = object({ name = string, port = optional(number, 80) })
		  default = { name = "d" }
		}
		task "file" "f" {
		  path    = "/f"
		  content = jsonencode([var.text, var.any, var.list, var.object])
		}
	`
	rows := []struct {
		name  string
		given map[string]eval.Given
		want  string
	}{
		{"a string is taken as it is written", map[string]eval.Given{"text": {Text: `["a"]`}, "any": {Text: "3"}},
			`["[\"a\"]","3",[1,2],{"name":"d","port":80}]`},
		{"a list or an object is an expression", map[string]eval.Given{"text": {}, "any": {}, "list": {Text: "[for n in [1, 2] : n * 2]"}, "object": {Text: `{ name = "x", port = "1" }`}},
			`["","",[2,4],{"name":"x","port":1}]`},
		{"what isn't given in an object has its default", map[string]eval.Given{"text": {}, "any": {}, "object": {Text: `{ name = "x" }`}},
			`["","",[1,2],{"name":"x","port":80}]`},
		{"a variable of the environment that isn't declared is passed over", map[string]eval.Given{"text": {}, "any": {}, "other": {Text: "x", Optional: true}},
			`["","",[1,2],{"name":"d","port":80}]`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			g := build(t, src, row.given)
			if diff := cmp.Diff(row.want, text(t, g, "task.file.f", "content", eval.NewValues())); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("one on the command line that isn't declared is an error", func(t *testing.T) {
		_, diags := eval.Build(load(t, src), newFakes(), eval.Inputs{Variables: map[string]eval.Given{"text": {}, "any": {}, "lsit": {Origin: "-var lsit"}}})
		if d := onlyDiag(t, diags); d.Summary != "Undeclared variable" || !strings.Contains(d.Detail, `Did you mean "list"?`) {
			t.Error(d)
		}
	})
}

func TestASelfExpressionSeesItsScope(t *testing.T) {
	g := build(t, `
		locals { bad = ["x", "y"] }
		task "command" "c" {
		  for_each    = toset(["k"])
		  failed_when = contains(local.bad, self.stdout) || each.key == self.stdout
		}
	`, nil)
	v := configOf(t, g, `task.command.c["k"]`, eval.NewValues()).Config.GetAttr("failed_when")
	self := selfExpr(t, v)
	for stdout, want := range map[string]cty.Value{"x": cty.True, "k": cty.True, "fine": cty.False} {
		got, err := self.Eval(cty.ObjectVal(map[string]cty.Value{"stdout": cty.StringVal(stdout)}))
		if err != nil || !got.RawEquals(want) {
			t.Errorf("for %q: %#v, %v", stdout, got, err)
		}
	}
	if _, err := self.Eval(cty.EmptyObjectVal); err == nil || !strings.Contains(err.Error(), "main.hcl:") {
		t.Errorf("an error without its place: %v", err)
	}
}

func TestTheIntervalOfATaskWithAScheduleIsTheLongestThatItNames(t *testing.T) {
	g := build(t, `
agent {
  defaults {
    task_interval = "10m"
  }
}
task "file" "scheduled" {
  path     = "/a"
  schedule = "CRON_TZ=UTC 0 3 * * mon-fri"
}
task "file" "at_an_interval" {
  path     = "/b"
  interval = "2h"
}
task "file" "neither" { path = "/c" }
`, nil)
	for name, want := range map[string]time.Duration{"scheduled": 72 * time.Hour, "at_an_interval": 2 * time.Hour, "neither": 10 * time.Minute} {
		if got := g.IntervalOf(node(t, g, "task.file."+name)); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	at := time.Date(2026, time.May, 8, 12, 0, 0, 0, time.UTC)
	if next := node(t, g, "task.file.scheduled").Meta.Schedule.Next(at); !next.Equal(time.Date(2026, time.May, 11, 3, 0, 0, 0, time.UTC)) {
		t.Errorf("it is due at %s", next)
	}
}
