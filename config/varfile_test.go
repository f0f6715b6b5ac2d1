package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config"
)

func writeFiles(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestEverySyntaxGivesVariablesTheSameValues(t *testing.T) {
	want := map[string]cty.Value{
		"name":  cty.StringVal("web"),
		"ports": cty.TupleVal([]cty.Value{cty.NumberIntVal(80), cty.NumberIntVal(443)}),
		"site":  cty.ObjectVal(map[string]cty.Value{"tls": cty.True}),
	}
	dir := writeFiles(t, map[string]string{
		"a.vars.hcl":      "name = \"web\"\nports = [80, 443]\nsite = { tls = true }\n",
		"a.vars.json":     `{"//": "no value", "name": "web", "ports": [80, 443], "site": {"tls": true}}`,
		"a.vars.hcl.json": `{"name": "web", "ports": [80, 443], "site": {"tls": true}}`,
		"a.vars.yaml":     "name: web\nports: [80, 443]\nsite:\n  tls: true\n",
		"a.vars.yml":      "name: web\nports:\n- 80\n- 443\nsite: {tls: true}\n",
		"a.vars.toml":     "name = \"web\"\nports = [80, 443]\n[site]\ntls = true\n",
	})
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(file.Name(), func(t *testing.T) {
			f, diags := config.LoadVariables(filepath.Join(dir, file.Name()))
			if diags.HasErrors() || len(f.Assignments) != len(want) {
				t.Fatalf("got %v, %v", f.Assignments, diags)
			}
			for i, name := range []string{"name", "ports", "site"} {
				if a := f.Assignments[i]; a.Name != name || !a.Value.RawEquals(want[name]) {
					t.Errorf("%d is %s = %#v, want %s = %#v", i, a.Name, a.Value, name, want[name])
				}
			}
		})
	}
}

func TestWhatIsNoFileOfValues(t *testing.T) {
	tests := []struct {
		name, file, content string
		summary, place      string
	}{
		{"a reference", "a.vars.hcl", "a = 1\nb = [var.a]\n", "Reference in a file of variables", "2,6"},
		{"a call of a function", "a.vars.hcl", `a = file("x")`, "Function call in a file of variables", "1,5"},
		{"a block", "a.vars.hcl", "variable \"a\" {\n}\n", "Unexpected \"variable\" block", "1,1"},
		{"a list", "a.vars.json", `[1]`, "Incorrect value type", "1,2"},
		{"a name that is written twice", "a.vars.yaml", "a: 1\na: 2\n", "Duplicate", "2,1"},
		{"brackets without end", "a.vars.hcl", "a = " + strings.Repeat("[", 100_000), "Nesting too deep", "1,205"},
		{"a loop in a loop that multiplies", "a.vars.hcl", "a = [for x in [1] : [for y in [1] : [for z in [1] : [for w in [1] : 1]]]]", "Nesting too deep", "1,"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(writeFiles(t, map[string]string{tt.file: tt.content}), tt.file)
			_, diags := config.LoadVariables(path)
			if !diags.HasErrors() {
				t.Fatal("it is taken for one")
			}
			d := diags[0]
			at := strings.TrimPrefix(d.Subject.String(), path+":")
			if !strings.Contains(d.Summary, tt.summary) || !strings.HasPrefix(at, tt.place) {
				t.Errorf("%s at %s, want %s at %s", d.Summary, at, tt.summary, tt.place)
			}
		})
	}
}

func TestAStringIsItselfOutsideOfTheNativeSyntax(t *testing.T) {
	for file, content := range map[string]string{"a.vars.json": `{"a": "${x}"}`, "a.vars.yaml": `a: "${x}"`, "a.vars.toml": `a = "${x}"`, "a.vars.hcl": `a = "$${x}"`} {
		f, diags := config.LoadVariables(filepath.Join(writeFiles(t, map[string]string{file: content}), file))
		if diags.HasErrors() || len(f.Assignments) != 1 || f.Assignments[0].Value.AsString() != "${x}" {
			t.Errorf("%s: %v, %v", file, f.Assignments, diags)
		}
	}
}

// TestFilesOfVariablesAreNoConfiguration has a directory in which every file
// but one would be an error if it were read as blocks.
func TestFilesOfVariablesAreNoConfiguration(t *testing.T) {
	files := map[string]string{
		"main.hcl":             `variable "a" {}`,
		"2.auto.vars.yaml":     "a: 2",
		"1.auto.vars.hcl":      "a = 1",
		"3.auto.vars.hcl.json": `{"a": 3}`,
		"prod.vars.hcl":        "a = 4",
		"prod.vars.toml":       "a = 5",
		".hidden.vars.hcl":     "a = 6",
	}
	dir := writeFiles(t, files)
	cfg, diags := config.Load(dir)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var names []string
	for _, f := range cfg.VariableFiles {
		names = append(names, filepath.Base(f.Path))
	}
	if got, want := strings.Join(names, " "), "1.auto.vars.hcl 2.auto.vars.yaml 3.auto.vars.hcl.json"; got != want {
		t.Errorf("read %s, want %s", got, want)
	}
	files["2.auto.vars.yaml"] = "a: 20"
	moved, _ := config.Load(writeFiles(t, files))
	if moved.Digest == cfg.Digest {
		t.Error("the digest of the configuration doesn't cover its values")
	}
	files["2.auto.vars.yaml"], files["prod.vars.hcl"] = "a: 2", "a = 40"
	same, _ := config.Load(writeFiles(t, files))
	if same.Digest != cfg.Digest {
		t.Error("the digest of the configuration covers a file that isn't read")
	}
}

func FuzzLoadVariables(f *testing.F) {
	for _, seed := range []struct{ ending, content string }{
		{".hcl", "a = [1, \"x${1 + 1}\", { b = null }]\n"}, {".hcl", "a = var.b\n"}, {".json", `{"a": {"b": [1.5, true, "${"]}}`},
		{".yaml", "a: &x [1]\nb: *x\n"}, {".toml", "[[a]]\nb = 1979-05-27\n"},
	} {
		f.Add(seed.ending, seed.content)
	}
	f.Fuzz(func(t *testing.T, ending, content string) {
		if strings.ContainsAny(ending, "/\x00") || len(ending) > 10 {
			t.Skip("it is no ending of a file")
		}
		path := filepath.Join(t.TempDir(), "a.vars"+ending)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		file, diags := config.LoadVariables(path)
		for _, a := range file.Assignments {
			if !a.Value.IsWhollyKnown() || a.Range.End.Byte > len(content) {
				t.Errorf("%s is %#v at %s", a.Name, a.Value, a.Range)
			}
		}
		for _, d := range diags {
			if d.Subject == nil || d.Subject.Filename != path {
				t.Errorf("%s has no place in the file", d)
			}
		}
	})
}
