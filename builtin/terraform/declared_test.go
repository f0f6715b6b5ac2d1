package terraform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// TestADeclaredSecretIsNotInTheErrorOfAPlan has the provider fail with the
// value of a variable in what it says. There is no plan then that marks it.
func TestADeclaredSecretIsNotInTheErrorOfAPlan(t *testing.T) {
	t.Parallel()
	const canary = "canary5f0c"
	given := func(value cty.Value) map[string]cty.Value {
		return settings("variables", cty.ObjectVal(map[string]cty.Value{"dir": value}))
	}
	text, declared := cty.StringVal(canary), "variable \"dir\" {\n  sensitive = true\n}\n"
	for _, test := range []struct {
		name  string
		files map[string]string
		attrs map[string]cty.Value
	}{
		{"in variables", map[string]string{"variables.tf": declared}, given(text)},
		{"in variables, within others", map[string]string{"variables.tf": "variable \"dir\" {\n  type = object({ at = list(string) })\n  sensitive = true\n}\n"},
			given(cty.ObjectVal(map[string]cty.Value{"at": cty.TupleVal([]cty.Value{text})}))},
		{"in a file of variables", map[string]string{"variables.tf": declared, "some.tfvars": "dir = \"" + canary + "\"\n"}, settings("var_files", listOf("some.tfvars"))},
		{"in a file that is read unasked", map[string]string{"variables.tf": declared, "terraform.tfvars": "dir = \"" + canary + "\"\n"}, nil},
		{"in a file of JSON that is read unasked", map[string]string{"variables.tf": declared, "some.auto.tfvars.json": `{"dir":"` + canary + `"}`}, nil},
		{"in the default", map[string]string{"variables.tf": "variable \"dir\" {\n  sensitive = true\n  default = \"" + canary + "\"\n}\n"}, nil},
		{"in code in JSON", map[string]string{"variables.tf.json": `{"variable":{"dir":{"sensitive":true,"default":"` + canary + `"}}}`}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			lab := newLab(t)
			lab.stack(t, "stack", "resource \"fixture_file\" \"a\" {\n  path = \"FILES/a\"\n  content = \"x\"\n}\n")
			lab.apply(t, "stack")
			replace(t, filepath.Join(lab.state, "stack.tfstate"), lab.file("a"), lab.file("a")+"/"+canary)
			for name, content := range test.files {
				write(t, filepath.Join(lab.root, "stack", name), content)
			}
			change, diags := lab.open(t, test.attrs).Plan(t.Context(), nil)
			f := finding(t, change, "stack")
			if f.Summary != "Cannot read the file" || !strings.Contains(asJSON(t, diags), "(sensitive value): not a directory") {
				t.Errorf("%s, diagnostics %v", f.Summary, diags)
			}
			if strings.Contains(asJSON(t, diags)+strings.Join(change.Reasons, "")+f.Summary, canary) {
				t.Errorf("the secret comes out: %v", diags)
			}
		})
	}
}

func FuzzSensitiveVariables(f *testing.F) {
	f.Add("main.tf", "variable \"a\" {\n  sensitive = true\n  default = { a = [1, \"x\", null] }\n}\n")
	f.Add("main.tofu", "variable a {\n sensitive = var.b\n")
	f.Add("main.tf.json", `{"variable":{"a":[{"sensitive":"true","default":"${x}"}]}}`)
	f.Fuzz(func(t *testing.T, name, code string) {
		dir := t.TempDir()
		for _, file := range []string{filepath.Base(name), "terraform.tfvars", "x.auto.tfvars.json"} {
			// Not every name can be that of a file.
			_ = os.WriteFile(filepath.Join(dir, file), []byte(code), 0o600)
		}
		newTaint(stack{}).addVariables(stack{dir: dir}, nil)
	})
}
