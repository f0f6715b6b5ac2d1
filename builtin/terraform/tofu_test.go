package terraform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

// What only OpenTofu can do. What it does otherwise than Terraform, such as its
// exit codes, is 56 of the list of failures, and a half of the matrix.

func newTofuLab(t *testing.T) *lab {
	t.Helper()
	return newLabOf(t, commands()[1])
}

// TestTofuKeepsAStateWhereAVariableSays is of variables that it needs before it
// plans, and of workspaces below them.
func TestTofuKeepsAStateWhereAVariableSays(t *testing.T) {
	t.Parallel()
	lab := newTofuLab(t)
	code := "variable \"at\" {}\nterraform {\n  backend \"local\" {\n    path          = \"${var.at}/state\"\n    workspace_dir = \"${var.at}/others\"\n  }\n}\n"
	write(t, filepath.Join(lab.root, "stack", "main.tf"), code+plainData)
	write(t, filepath.Join(lab.root, "stack", "elsewhere.tfvars"), "at = \""+lab.files+"\"\n")
	vars := "-var-file=elsewhere.tfvars"
	lab.run(t, "stack", []string{"init", "-input=false", vars}, []string{"apply", "-input=false", "-auto-approve", vars},
		[]string{"workspace", "new", vars, "blue"}, []string{"apply", "-input=false", "-auto-approve", vars})
	task := lab.open(t, map[string]cty.Value{
		"variables":  cty.ObjectVal(map[string]cty.Value{"at": cty.StringVal(lab.files)}),
		"workspaces": listOf(allWorkspaces),
	})
	if diff := cmp.Diff(map[string]string{"stack": "clean", "stack@blue": "clean first"}, checked(t, task)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	moved := lab.open(t, map[string]cty.Value{"variables": cty.ObjectVal(map[string]cty.Value{"at": cty.StringVal(lab.state)})})
	if diff := cmp.Diff(map[string]string{"stack": "unapplied first"}, checked(t, moved)); diff != "" {
		t.Errorf("where the variable has another value (-want +got):\n%s", diff)
	}
}

// TestTofuReadsFilesOfItsOwn has code for OpenTofu beside such for Terraform,
// which it then doesn't read.
func TestTofuReadsFilesOfItsOwn(t *testing.T) {
	t.Parallel()
	lab := newTofuLab(t)
	lab.stack(t, "stack", plainData)
	lab.apply(t, "stack")
	dir := filepath.Join(lab.root, "stack")
	if err := os.Rename(filepath.Join(dir, "backend.tf"), filepath.Join(dir, "backend.tofu")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "main.tofu"), plainData)
	write(t, filepath.Join(dir, "main.tf"), "resource {\n")
	task := lab.open(t, nil)
	if diff := cmp.Diff(map[string]string{"stack": "clean first"}, checked(t, task)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	write(t, filepath.Join(dir, "more.tofu"), "terraform {}\n")
	if diff := cmp.Diff(map[string]string{"stack": "clean fingerprint"}, checked(t, task)); diff != "" {
		t.Errorf("with another block in a file of its own (-want +got):\n%s", diff)
	}
	if err := os.Remove(filepath.Join(dir, "main.tf")); err != nil {
		t.Fatal(err)
	}
	if found, err := discover(lab.root, selection{Include: []string{"**"}}); len(found) != 1 || err != nil {
		t.Errorf("of files of its own alone it finds %q, error %v", found, err)
	}
}

// TestTofuEncryptsStateAndPlan has the passphrase in the environment of the
// stack. Neither it nor a plain state or plan may be left anywhere.
func TestTofuEncryptsStateAndPlan(t *testing.T) {
	t.Parallel()
	const passphrase = "canary-5f0c-canary-5f0c"
	lab := newTofuLab(t)
	lab.stack(t, "stack", oneFile)
	encryption := "key_provider \"pbkdf2\" \"k\" {\n  passphrase = \"" + passphrase + "\"\n  iterations = 200000\n}\nmethod \"aes_gcm\" \"m\" {\n  keys = key_provider.pbkdf2.k\n}\n" +
		"state {\n  method   = method.aes_gcm.m\n  enforced = true\n}\nplan {\n  method   = method.aes_gcm.m\n  enforced = true\n}\n"
	lab.environ = append(lab.environ, "TF_ENCRYPTION="+encryption)
	lab.apply(t, "stack")
	byHand("a", "by hand")(t, &mutated{lab, "stack"})
	env := func(names map[string]string) map[string]cty.Value {
		values := map[string]cty.Value{"TF_CLI_CONFIG_FILE": cty.StringVal(lab.cliConfig)}
		for name, value := range names {
			values[name] = cty.StringVal(value)
		}
		return settings("env", cty.MapVal(values))
	}
	for _, test := range []struct {
		name string
		env  map[string]string
		want []string
	}{
		{"with the passphrase", map[string]string{"TF_ENCRYPTION": encryption},
			[]string{"drifted: 1 drifted", "drift update fixture_file.a", `  content: "as declared" -> "by hand"`, "  size: 11 -> 7"}},
		{"without it", nil, []string{"error: Error refreshing state"}},
	} {
		task := lab.open(t, env(test.env))
		change, _ := task.Plan(t.Context(), nil)
		if diff := cmp.Diff(test.want, rendered(finding(t, change, "stack"))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		for name, content := range filesBelow(t, filepath.Dir(task.dir)) {
			if strings.Contains(content, passphrase) {
				t.Errorf("%s: the passphrase is left in %s", test.name, name)
			}
		}
	}
}
