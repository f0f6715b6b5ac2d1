package terraform

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

// monorepo is what its files are: two stacks, of which one uses a module that
// uses another.
func monorepo() map[string]string {
	return map[string]string{
		"envs/a/main.tf":          "module \"m\" {\n  source = \"../../modules/m\"\n}\n",
		"envs/a/files/x.json":     "{}",
		"envs/b/main.tf":          "output \"o\" {\n  value = 1\n}\n",
		"modules/m/main.tf":       "module \"inner\" {\n  source = \"../inner\"\n}\n",
		"modules/inner/main.tf":   "# ... nothing\n",
		"modules/unused/main.tf":  "# nothing\n",
		"vars/common.tfvars":      "x = 1\n",
		"README.md":               "Go to ../..\n",
		"envs/a/.terraform/state": "{}",
	}
}

func TestWhichStacksACommitTouches(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		changes map[string]string // empty: the file is removed
		want    []string
	}{
		{"nothing", nil, nil},
		{"a file of no stack", map[string]string{"README.md": "x"}, nil},
		{"a module that nobody uses", map[string]string{"modules/unused/main.tf": "# x\n"}, nil},
		{"the directory of a stack", map[string]string{"envs/b/main.tf": "# x\n"}, []string{"envs/b"}},
		{"what a stack reads below its directory", map[string]string{"envs/a/files/x.json": "[]"}, []string{"envs/a"}},
		{"a file that is new", map[string]string{"envs/a/new.txt": "x"}, []string{"envs/a"}},
		{"a file that is gone", map[string]string{"envs/a/files/x.json": ""}, []string{"envs/a"}},
		{"its rules of what is ignored", map[string]string{"envs/b/.driftignore": "x\n"}, []string{"envs/b"}},
		{"its lock file", map[string]string{"envs/b/.terraform.lock.hcl": "x"}, []string{"envs/b"}},
		{"what terraform keeps", map[string]string{"envs/a/.terraform/state": "x"}, nil},
		{"a module that it uses", map[string]string{"modules/m/main.tf": "# x\n"}, []string{"envs/a"}},
		{"a module of that module", map[string]string{"modules/inner/main.tf": "# x\n"}, []string{"envs/a"}},
		{"a var file of all", map[string]string{"vars/common.tfvars": "x = 2\n"}, []string{"envs/a", "envs/b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root, files := t.TempDir(), monorepo()
			digests := func() map[string]string {
				for name, text := range files {
					write(t, filepath.Join(root, name), text)
				}
				found, c := make(map[string]string), newCodebase()
				for _, name := range []string{"envs/a", "envs/b"} {
					s := stack{path: name, dir: filepath.Join(root, name), varFiles: []string{"../../vars/common.tfvars"}}
					code, err := (&task{}).codeOf(c, program{}, s)
					if err != nil {
						t.Fatal(err)
					}
					found[name] = code
				}
				return found
			}
			before := digests()
			maps.Copy(files, tt.changes)
			for name, text := range tt.changes {
				if text == "" {
					delete(files, name)
					if err := os.Remove(filepath.Join(root, name)); err != nil {
						t.Fatal(err)
					}
				}
			}
			var changed []string
			after := digests()
			for _, name := range []string{"envs/a", "envs/b"} {
				if before[name] != after[name] {
					changed = append(changed, name)
				}
			}
			if diff := cmp.Diff(tt.want, changed); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestStacksOfWhichItCantBeToldWhatTheyAreMadeOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		file  string
		text  string
		stack func(*stack)
	}{
		{name: "a file elsewhere", file: "x.tf", text: "locals {\n  a = file(\"${path.module}/../x\")\n}\n"},
		{name: "parts of a path", file: "x.tf", text: "locals {\n  a = join(\"/\", [\"..\", \"x\"])\n}\n"},
		{name: "a file in the directory above", file: "x.tf", text: "locals {\n  a = file(\"${dirname(path.module)}/x\")\n}\n"},
		{name: "a kustomization of what is elsewhere", file: "k8s/kustomization.yaml", text: "resources:\n  - ../../base\n"},
		{name: "a template that reads a file", file: "x.tftpl", text: "${file(\"../x\")}"},
		{name: "a variable in a file", file: "terraform.tfvars", text: "path = \"../x\"\n"},
		{name: "a variable", stack: func(s *stack) { s.variables = map[string]cty.Value{"path": cty.StringVal("../x")} }},
		{name: "the environment", stack: func(s *stack) { s.env = map[string]string{"TF_CLI_ARGS_plan": "-var-file=../x"} }},
		{name: "a module that is not there", file: "x.tf", text: "module \"m\" {\n  source = \"../gone\"\n}\n"},
		{name: "a var file that is not there", stack: func(s *stack) { s.varFiles = []string{"gone.tfvars"} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := stack{path: "a", dir: filepath.Join(t.TempDir(), "a")}
			write(t, filepath.Join(s.dir, "main.tf"), "terraform {}\n")
			if _, err := (&task{}).codeOf(newCodebase(), program{}, s); err != nil {
				t.Fatal(err)
			}
			if tt.file != "" {
				write(t, filepath.Join(s.dir, tt.file), tt.text)
			}
			if tt.stack != nil {
				tt.stack(&s)
			}
			if code, err := (&task{}).codeOf(newCodebase(), program{}, s); err == nil {
				t.Errorf("it is told to be %s", code)
			}
		})
	}
	dir := t.TempDir()
	if err := os.Symlink("/", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if one := readTree(dir); !errors.Is(one.err, errUntold) {
		t.Errorf("a link to anywhere: %v", one.err)
	}
}

// TestANewCommitChecksTheStacksThatItTouches, and those that failed; at the
// interval all are checked.
func TestANewCommitChecksTheStacksThatItTouches(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.stack(t, "other")
	task := f.open(t, map[string]cty.Value{"path": cty.NullVal(cty.String), "source": cty.ObjectVal(map[string]cty.Value{
		"path": cty.StringVal(f.root), "commit": cty.StringVal("1111111111111111111111111111111111111111"),
	})})
	at := func(commit string) { task.cfg.Source.Commit = commit }
	expect := func(name string, want map[string]string) {
		t.Helper()
		change, _ := task.Plan(t.Context(), nil)
		got := make(map[string]string)
		for _, one := range change.Findings {
			got[one.Name] = one.Verdict + " " + one.Value.GetAttr("commit").AsString()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	task.early = true
	at("1")
	expect("at first", map[string]string{"stack": "clean 1", "other": "clean 1"})
	at("2")
	expect("a commit that touches none", map[string]string{"stack": "clean 1", "other": "clean 1"})
	write(t, filepath.Join(f.root, "other", "more.tf"), "locals {}\n")
	at("3")
	expect("a commit that touches one", map[string]string{"stack": "clean 1", "other": "clean 3"})
	at("4")
	expect("a commit after that", map[string]string{"stack": "clean 1", "other": "clean 3"})
	task.early = false
	expect("the interval", map[string]string{"stack": "clean 4", "other": "clean 4"})
	task.early = true
	task.setup = "another"
	at("5")
	expect("another configuration", map[string]string{"stack": "clean 5", "other": "clean 5"})
	task.cfg.OnCommit = onCommitAll
	task.code = nil
	at("6")
	expect("all are wanted", map[string]string{"stack": "clean 6", "other": "clean 6"})
	task.cfg.OnCommit = onCommitChanged
	f.fails(t, "")
	at("7")
	write(t, filepath.Join(f.root, "other", "more.tf"), "locals {\n}\n")
	_, _ = task.Plan(t.Context(), nil)
	if err := os.Remove(filepath.Join(f.bin, "plan.fails")); err != nil {
		t.Fatal(err)
	}
	at("8")
	expect("one that has failed", map[string]string{"stack": "clean 8", "other": "clean 8"})
}
