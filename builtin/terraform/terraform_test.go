package terraform

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/testutil/tfprovider"
	"github.com/driftless-hq/driftless/plugin"
)

// lab is a directory with stacks, applied by the real terraform.
type lab struct {
	root, state, files string
	cliConfig          string
	binary             string
	environ            []string // of apply, beside what is needed
}

func newLab(t testing.TB) *lab {
	t.Helper()
	return newLabOf(t, commands()[0])
}

func newLabOf(t testing.TB, c command) *lab {
	t.Helper()
	return newLabWith(t, c.find(t), tfprovider.CLIConfig(t))
}

func newLabWith(t testing.TB, binary, cliConfig string) *lab {
	t.Helper()
	dir := t.TempDir()
	l := &lab{filepath.Join(dir, "root"), filepath.Join(dir, "state"), filepath.Join(dir, "files"), cliConfig, binary, nil}
	for _, dir := range []string{l.root, l.state, l.files} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// stack writes the code of a stack: the backend and, after it, what is given.
// FILES stands for the directory of the files that the stack manages.
func (l *lab) stack(t testing.TB, name, code string) {
	t.Helper()
	state := filepath.Join(l.state, name)
	backend := fmt.Sprintf("terraform {\n  backend \"local\" {\n    path = %q\n    workspace_dir = %q\n  }\n}\n", state+".tfstate", state+".d")
	write(t, filepath.Join(l.root, name, "backend.tf"), backend)
	write(t, filepath.Join(l.root, name, "main.tf"), tfprovider.Requirements+strings.ReplaceAll(code, "FILES", l.files))
}

func (l *lab) file(name string) string { return filepath.Join(l.files, name) }

// apply applies a stack the way its owner would, and leaves no trace of that
// in its directory.
func (l *lab) apply(t testing.TB, name string, vars ...string) {
	t.Helper()
	dir := filepath.Join(l.root, name)
	l.run(t, name, []string{"init", "-input=false"}, append([]string{"apply", "-input=false", "-auto-approve"}, vars...))
	if err := os.Remove(filepath.Join(dir, lockFileName)); err != nil {
		t.Fatal(err)
	}
}

// run calls terraform in the directory of a stack.
func (l *lab) run(t testing.TB, name string, calls ...[]string) {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	for _, args := range calls {
		l.call(t, name, data, args...)
	}
}

func (l *lab) call(t testing.TB, name, data string, args ...string) {
	t.Helper()
	if out, err := l.command(name, data, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", l.binary, args[0], err, out)
	}
}

func (l *lab) command(name, data string, args ...string) *exec.Cmd {
	cmd := exec.Command(l.binary, args...)
	cmd.Dir = filepath.Join(l.root, name)
	cmd.Env = append(append(os.Environ(), l.environ...), "TF_CLI_CONFIG_FILE="+l.cliConfig, "TF_DATA_DIR="+data, "CHECKPOINT_DISABLE=1")
	return cmd
}

// open makes the task; attrs are what is set beside path and env.
func (l *lab) open(t testing.TB, attrs map[string]cty.Value) *task {
	t.Helper()
	set := map[string]cty.Value{
		"path":          cty.StringVal(l.root),
		"binary":        cty.StringVal(l.binary),
		"confirm_after": cty.StringVal("0s"),
		"env":           cty.MapVal(map[string]cty.Value{"TF_CLI_CONFIG_FILE": cty.StringVal(l.cliConfig)}),
	}
	maps.Copy(set, attrs)
	return openTask(t, os.Environ(), set)
}

func openTask(t testing.TB, environ []string, attrs map[string]cty.Value) *task {
	t.Helper()
	p := New().(*provider)
	p.environ = func() []string { return environ }
	return openWith(t, p, filepath.Join(t.TempDir(), "data"), attrs)
}

// openWith makes a task of a provider that keeps its data in a directory.
func openWith(t testing.TB, p *provider, dir string, attrs map[string]cty.Value) *task {
	t.Helper()
	cfg := configValue(t, attrs)
	ref := plugin.TypeRef{Kind: plugin.KindTask, Name: "terraform"}
	if diags := p.Validate(t.Context(), ref, cfg); diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	instance, diags := p.Open(t.Context(), plugin.OpenRequest{Type: ref, Addr: "task.terraform.test", Config: cfg,
		Env: plugin.Env{Log: hclog.NewNullLogger(), Dir: dir, Now: time.Now}})
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	t.Cleanup(func() { instance.Close(context.Background()) })
	return instance.(*task)
}

// configValue is what the core makes of a body with these attributes.
func configValue(t testing.TB, attrs map[string]cty.Value) cty.Value {
	t.Helper()
	block := taskSchema()
	values := map[string]cty.Value{}
	for name, want := range block.ImpliedType().AttributeTypes() {
		values[name] = cty.NullVal(want)
	}
	for _, name := range []string{"ignore", "override"} {
		values[name] = cty.ListValEmpty(block.ImpliedType().AttributeType(name).ElementType())
	}
	values["concurrency"] = cty.MapValEmpty(block.ImpliedType().AttributeType("concurrency").ElementType())
	for _, a := range block.Attributes {
		if a.Default != cty.NilVal {
			values[a.Name] = a.Default
		}
	}
	for name, value := range attrs {
		if _, ok := values[name]; !ok {
			t.Fatalf("the schema has no %q", name)
		}
		values[name] = value
	}
	return cty.ObjectVal(values)
}

func plan(t testing.TB, task *task) (plugin.Change, plugin.Diagnostics) {
	t.Helper()
	change, diags := task.Plan(t.Context(), nil)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	return change, diags
}

// rendered is what a finding says, line by line.
func rendered(f plugin.Finding) []string {
	lines := []string{f.Verdict + ": " + f.Summary}
	for _, e := range f.Detail {
		lines = append(lines, fmt.Sprintf("%s %s %s", e.Class, e.Action, e.Name))
		for _, a := range e.Attributes {
			lines = append(lines, fmt.Sprintf("  %s: %s -> %s", a.Path, a.Before, a.After))
		}
	}
	return lines
}

func finding(t testing.TB, change plugin.Change, name string) plugin.Finding {
	t.Helper()
	for _, f := range change.Findings {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("there is no finding of the stack %s", name)
	return plugin.Finding{}
}

func write(t testing.TB, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func replace(t testing.TB, file, old, with string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s doesn't hold %q", file, old)
	}
	write(t, file, strings.ReplaceAll(string(data), old, with))
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func ignoreValue(rules ...ignoreConfig) cty.Value {
	values := make([]cty.Value, len(rules))
	for i, r := range rules {
		owner, expires := cty.NullVal(cty.String), cty.NullVal(cty.String)
		attributes, actions := cty.NullVal(cty.List(cty.String)), cty.NullVal(cty.List(cty.String))
		if r.Owner != "" {
			owner = cty.StringVal(r.Owner)
		}
		if len(r.Actions) > 0 {
			actions = listOf(r.Actions...)
		}
		if r.Expires != "" {
			expires = cty.StringVal(r.Expires)
		}
		if len(r.Attributes) > 0 {
			attributes = listOf(r.Attributes...)
		}
		values[i] = cty.ObjectVal(map[string]cty.Value{
			"address": cty.StringVal(r.Address), "attributes": attributes, "actions": actions,
			"reason": cty.StringVal(r.Reason), "owner": owner, "expires": expires,
		})
	}
	return cty.ListVal(values)
}
