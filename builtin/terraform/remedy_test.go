package terraform

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// clinic is a stack with a task that remedies it, check by check.
type clinic struct {
	*lab
	t        *testing.T
	provider *provider
	data     string
	now      time.Time
	approved []string
	attrs    map[string]cty.Value
}

// newClinic applies a stack, whose task has the attributes of a remediate
// block.
func newClinic(t *testing.T, code string, remediate map[string]cty.Value) *clinic {
	t.Helper()
	l := newLab(t)
	l.stack(t, "stack", code)
	l.apply(t, "stack")
	return l.clinic(t, remediate)
}

func (l *lab) clinic(t *testing.T, remediate map[string]cty.Value) *clinic {
	t.Helper()
	c := &clinic{lab: l, t: t, provider: New().(*provider), data: filepath.Join(t.TempDir(), "data"), now: time.Now()}
	c.provider.environ = os.Environ
	c.attrs = map[string]cty.Value{
		"path": cty.StringVal(l.root), "confirm_after": cty.StringVal("0s"), remediateBlock: remediateValue(t, remediate),
		"env": cty.MapVal(map[string]cty.Value{"TF_CLI_CONFIG_FILE": cty.StringVal(l.cliConfig)}),
	}
	return c
}

// remediateValue is the value of a block with these attributes.
func remediateValue(t testing.TB, attrs map[string]cty.Value) cty.Value {
	t.Helper()
	block := remediateSchema()
	values := map[string]cty.Value{}
	for name, want := range block.ImpliedType().AttributeTypes() {
		values[name] = cty.NullVal(want)
	}
	for _, a := range block.Attributes {
		if a.Default != cty.NilVal {
			values[a.Name] = a.Default
		}
	}
	values["window"] = cty.ListValEmpty(block.ImpliedType().AttributeType("window").ElementType())
	maps.Copy(values, attrs)
	return cty.ObjectVal(values)
}

// open opens the task anew, as every run does.
func (c *clinic) open() *task {
	c.t.Helper()
	task := openWith(c.t, c.provider, c.data, c.attrs)
	task.enforced, task.approved = true, c.approved
	task.now = func() time.Time { return c.now }
	return task
}

// check plans, and applies what is due. It returns what the stack is then, and
// what was said about it.
func (c *clinic) check() (line string, diags plugin.Diagnostics) {
	c.t.Helper()
	task := c.open()
	change, planDiags := plan(c.t, task)
	if change.Action == plugin.NoOp || change.ReportOnly {
		return rendered(finding(c.t, change, "stack"))[0], planDiags
	}
	return c.apply(task, change)
}

func (c *clinic) apply(task *task, change plugin.Change) (string, plugin.Diagnostics) {
	c.t.Helper()
	_, diags := task.Apply(c.t.Context(), change)
	found, _ := task.Findings()
	return rendered(found[0])[0], diags
}

// expect compares what a check says.
func (c *clinic) expect(name, want string) {
	c.t.Helper()
	got, diags := c.check()
	if diff := cmp.Diff(want, hideID(got)); diff != "" {
		c.t.Errorf("%s (-want +got):\n%s%v", name, diff, diags)
	}
}

// hideID replaces the id of a remedy in a text.
func hideID(text string) string {
	before, rest, found := strings.Cut(text, "once ")
	if !found {
		return text
	}
	_, after, _ := strings.Cut(rest, " is")
	return before + "once ID is" + after
}

func (c *clinic) write(name, content string) {
	c.t.Helper()
	if err := os.WriteFile(c.file(name), []byte(content), 0o640); err != nil {
		c.t.Fatal(err)
	}
}

func (c *clinic) remove(name string) {
	c.t.Helper()
	if err := os.Remove(c.file(name)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *clinic) read(name string) string {
	c.t.Helper()
	data, err := os.ReadFile(c.file(name))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(data)
}

func remediation(strategy string, more ...map[string]cty.Value) map[string]cty.Value {
	attrs := map[string]cty.Value{"strategy": cty.StringVal(strategy)}
	for _, m := range more {
		maps.Copy(attrs, m)
	}
	return attrs
}

// TestDriftIsReverted goes from drift to a plan, to an apply, and to a check
// that finds nothing.
func TestDriftIsReverted(t *testing.T) {
	t.Parallel()
	c := newClinic(t, twoFiles, remediation(strategyApply))
	c.expect("before there is drift", "clean: as declared")
	c.write("a", "by hand")
	c.remove("b")

	task := c.open()
	change, _ := plan(t, task)
	if got := rendered(finding(t, change, "stack"))[0]; got != "drifted: 2 drifted; would be reverted" || change.Action != plugin.Update || change.ReportOnly || change.Fidelity != plugin.Predicted {
		t.Errorf("planned: %s (%s, %s)", got, change.Action, change.Fidelity)
	}
	if got := [2]string{change.Before.GetAttr("verdict").AsString(), change.After.GetAttr("verdict").AsString()}; got != [2]string{"drifted", "clean"} {
		t.Errorf("from %q to %q", got[0], got[1])
	}
	v, diags := task.Apply(t.Context(), change)
	if len(diags) > 0 || v.GetAttr("verdict").AsString() != "clean" {
		t.Errorf("applied: %s, diagnostics %v", v.GetAttr("verdict").AsString(), diags)
	}
	found, changed := task.Findings()
	if got := rendered(found[0]); !changed || len(got) != 1 || got[0] != "clean: as declared; reverted" {
		t.Errorf("found %q, changed %t", got, changed)
	}
	if c.read("a") != "as declared" || c.read("b") != "as declared" {
		t.Errorf("a is %q, b is %q", c.read("a"), c.read("b"))
	}
	c.expect("the next check", "clean: as declared")
}
