package terraform

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

const twoFiles = `
resource "fixture_file" "a" {
  path    = "FILES/a"
  content = "as declared"
  mode    = "0640"
}
resource "fixture_file" "b" {
  path    = "FILES/b"
  content = "as declared"
}
output "size" { value = fixture_file.a.size }
`

// TestVerdicts goes through the life of one stack, check by check.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	lab.stack(t, "stack", twoFiles)
	task := lab.open(t, nil)
	code := filepath.Join(lab.root, "stack", "main.tf")
	expect := func(name string, action plugin.Action, want ...string) {
		t.Helper()
		change, diags := plan(t, task)
		if diff := cmp.Diff(want, rendered(finding(t, change, "stack"))); diff != "" || len(diags) > 0 {
			t.Errorf("%s (-want +got):\n%s\n%v", name, diff, diags)
		}
		if change.Action != action {
			t.Errorf("%s: action %s, want %s", name, change.Action, action)
		}
		if same := change.Before.RawEquals(change.After); same != (action == plugin.NoOp) {
			t.Errorf("%s: before equals after is %v", name, same)
		}
	}

	expect("before the first apply", plugin.Update, "unapplied: 2 pending",
		"pending create fixture_file.a", "pending create fixture_file.b")

	lab.apply(t, "stack")
	expect("after the apply", plugin.NoOp, "clean: as declared")

	if err := os.WriteFile(lab.file("a"), []byte("by hand"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(lab.file("b")); err != nil {
		t.Fatal(err)
	}
	expect("a file is changed by hand, another removed", plugin.Update, "drifted: 2 drifted",
		"drift update fixture_file.a", `  content: "as declared" -> "by hand"`, `  size: 11 -> 7`,
		"drift delete fixture_file.b")

	replace(t, code, `"0640"`, `"0600"`)
	expect("and the code wants another mode", plugin.Update, "drifted_pending: 2 drifted, 1 pending",
		"drift update fixture_file.a", `  content: "as declared" -> "by hand"`, `  size: 11 -> 7`,
		"pending update fixture_file.a", `  mode: "0640" -> "0600"`,
		"drift delete fixture_file.b")

	replace(t, code, `"as declared"`, `"as declared anew"`)
	expect("and another content", plugin.Update, "drifted_pending: 2 drifted, 1 pending",
		"drift update fixture_file.a", `  size: 11 -> 7`,
		"both update fixture_file.a", `  content: "by hand" -> "as declared anew"`,
		"pending update fixture_file.a", `  mode: "0640" -> "0600"`,
		"drift delete fixture_file.b")

	lab.apply(t, "stack")
	replace(t, code, `resource "fixture_file" "b"`, `resource "fixture_file" "c"`)
	expect("a resource is renamed in the code", plugin.Update, "pending: 2 pending",
		"pending delete fixture_file.b", "pending create fixture_file.c")
}

// TestCleanAlthoughTheExitCodeSaysChanged holds what an exit code gets wrong.
func TestCleanAlthoughTheExitCodeSaysChanged(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	lab.stack(t, "stack", twoFiles)
	lab.apply(t, "stack")
	code := filepath.Join(lab.root, "stack", "main.tf")
	replace(t, code, `"fixture_file" "b" {`, `"fixture_file" "renamed" {`)
	replace(t, code, `output "size" { value = fixture_file.a.size }`, `
output "number" { value = fixture_file.a.size + 1 }
moved {
  from = fixture_file.b
  to   = fixture_file.renamed
}
check "failing" {
  assert {
    condition     = fixture_file.a.size == 0
    error_message = "no"
  }
}`)
	replace(t, code, `mode    = "0640"`, "mode    = \"0640\"\n  lifecycle { ignore_changes = [content] }")
	if err := os.WriteFile(lab.file("a"), []byte("elsewhere  "), 0o640); err != nil {
		t.Fatal(err)
	}
	change, _ := plan(t, lab.open(t, nil))
	got := rendered(finding(t, change, "stack"))
	if len(got) != 1 || !strings.HasPrefix(got[0], "clean: ") || !strings.Contains(got[0], "1 moved to another address, 2 outputs changed, 1 failed checks") {
		t.Errorf("got %q", got)
	}
}

func TestIgnoreRules(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	lab.stack(t, "stack", twoFiles)
	lab.apply(t, "stack")
	for _, name := range []string{"a", "b"} {
		if err := os.WriteFile(lab.file(name), []byte("by hand"), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name    string
		rules   []ignoreConfig
		want    string
		warning string
	}{
		{"a whole resource and an expired rule", []ignoreConfig{{Address: "*.b", Reason: "known"}, {Address: "*", Reason: "old", Expires: "2020-01-01"}},
			"drifted: 1 drifted, 1 ignored", "Expired ignore rule"},
		{"all attributes that differ", []ignoreConfig{{Address: "fixture_file.*", Attributes: []string{"content", "size"}, Reason: "known", Expires: "2999-01-01"}},
			"clean: 2 ignored, 1 outputs changed", ""},
	} {
		change, diags := plan(t, lab.open(t, map[string]cty.Value{"ignore": ignoreValue(test.rules...)}))
		if got := rendered(finding(t, change, "stack"))[0]; got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		if warned := len(diags) == 1 && diags[0].Summary == test.warning; warned != (test.warning != "") {
			t.Errorf("%s: diagnostics %v", test.name, diags)
		}
	}
}

// TestOneBrokenStackHidesNoOther is 40.
func TestOneBrokenStackHidesNoOther(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	lab.stack(t, "good", twoFiles)
	lab.apply(t, "good")
	lab.stack(t, "bad", `resource "fixture_file" "a" { content = `)
	lab.stack(t, "modules/part", twoFiles)
	task := lab.open(t, nil)
	change, diags := plan(t, task)
	if got := finding(t, change, "good").Verdict; got != "clean" {
		t.Errorf("the good stack is %s", got)
	}
	bad := finding(t, change, "bad")
	if bad.Verdict != "error" || bad.Summary == "" {
		t.Errorf("the bad stack is %s: %s", bad.Verdict, bad.Summary)
	}
	if len(change.Findings) != 2 {
		t.Errorf("%d findings, want 2: a module is no stack", len(change.Findings))
	}
	if len(diags) != 1 || diags[0].Severity != plugin.SeverityWarning || !strings.Contains(diags[0].Detail, "main.tf line") {
		t.Errorf("diagnostics %v", diags)
	}
	if got := change.After.GetAttr("verdict").AsString(); got != "error" {
		t.Errorf("the verdict of all is %s", got)
	}
	if err := os.RemoveAll(filepath.Join(lab.root, "good")); err != nil {
		t.Fatal(err)
	}
	if _, diags := task.Plan(t.Context(), nil); !diags.HasErrors() {
		t.Error("a plan in which no stack could be checked succeeds")
	}
}

// TestSecretsAreNowhere is 57: it plants a sensitive value that the provider hands out
// once more without a mark, and looks for it in all that comes out.
func TestSecretsAreNowhere(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, lab *lab) {
		const canary = `canary "5f0c/x+y" value`
		lab.stack(t, "stack", `
variable "password" {
  type      = string
  sensitive = true
}
resource "fixture_file" "a" {
  path    = "FILES/a"
  content = "as declared"
  secret  = var.password
}
`)
		lab.apply(t, "stack", "-var=password=before")
		if err := os.WriteFile(lab.file("a"), []byte("someone wrote "+canary+" here"), 0o640); err != nil {
			t.Fatal(err)
		}
		task := lab.open(t, map[string]cty.Value{"variables": cty.ObjectVal(map[string]cty.Value{"password": cty.StringVal(canary)})})
		change, diags := plan(t, task)
		got := strings.Join(rendered(finding(t, change, "stack")), "\n")
		for _, want := range []string{"secret: (sensitive value) -> (sensitive value)", "someone wrote (sensitive value) here"} {
			if !strings.Contains(got, want) {
				t.Errorf("there is no %q in:\n%s", want, got)
			}
		}
		change.Before, change.After = cty.DynamicVal, cty.DynamicVal // hold the configuration, which the core masks
		for i := range change.Findings {
			change.Findings[i].Value = cty.DynamicVal
		}
		out := got + asJSON(t, diags) + strings.Join(change.Reasons, "")
		for _, form := range []string{canary, "5f0c/x+y"} {
			if strings.Contains(out, form) {
				t.Errorf("the secret comes out:\n%s", out)
			}
		}
		change, _ = plan(t, lab.open(t, map[string]cty.Value{
			"variables": cty.ObjectVal(map[string]cty.Value{"password": cty.StringVal(canary)}),
			"ignore":    ignoreValue(ignoreConfig{Address: "*", Reason: "known"}),
		}))
		ignored := finding(t, change, "stack").Value.GetAttr("ignored_parts").GoString()
		if !strings.Contains(ignored, `"secret"`) || !strings.Contains(ignored, `"content"`) || strings.Contains(ignored, "someone") || strings.Contains(ignored, "5f0c") {
			t.Errorf("of what is ignored is told: %s", ignored)
		}
		left := filesBelow(t, task.dir)
		for name, content := range left {
			if strings.Contains(content, "5f0c") {
				t.Errorf("the secret is left in %s", name)
			}
		}
	})
}

// TestACheckChangesNothing compares the directory of a stack before and after.
func TestACheckChangesNothing(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, lab *lab) {
		lab.stack(t, "stack", twoFiles)
		lab.apply(t, "stack")
		before := filesBelow(t, filepath.Dir(lab.root))
		task := lab.open(t, nil)
		plan(t, task)
		plan(t, task)
		if diff := cmp.Diff(before, filesBelow(t, filepath.Dir(lab.root))); diff != "" {
			t.Errorf("the check changed (-before +after):\n%s", diff)
		}
	})
}

func TestTheParentsEnvironmentDoesNotLeak(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, lab *lab) {
		lab.stack(t, "stack", `
variable "content" { default = "as declared" }
resource "fixture_file" "a" {
  path    = "FILES/a"
  content = var.content
}
`)
		lab.apply(t, "stack")
		environ := append(slices.Clone(os.Environ()), "TF_CLI_CONFIG_FILE="+lab.cliConfig,
			"TF_VAR_content=leaked", "TF_CLI_ARGS_plan=-destroy", "TF_WORKSPACE=other")
		change, _ := plan(t, openTask(t, environ, map[string]cty.Value{"path": cty.StringVal(lab.root), "binary": cty.StringVal(lab.binary)}))
		if diff := cmp.Diff([]string{"clean: as declared"}, rendered(finding(t, change, "stack"))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func filesBelow(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(name)
		found[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// BenchmarkCheckOfACleanStack is the steady state: one run of terraform, with a
// real provider, and neither an init nor a show.
func BenchmarkCheckOfACleanStack(b *testing.B) {
	lab := newLab(b)
	lab.stack(b, "stack", twoFiles)
	lab.apply(b, "stack")
	task := lab.open(b, nil)
	plan(b, task)
	for b.Loop() {
		plan(b, task)
	}
}
