package terraform

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// TestDriftIsAdopted: the state takes over what the real world is, and nothing
// else changes.
func TestDriftIsAdopted(t *testing.T) {
	t.Parallel()
	allow := map[string]cty.Value{"forbid_actions": cty.ListValEmpty(cty.String), "cooldown": cty.StringVal("0s"), "max_attempts": cty.NumberIntVal(9)}
	c := newClinic(t, twoFiles, remediation(strategyAdopt))
	c.write("a", "by hand")
	change, _ := plan(t, c.open())
	if got := change.After.GetAttr("verdict").AsString(); got != "pending" {
		t.Errorf("it is planned to be %s", got)
	}
	c.expect("a file was changed", "pending: 1 pending; adopted")
	if got := c.read("a"); got != "by hand" {
		t.Errorf("the file is %q", got)
	}
	c.expect("the next check", "pending: 1 pending; not adopted: this is code that is not applied yet, and no drift")
	c.edit("as declared\"\n  mode", "by hand\"\n  mode")
	c.expect("the code follows", "clean: as declared")

	c.remove("b")
	c.expect("a file is gone", "drifted: 1 drifted; not adopted: 1 deletion forbidden by forbid_actions")
	c.attrs[remediateBlock] = remediateValue(t, remediation(strategyAdopt, allow))
	c.edit(`"0640"`, `"0600"`)
	c.expect("deletions are allowed, and code is pending", "pending: 2 pending; adopted")
	if _, err := os.Stat(c.file("b")); !os.IsNotExist(err) {
		t.Errorf("the file: %v", err)
	}
	c.lab.apply(t, "stack")
	c.attrs["mode"] = cty.StringVal(modeRefreshOnly)
	c.write("a", "by another hand")
	c.expect("a check that looks at nothing but drift", "clean: as declared; adopted")
	if diff := cmp.Diff([]remedyState{applied, applied, applied}, c.outcomes()); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
}

// TestARemedyHasItsOwnCredentials: the checks before don't have them.
func TestARemedyHasItsOwnCredentials(t *testing.T) {
	t.Parallel()
	c := newClinic(t, oneFile, remediation(strategyApply, map[string]cty.Value{"env": cty.MapVal(map[string]cty.Value{"WRITE_TOKEN": cty.StringVal("canary-51f0")})}))
	notes := filepath.Join(t.TempDir(), "notes")
	c.wrap(`[ "$1" = init ] || echo "$1 ${WRITE_TOKEN:-none}" >>` + notes + `; exec terraform "$@"` + "\n")
	c.write("a", "by hand")
	c.expect("the drift", "clean: as declared; reverted")
	got, err := os.ReadFile(notes)
	if err != nil {
		t.Fatal(err)
	}
	want := "plan none\nshow none\nplan canary-51f0\nshow canary-51f0\napply canary-51f0\nplan canary-51f0\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// TestARemedyShowsNoSecrets looks for secrets in all that is told of a remedy
// that fails with them in its error, and in what is kept of it.
func TestARemedyShowsNoSecrets(t *testing.T) {
	t.Parallel()
	const secret = "canary-70ab"
	c := newClinic(t, strings.Replace(oneFile, `"as declared"`, `"as declared"
  secret  = "`+secret+`"`, 1), remediation(strategyApply, map[string]cty.Value{"env": cty.MapVal(map[string]cty.Value{"TOKEN": cty.StringVal("canary-env")})}))
	c.wrap(`if [ "$1" = apply ]; then echo '{"type":"diagnostic","diagnostic":{"severity":"error","summary":"No to ` + secret + `","detail":"canary-env"}}'; exit 1; fi; exec terraform "$@"` + "\n")
	c.write("a", "by hand")
	task := c.open()
	change, _ := plan(t, task)
	_, diags := task.Apply(t.Context(), change)
	found, _ := task.Findings()
	kept, err := os.ReadFile(c.recordFile())
	if err != nil {
		t.Fatal(err)
	}
	told := asJSON(t, diags) + strings.Join(rendered(found[0]), "\n") + found[0].Value.GoString() + string(change.Payload) + string(kept)
	if strings.Contains(told, secret) || strings.Contains(told, "canary-env") || !strings.Contains(told, "No to (sensitive value)") {
		t.Errorf("told:\n%s", told)
	}
}

// TestARemedyShowsNoSecretsOfVariables is of a plan that fails before it could
// say what is sensitive.
func TestARemedyShowsNoSecretsOfVariables(t *testing.T) {
	t.Parallel()
	const secret = "canary-b81c"
	c := newClinic(t, oneFile, remediation(strategyApply, map[string]cty.Value{"env": cty.MapVal(map[string]cty.Value{"WRITES": cty.StringVal("canary-env")})}))
	dir := filepath.Join(c.root, "stack")
	write(t, filepath.Join(dir, "variables.tf"), "variable \"password\" {\n  sensitive = true\n}\n")
	write(t, filepath.Join(dir, "secret.auto.tfvars"), "password = \""+secret+"\"\n")
	c.wrap(`if [ "$1" = plan ] && [ -n "$WRITES" ]; then echo '{"type":"diagnostic","diagnostic":{"severity":"error","summary":"No to ` + secret + `"}}'; exit 1; fi; exec terraform "$@"` + "\n")
	c.write("a", "by hand")
	c.expect("the plan of the remedy fails", "drifted: 1 drifted; not reverted: No to (sensitive value)")
}

// TestAfterAFailureNoOtherStackIsTouched also shows the order of the stacks. To
// apply once more what was planned, as retry does, changes nothing of it.
func TestAfterAFailureNoOtherStackIsTouched(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, name := range []string{"one", "three", "two"} {
		l.stack(t, name, strings.ReplaceAll(oneFile, "FILES/a", "FILES/"+name))
		l.apply(t, name)
	}
	c := l.clinic(t, remediation(strategyApply))
	for _, name := range []string{"one", "three", "two"} {
		c.write(name, "by hand")
	}
	write(t, c.file("three.refuse"), "")
	task := c.open()
	change, _ := plan(t, task)
	if _, diags := task.Apply(t.Context(), change); !diags.HasErrors() {
		t.Error("the first attempt tells of no failure")
	}
	if err := os.Remove(c.file("three.refuse")); err != nil {
		t.Fatal(err)
	}
	_, diags := task.Apply(t.Context(), change)
	found, changed := task.Findings()
	var states []string
	for _, f := range found {
		r := f.Value.GetAttr("remedy")
		states = append(states, f.Name+" "+r.GetAttr("state").AsString())
	}
	if diff := cmp.Diff([]string{"one applied", "three failed", "two refused"}, states); diff != "" || !changed {
		t.Errorf("changed %t (-want +got):\n%s", changed, diff)
	}
	if got := found[2].Summary; got != "1 drifted; not reverted: the remedy of three has failed before" {
		t.Errorf("the last is %s", got)
	}
	if len(diags) != 2 || diags[0].Severity != plugin.SeverityError || diags[1].Severity != plugin.SeverityWarning {
		t.Errorf("diagnostics %v", diags)
	}
	if c.read("one") != "as declared" || c.read("two") != "by hand" {
		t.Errorf("one is %q, two is %q", c.read("one"), c.read("two"))
	}
}

// TestWhatWasSettledOtherwiseIsOwedNoMore: a remedy fails, the code follows the
// real world, and is changed back later. That is new code.
func TestWhatWasSettledOtherwiseIsOwedNoMore(t *testing.T) {
	t.Parallel()
	c := newClinic(t, oneFile, remediation(strategyApply))
	c.write("a", "by hand")
	write(t, c.file("a.refuse"), "")
	if line, _ := c.check(); !strings.Contains(line, "could not be reverted") {
		t.Fatal(line)
	}
	c.now = c.now.Add(2 * time.Hour)
	if err := os.Remove(c.file("a.refuse")); err != nil {
		t.Fatal(err)
	}
	c.edit("as declared", "by hand")
	c.expect("the code follows", "clean: as declared")
	c.edit("by hand", "as declared")
	c.expect("and is changed back", "pending: 1 pending; not reverted: this is code that is not applied yet, and no drift")
}

func TestNoRemedyBeginsThatHasNoTimeToEnd(t *testing.T) {
	t.Parallel()
	c := newClinic(t, oneFile, remediation(strategyApply))
	c.write("a", "by hand")
	task := c.open()
	change, _ := plan(t, task)
	ctx, cancel := context.WithTimeout(t.Context(), 29*time.Minute)
	defer cancel()
	_, diags := task.Apply(ctx, change)
	found, changed := task.Findings()
	if changed || diags.HasErrors() || !strings.HasSuffix(found[0].Summary, "is left of the timeout of the task, and an apply may take 30m0s") {
		t.Errorf("%s, changed %t, diagnostics %v", found[0].Summary, changed, diags)
	}
}

// TestWhatIsNotKnownOfAttemptsIsNotTakenForNone: also not after the next check
// has written the record anew.
func TestWhatIsNotKnownOfAttemptsIsNotTakenForNone(t *testing.T) {
	t.Parallel()
	c := newClinic(t, oneFile, remediation(strategyApply))
	c.expect("the first check", "clean: as declared")
	write(t, c.recordFile(), `{"initialised": "`)
	c.write("a", "by hand")
	const want = "drifted: 1 drifted; would be reverted once ID is approved: the record of earlier attempts was damaged, so a person has to look"
	c.expect("the record is torn", want)
	c.expect("and written anew", want)
	c.approved = []string{plugin.ApproveAll}
	c.expect("a person has looked", "clean: as declared; reverted")
	c.approved = nil
	c.write("a", "by hand")
	c.now = c.now.Add(2 * time.Hour)
	c.expect("drift a while later", "clean: as declared; reverted")
}

// TestIDsAreKeyed: an id is the same for another
// process, and not for another machine.
func TestIDsAreKeyed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, err := remedyKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := remedyKey(dir)
	if err != nil || !cmp.Equal(one, again) {
		t.Errorf("the key has changed, error %v", err)
	}
	other, err := remedyKey(t.TempDir())
	if err != nil || cmp.Equal(one, other) {
		t.Errorf("two machines have the same key, error %v", err)
	}
	write(t, filepath.Join(dir, "remedy.key"), "short")
	if _, err := remedyKey(dir); err == nil {
		t.Error("a damaged key was taken")
	}
}

// TestValidateRemediate refuses what can't work.
func TestValidateRemediate(t *testing.T) {
	t.Parallel()
	set := func(name string, v cty.Value) map[string]cty.Value { return map[string]cty.Value{name: v} }
	windows := func(w cty.Value) map[string]cty.Value { return set("window", cty.ListVal([]cty.Value{w})) }
	for _, test := range []struct {
		name  string
		attrs map[string]cty.Value
		mode  string
		want  string
	}{
		{"an apply without a look at the code", remediation(strategyApply), modeRefreshOnly, "Strategy needs another mode"},
		{"an apply without a look at the real world", remediation(strategyApply), modeConfigOnly, "Strategy needs another mode"},
		{"the judgement of such an apply", remediation(strategyPlan), modeRefreshOnly, "Strategy needs another mode"},
		{"to adopt what was not looked at", remediation(strategyAdopt), modeConfigOnly, "Strategy needs another mode"},
		{"to adopt in a check that only refreshes", remediation(strategyAdopt), modeRefreshOnly, ""},
		{"no changes", set("max_changes", cty.Zero), modeFull, "Invalid number"},
		{"no attempts", set("max_attempts", cty.Zero), modeFull, "Invalid number"},
		{"more attempts than are kept", set("max_attempts", cty.NumberIntVal(21)), modeFull, "Invalid number"},
		{"an action that there isn't", set("forbid_actions", listOf("destroy")), modeFull, "Invalid action"},
		{"an action that is none of a remedy", set("forbid_actions", listOf("forget")), modeFull, "Invalid action"},
		{"a variable of the task itself", set("env", cty.MapVal(set("TF_INPUT", cty.StringVal("1")))), modeFull, "Environment variable not allowed"},
		{"a window", windows(windowValue("22:00", "06:00", "Europe/Berlin", "mon")), modeFull, ""},
		{"a whole day", windows(windowValue("00:00", "24:00", "UTC")), modeFull, ""},
		{"a time that there isn't", windows(windowValue("22:60", "06:00", "UTC")), modeFull, "Invalid time of the day"},
		{"a time that is written short", windows(windowValue("22:00", "6:00", "UTC")), modeFull, "Invalid time of the day"},
		{"a day that there isn't", windows(windowValue("22:00", "06:00", "UTC", "monday")), modeFull, "Invalid day"},
		{"a time zone that there isn't", windows(windowValue("22:00", "06:00", "Mars")), modeFull, "Unknown time zone"},
		{"a time zone without a name", windows(windowValue("22:00", "06:00", "")), modeFull, "Unknown time zone"},
		{"a window that closes as it opens", windows(windowValue("22:00", "22:00", "UTC")), modeFull, "Empty window"},
		{"a window that closes at the midnight at which it opens", windows(windowValue("24:00", "00:00", "UTC")), modeFull, "Empty window"},
	} {
		diags := validateRemediate(remediateValue(t, test.attrs), cty.StringVal(test.mode))
		got := ""
		if len(diags) > 0 {
			got = diags[0].Summary
		}
		if got != test.want || len(diags) > 1 {
			t.Errorf("%s: %v, want %q", test.name, diags, test.want)
		}
	}
	empty := cty.ObjectVal(map[string]cty.Value{"days": cty.ListValEmpty(cty.String), "start": cty.StringVal("22:00"), "end": cty.UnknownVal(cty.String), "timezone": cty.UnknownVal(cty.String)})
	if diags := validateWindows(cty.ListVal([]cty.Value{empty}), plugin.Attr("window")); len(diags) != 1 || diags[0].Summary != "Empty window" {
		t.Errorf("a window without days: %v", diags)
	}
}
