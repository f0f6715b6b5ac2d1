package eval_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/config/lang"
)

// files writes files into a directory of their own.
func files(t testing.TB, contents map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range contents {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func buildFiles(t testing.TB, contents map[string]string) *eval.Graph {
	t.Helper()
	return buildConfig(t, loadDir(t, files(t, contents)), nil)
}

var siteModule = map[string]string{
	"main.hcl": `
		task "command" "date" {}
		module "site" {
		  source   = "./site"
		  for_each = { a = "one", b = "two" }
		  title    = "${each.value}, ${task.command.date.stdout}"
		  password = "hunter2"
		}
		task "file" "index" {
		  path    = "/index"
		  content = join(" ", [for key, site in module.site : "${key}: ${site.about}"])
		}
		output "secret" { value = module.site["a"].secret }
		output "about" { value = module.site["b"].about }
	`,
	"site/main.hcl": `
		variable "title" { type = string }
		variable "password" { sensitive = true }
		locals { about = upper(var.title) }
		task "file" "page" {
		  path    = "/srv/${path.module == path.config}"
		  content = local.about
		}
		output "about" { value = "${local.about} at ${task.file.page.path}" }
		output "secret" { value = "<${var.password}>" }
	`,
}

func TestAModuleKnowsWhatItIsGivenAsSoonAsItIsKnown(t *testing.T) {
	g := buildFiles(t, siteModule)
	before := configOf(t, g, `module.site["a"].task.file.page`, eval.NewValues())
	if v := before.Config.GetAttr("content"); v.IsKnown() {
		t.Errorf("before the command has run the content is %#v", v)
	}
	values := eval.NewValues()
	values.Put(parse(t, "task.command.date"), cty.ObjectVal(map[string]cty.Value{"stdout": cty.StringVal("today")}))
	for key, want := range map[string]string{"a": "ONE, TODAY", "b": "TWO, TODAY"} {
		address := fmt.Sprintf("module.site[%q].task.file.page", key)
		if got := text(t, g, address, "content", values); got != want {
			t.Errorf("%s: %q", address, got)
		}
		values.Put(parse(t, address), configOf(t, g, address, values).Marked())
	}
	want := "a: ONE, TODAY at /srv/false b: TWO, TODAY at /srv/false"
	if got := text(t, g, "task.file.index", "content", values); got != want {
		t.Errorf("content %q", got)
	}
	outputs, diags := g.Outputs(values)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if got := outputs["about"]; got.AsString() != "TWO, TODAY at /srv/false" {
		t.Errorf("output %#v", got)
	}
	if !lang.IsSensitive(outputs["secret"]) {
		t.Error("what is made of a sensitive variable isn't sensitive")
	}
}

func TestModulesAreInTheOrderOfTheGraph(t *testing.T) {
	g := buildFiles(t, siteModule)
	for address, want := range map[string][]string{
		`module.site["a"].task.file.page`: {"task.command.date"},
		// The first of these is named by a variable of the module, the others
		// by its outputs.
		"task.file.index": {"task.command.date", `module.site["a"].task.file.page`, `module.site["b"].task.file.page`},
	} {
		if diff := cmp.Diff(want, names(g.Dependencies().Deps(parse(t, address)))); diff != "" {
			t.Errorf("%s: %s", address, diff)
		}
	}
}

func TestDependsOnOfModules(t *testing.T) {
	g := buildFiles(t, map[string]string{
		"main.hcl": `
			task "command" "first" {}
			module "outer" {
			  source     = "./outer"
			  depends_on = [task.command.first]
			}
			task "command" "last" { depends_on = [module.outer] }
		`,
		"outer/main.hcl":       `module "inner" { source = "./inner" }`,
		"outer/inner/main.hcl": `task "command" "middle" {}`,
	})
	order := []string{"task.command.first", "module.outer.module.inner.task.command.middle", "task.command.last"}
	var got []string
	for _, n := range g.Order() {
		got = append(got, n.Addr.String())
	}
	if diff := cmp.Diff(order, got); diff != "" {
		t.Error(diff)
	}
}

func TestARuleOfAModuleIsJudgedWhenTheValueIsKnown(t *testing.T) {
	g := buildFiles(t, map[string]string{
		"main.hcl": `
			task "command" "c" {}
			module "m" {
			  source = "./m"
			  name   = task.command.c.stdout
			}
		`,
		"m/main.hcl": `
			variable "name" {
			  validation {
			    condition     = var.name != local.forbidden
			    error_message = "That is a bad name."
			  }
			}
			locals { forbidden = "bad" }
			task "file" "f" { path = "/${var.name}" }
		`,
	})
	for name, isGood := range map[string]bool{"good": true, "bad": false} {
		values := eval.NewValues()
		values.Put(parse(t, "task.command.c"), cty.ObjectVal(map[string]cty.Value{"stdout": cty.StringVal(name)}))
		_, diags := g.Eval(node(t, g, "module.m.task.file.f"), values)
		switch {
		case isGood && diags.HasErrors():
			t.Error(diags)
		case !isGood && !strings.Contains(onlyDiag(t, diags).Detail, "That is a bad name."):
			t.Error(diags)
		}
	}
}

func TestTheDigestCoversTheFilesOfModules(t *testing.T) {
	contents := map[string]string{"main.hcl": `module "m" { source = "./m" }`, "m/main.hcl": `locals { a = 1 }`}
	dir := files(t, contents)
	before := loadDir(t, dir).Digest
	if loadDir(t, dir).Digest != before {
		t.Error("the digest differs from one load to the next")
	}
	if err := os.WriteFile(filepath.Join(dir, "m/main.hcl"), []byte(`locals { a = 2 }`), 0o600); err != nil {
		t.Fatal(err)
	}
	if loadDir(t, dir).Digest == before {
		t.Error("the digest is the same although a module has changed")
	}
}

// doubling is a module that uses two of the next level, of which each uses two,
// and so on.
func doubling(levels int, main string) map[string]string {
	contents := map[string]string{"main.hcl": main}
	for i := range levels {
		contents[fmt.Sprintf("m%d/main.hcl", i)] = fmt.Sprintf(`
			module "a" { source = "../m%[1]d" }
			module "b" { source = "../m%[1]d" }
		`, i+1)
	}
	contents[fmt.Sprintf("m%d/main.hcl", levels)] = `task "file" "a" { path = "/a" }`
	return contents
}

func TestModulesThatDoubleAtEachLevelAreRefused(t *testing.T) {
	cfg, diags := config.Load(files(t, doubling(20, `module "a" { source = "./m0" }`)))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	_, diags = eval.Build(cfg, newFakes(), eval.Inputs{})
	if !diags.HasErrors() || diags[0].Summary != "Too many modules" {
		t.Error(diags)
	}
}

func TestWhatIsWrittenIsListedHoweverManyWaysLeadToIt(t *testing.T) {
	g := buildFiles(t, doubling(100, `
		module "none" {
		  source   = "./m0"
		  for_each = {}
		}
		module "last" {
		  source   = "./m99"
		  for_each = toset(["x", "y"])
		}
		task "file" "a" { path = "/a" }
	`))
	got := names(g.Written())
	want := []string{"task.file.a", "module.last.module.a.task.file.a", "module.last.module.b.task.file.a"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkModules1000(b *testing.B) {
	contents := map[string]string{"m/main.hcl": `
		variable "n" {}
		locals { path = "/srv/${var.n}" }
		task "file" "a" { path = local.path }
		task "file" "b" { path = "${task.file.a.path}.b" }
		output "path" { value = task.file.b.path }
	`}
	var main strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&main, "module \"m%d\" {\n  source = \"./m\"\n  n = %d\n}\n", i, i)
	}
	contents["main.hcl"] = main.String()
	dir := files(b, contents)
	b.ReportAllocs()
	for b.Loop() {
		buildConfig(b, loadDir(b, dir), nil)
	}
}

// How many instances there are can depend on a module whose outputs are known
// only later, as long as what is taken of it is known now.
func TestForEachOverAModule(t *testing.T) {
	module := map[string]string{"site/main.hcl": `
		variable "port" {}
		task "command" "id" {}
		output "port" { value = var.port }
		output "id" { value = task.command.id.stdout }
		output "password" {
		  value     = "hunter2"
		  sensitive = true
		}
	`}
	const calls = `
		module "site" {
		  source   = "./site"
		  for_each = { a = 1, b = 2 }
		  port     = each.value
		}
	`
	for _, test := range []struct {
		name, forEach string
		want          string // the instances, or a part of the error
	}{
		{"the keys of the instances", `toset(keys(module.site))`, `task.file.x["a"] task.file.x["b"]`},
		{"outputs that are known", `{ for key, site in module.site : "${key}${site.port}" => site.port }`, `task.file.x["a1"] task.file.x["b2"]`},
		{"an output that is sensitive is a value", `{ for key, site in module.site : key => site.password }`, `task.file.x["a"] task.file.x["b"]`},
		{"an output that is sensitive is no key", `{ for key, site in module.site : site.password => key... }`, `The value is sensitive`},
		{"an output of a task", `{ for key, site in module.site : key => site.id }`, `It depends on module.site["a"].output.id, and so on module.site["a"].task.command.id.`},
		{"a key that depends on a task", `{ for key, site in module.site : site.id => key }`, `It depends on module.site["a"].output.id`},
		{"how many there are depends on a task", `{ for key, site in module.site : key => key if site.id != "" }`, `It depends on module.site["a"].output.id`},
		{"a local that calls timestamp", `toset([local.now])`, `It depends on local.now, and so on timestamp`},
	} {
		t.Run(test.name, func(t *testing.T) {
			module["main.hcl"] = calls + `
				locals { now = timestamp() }
				task "file" "x" {
				  for_each = ` + test.forEach + `
				  path     = "/${each.key}"
				}
			`
			g, diags := eval.Build(loadDir(t, files(t, module)), newFakes(), eval.Inputs{})
			got := ""
			if diags.HasErrors() {
				got = onlyDiag(t, diags).Detail
			} else {
				got = strings.Join(names(g.Dependencies().Keys()), " ")
			}
			if !strings.Contains(got, test.want) {
				t.Errorf("%s\nhas not %s", got, test.want)
			}
		})
	}
}
