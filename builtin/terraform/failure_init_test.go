package terraform

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/testutil/tfprovider"
	"github.com/driftless-hq/driftless/plugin"
)

// initsOf are why the stacks were initialised by a check, empty where they
// were not.
func initsOf(t *testing.T, change plugin.Change) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, f := range change.Findings {
		found[f.Name] = f.Value.GetAttr("init").AsString()
	}
	return found
}

// TestInitOnlyWhenItHasTo is of 33 (constraints), 34 (modules), 35 (backend)
// and 36 (a data directory that is gone).
func TestInitOnlyWhenItHasTo(t *testing.T) {
	t.Parallel()
	withEach(t, checkInits)
}

func checkInits(t *testing.T, lab *lab) {
	lab.stack(t, "stack", oneFile)
	lab.apply(t, "stack")
	code := filepath.Join(lab.root, "stack", "main.tf")
	p, dir := New().(*provider), filepath.Join(t.TempDir(), "data")
	p.environ = os.Environ
	for _, step := range []struct {
		name string
		then func(task *task)
		want string
	}{
		{"the first check", func(*task) {}, initFirst},
		{"nothing has changed", func(*task) {}, ""},
		{"code that no initialisation depends on", func(*task) { write(t, filepath.Join(lab.root, "stack", "more.tf"), "locals {\n  a = 1\n}\n") }, ""},
		{"a module is added", func(*task) {
			write(t, filepath.Join(lab.root, "stack", "modules", "part", "main.tf"), "variable \"a\" {}\n")
			write(t, filepath.Join(lab.root, "stack", "more.tf"), "module \"part\" {\n  source = \"./modules/part\"\n  a      = 1\n}\n")
		}, initFingerprint},
		{"the constraint on the provider changes", func(*task) {
			replace(t, code, `source = "driftless.test/fixtures/fixture"`, `source = "driftless.test/fixtures/fixture", version = "~> 1.0"`)
		}, initFingerprint},
		{"the backend changes", func(*task) {
			moved := filepath.Join(lab.state, "moved.tfstate")
			if err := os.Rename(filepath.Join(lab.state, "stack.tfstate"), moved); err != nil {
				t.Fatal(err)
			}
			replace(t, filepath.Join(lab.root, "stack", "backend.tf"), filepath.Join(lab.state, "stack.tfstate"), moved)
		}, initFingerprint},
		{"what is known of the backend is damaged", func(task *task) { damageData(t, task, lab, "terraform.tfstate") }, initDiagnostic},
		{"what is known of the modules is damaged", func(task *task) { damageData(t, task, lab, filepath.Join("modules", "modules.json")) }, initDiagnostic},
		{"the module is removed", func(*task) { write(t, filepath.Join(lab.root, "stack", "more.tf"), "") }, initFingerprint},
		{"the data directory is gone", func(task *task) { removeData(t, task, lab, "") }, initFirst},
		{"the providers are gone", func(task *task) { removeData(t, task, lab, "providers") }, initDiagnostic},
	} {
		task := openWith(t, p, dir, map[string]cty.Value{
			"path": cty.StringVal(lab.root), "binary": cty.StringVal(lab.binary), "confirm_after": cty.StringVal("0s"),
			"env": cty.MapVal(map[string]cty.Value{"TF_CLI_CONFIG_FILE": cty.StringVal(lab.cliConfig)}),
		})
		step.then(task)
		change, _ := plan(t, task)
		if got := initsOf(t, change)["stack"]; got != step.want {
			t.Errorf("%s: initialised because of %q, want %q", step.name, got, step.want)
		}
		if diff := cmp.Diff([]string{"clean: as declared"}, rendered(finding(t, change, "stack"))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
}

func dataOf(task *task, lab *lab, below string) string {
	return filepath.Join(task.dir, "stacks", stackID(filepath.Join(lab.root, "stack")), "data", defaultWorkspace, below)
}

// damageData replaces what a power cut may leave half written.
func damageData(t *testing.T, task *task, lab *lab, below string) {
	t.Helper()
	removeData(t, task, lab, below)
	write(t, dataOf(task, lab, below), "{\x00")
}

func removeData(t *testing.T, task *task, lab *lab, below string) {
	t.Helper()
	dir := dataOf(task, lab, below)
	if _, err := os.Stat(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
}

// TestWhatAnInitCannotCure is 32 (a lock file with other hashes), 37 (a version
// that isn't there), and of versions of the command itself. Each says which
// file or which provider it is.
func TestWhatAnInitCannotCure(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		file    string // of the stack
		content string
		summary string
		detail  string
	}{
		{"32: the lock file has other hashes", lockFileName,
			"provider \"driftless.test/fixtures/fixture\" {\n  version = \"1.0.0\"\n  hashes  = [\"h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"]\n}\n", "Failed to install provider", "driftless.test/fixtures/fixture"},
		{"33: the code asks for a version that the mirror doesn't have", "main.tf",
			strings.Replace(tfprovider.Requirements, `fixture"`, `fixture", version = "9.9.9"`, 1), "Failed to ", "9.9.9"},
		{"37: there is no such provider in the mirror", "main.tf",
			strings.Replace(tfprovider.Requirements, "fixtures/fixture", "fixtures/nowhere", 1), "Failed to ", "fixtures/nowhere"},
		{"the code asks for another version of the command", "version.TF", "terraform {\n  required_version = \">= 99.0\"\n}\n", "", "choose another supported"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			withEach(t, func(t *testing.T, lab *lab) {
				lab.stack(t, "stack", oneFile)
				lab.apply(t, "stack")
				// In a .tf file a version is none of OpenTofu's business.
				file := strings.Replace(test.file, ".TF", map[bool]string{true: ".tofu", false: ".tf"}[strings.Contains(t.Name(), "/tofu")], 1)
				write(t, filepath.Join(lab.root, "stack", file), test.content)
				change, diags := lab.open(t, nil).Plan(t.Context(), nil)
				f := finding(t, change, "stack")
				if f.Verdict != "error" || f.Value.GetAttr("failure").AsString() != string(failedConfig) || !strings.HasPrefix(f.Summary, test.summary) || !strings.Contains(asJSON(t, diags), test.detail) {
					t.Errorf("%s: %s (%s)\n%v", f.Verdict, f.Summary, f.Value.GetAttr("failure").AsString(), diags)
				}
			})
		})
	}
}

// TestANewBackendGetsNoState is 35: a check never moves a state.
func TestANewBackendGetsNoState(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, lab *lab) {
		lab.stack(t, "stack", oneFile)
		lab.apply(t, "stack")
		task := lab.open(t, nil)
		plan(t, task)
		before := filesBelow(t, lab.state)
		replace(t, filepath.Join(lab.root, "stack", "backend.tf"), filepath.Join(lab.state, "stack.tfstate"), filepath.Join(lab.state, "new.tfstate"))
		if diff := cmp.Diff(map[string]string{"stack": "unapplied fingerprint"}, checked(t, task)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(before, filesBelow(t, lab.state)); diff != "" {
			t.Errorf("the states (-before +after):\n%s", diff)
		}
	})
}

// TestManyStacksAreInitialisedAtOnce is 38: stacks that were never initialised
// download the same provider at the same time, each to where it is its own, and
// one of these becomes that of all stacks to come.
func TestManyStacksAreInitialisedAtOnce(t *testing.T) {
	t.Parallel()
	const stacks = 20
	registry, command := tfprovider.StartRegistry(t), commands()[0].find(t)
	lab := newLabWith(t, command, registry.CLIConfig)
	for i := range stacks {
		lab.stack(t, fmt.Sprintf("stack%02d", i), oneFile)
	}
	task := lab.open(t, map[string]cty.Value{"parallelism": cty.NumberIntVal(stacks)})
	areUnapplied(t, task, stacks)
	downloads := registry.Downloads()
	if downloads < 2 {
		t.Errorf("%d downloads, so that none were at the same time", downloads)
	}
	store := filepath.Join(task.dir, "plugins")
	areWhole(t, store, 1, registry.Program)
	areWhole(t, filepath.Join(task.dir, "stacks", "*", "data", "default", "providers"), stacks, registry.Program)

	late := newLabWith(t, command, registry.CLIConfig)
	late.stack(t, "late", oneFile)
	areUnapplied(t, late.open(t, map[string]cty.Value{"plugin_cache": cty.StringVal(store)}), 1)
	if n := registry.Downloads() - downloads; n != 0 {
		t.Errorf("one more stack makes %d downloads", n)
	}
}

// areUnapplied checks that stacks are told as what they are.
func areUnapplied(t *testing.T, task *task, stacks int) {
	t.Helper()
	change, diags := plan(t, task)
	for _, f := range change.Findings {
		if f.Verdict != "unapplied" {
			t.Errorf("%s is %s: %s", f.Name, f.Verdict, f.Summary)
		}
	}
	if len(change.Findings) != stacks || len(diags) > 0 {
		t.Errorf("%d findings, diagnostics %v", len(change.Findings), diags)
	}
}

// areWhole checks that there are so many copies of a provider, or links to one,
// all of them whole, and nothing else beside them.
func areWhole(t *testing.T, dirs string, copies int, program []byte) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dirs, "*", "*", "*", "*", "*", "*")) // host, namespace, type, version, platform
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != copies {
		t.Errorf("%d files in %s, want %d: %v", len(found), dirs, copies, found)
	}
	for _, file := range found {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(content, program) {
			t.Errorf("%s is not the provider: %d bytes, want %d", file, len(content), len(program))
		}
	}
}
