package terraform

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

func TestSettingsDifferByPath(t *testing.T) {
	t.Parallel()
	null := cty.NullVal(cty.List(cty.String))
	some := func(name, value string) cty.Value {
		return cty.MapVal(map[string]cty.Value{name: cty.StringVal(value)})
	}
	rule := func(paths string, more map[string]cty.Value) cty.Value {
		attrs := map[string]cty.Value{"paths": listOf(paths), "workspaces": null, "var_files": null, "binary": cty.NullVal(cty.String), "concurrency_group": cty.NullVal(cty.String)}
		for _, name := range []string{"variables", "secret_variables", "backend_config", "env"} {
			attrs[name] = cty.NullVal(cty.Map(cty.String))
		}
		maps.Copy(attrs, more)
		return cty.ObjectVal(attrs)
	}
	task := openTask(t, nil, map[string]cty.Value{
		"path": cty.StringVal("/stacks"), "var_files": listOf("common.tfvars"), "concurrency_group": cty.StringVal("aws"),
		"variables": cty.ObjectVal(map[string]cty.Value{"size": cty.NumberIntVal(1), "zone": cty.StringVal("a")}),
		"env":       some("AWS_PROFILE", "base"),
		"override": cty.ListVal([]cty.Value{
			rule("prod/*", map[string]cty.Value{"workspaces": listOf("green", "blue", "green"), "variables": some("zone", "b"), "env": some("AWS_REGION", "eu")}),
			rule("prod/eu-*", map[string]cty.Value{"var_files": listOf("eu.tfvars"), "secret_variables": some("token", "t"), "concurrency_group": cty.StringVal("eu"), "env": some("AWS_PROFILE", "eu")}),
		}),
	})
	base, workspaces := task.settings("staging/web")
	if base.env["AWS_REGION"] != "" || base.variables["zone"].AsString() != "a" || len(workspaces) != 1 || base.group != "aws" {
		t.Errorf("what no rule is about: %+v, workspaces %q", base, workspaces)
	}
	eu, workspaces := task.settings("prod/eu-1")
	if diff := cmp.Diff([]string{"blue", "green"}, workspaces); diff != "" {
		t.Errorf("workspaces (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"AWS_PROFILE": "eu", "AWS_REGION": "eu"}, eu.env); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if eu.variables["zone"].AsString() != "b" || eu.secrets["token"] != "t" || eu.varFiles[0] != "eu.tfvars" || eu.group != "eu" {
		t.Errorf("what both rules are about: %+v", eu)
	}
	if task.cfg.Env["AWS_REGION"] != "" {
		t.Error("the rules of one stack have changed those of all")
	}
}

// TestStacksNeverMixTheirSettings is 51 and 52: each stack sees its own
// variables and environment, in whichever workspace, and none of the agent's.
func TestStacksNeverMixTheirSettings(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	code := "variable \"content\" {}\nvariable \"secret\" {}\nresource \"fixture_file\" \"a\" {\n  path    = \"FILES/NAME-${terraform.workspace}\"\n  content = \"${var.content} ${var.secret}\"\n}\n"
	for _, name := range []string{"one", "two"} {
		lab.stack(t, name, strings.ReplaceAll(code, "NAME", name))
		write(t, filepath.Join(lab.root, name, "own.tfvars"), "content = \"of "+name+"\"\n")
		lab.run(t, name, []string{"init", "-input=false"}, []string{"workspace", "new", "blue"},
			[]string{"apply", "-auto-approve", "-input=false", "-var-file=own.tfvars", "-var=secret=hunter2-" + name})
	}
	rule := func(name string) cty.Value {
		null := cty.NullVal(cty.Map(cty.String))
		return cty.ObjectVal(map[string]cty.Value{
			"paths": listOf(name), "workspaces": listOf("blue"), "var_files": listOf("own.tfvars"), "binary": cty.NullVal(cty.String), "concurrency_group": cty.NullVal(cty.String),
			"variables": null, "backend_config": null, "env": null,
			"secret_variables": cty.MapVal(map[string]cty.Value{"secret": cty.StringVal("hunter2-" + name)}),
		})
	}
	environ := append(os.Environ(), "TF_CLI_CONFIG_FILE="+lab.cliConfig, "TF_VAR_secret=leaked", "TF_WORKSPACE=green", "TF_CLI_ARGS=-destroy")
	change, diags := plan(t, openTask(t, environ, map[string]cty.Value{
		"path": cty.StringVal(lab.root), "override": cty.ListVal([]cty.Value{rule("one"), rule("two")}),
	}))
	for _, name := range []string{"one@blue", "two@blue"} {
		if diff := cmp.Diff([]string{"clean: as declared"}, rendered(finding(t, change, name))); diff != "" {
			t.Errorf("%s (-want +got):\n%s\n%v", name, diff, diags)
		}
	}
}

// Stacks of another task may be in the group for longer than one may take.
func TestWaitingForTheGroupTakesNoneOfTheTimeOfACheck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		task := f.open(t, map[string]cty.Value{"concurrency_group": cty.StringVal("aws"), "parallelism": cty.NumberIntVal(1), "stack_timeout": cty.StringVal("10m")})
		other := task.turns.ask(demand{places: []place{{"group aws", 1}}, asked: time.Now()})
		go func() {
			time.Sleep(time.Hour)
			other.leave()
		}()
		change, diags := task.Plan(t.Context(), nil)
		got := finding(t, change, "stack")
		if waited := got.Value.GetAttr("phases").GetAttr("queue"); got.Verdict != "clean" || waited.LessThan(cty.NumberIntVal(3600)).True() {
			t.Errorf("%s: %s, after it has waited %s seconds; diagnostics %v", got.Verdict, got.Summary, waited.AsBigFloat(), diags)
		}
	})
}

func TestAnOverrideOfNoStackIsTold(t *testing.T) {
	t.Parallel()
	task := &task{cfg: config{Override: []override{{Paths: []string{"envs/*"}}, {Paths: []string{"env/*", "prod"}}}}}
	diags := task.diagnoseOverrides([]stack{{path: "envs/prod"}, {path: "envs/test"}})
	if len(diags) != 1 || diags[0].Summary != "Override of no stack" || !strings.Contains(diags[0].Detail, `"env/*, prod"`) || !diags[0].Path.Equals(plugin.Attr("override").IndexInt(1).GetAttr("paths")) {
		t.Errorf("diagnostics %v", diags)
	}
}
