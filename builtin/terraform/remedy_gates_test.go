package terraform

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-version"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/zclconf/go-cty/cty"
)

const managedThree = twoFiles + `
resource "fixture_file" "c" {
  path    = "FILES/c"
  content = "as declared"
}
`

// TestGates holds each gate closed, and the drift stays. The numbers are those
// of the list of failures.
func TestGates(t *testing.T) {
	t.Parallel()
	bools := func(name string, v bool) map[string]cty.Value { return map[string]cty.Value{name: cty.BoolVal(v)} }
	numbers := func(name string, n int64) map[string]cty.Value {
		return map[string]cty.Value{name: cty.NumberIntVal(n)}
	}
	lists := func(name string, of ...string) map[string]cty.Value { return map[string]cty.Value{name: listOf(of...)} }
	replacements := map[string]cty.Value{"forbid_actions": cty.ListValEmpty(cty.String)}
	for _, test := range []struct {
		name   string
		rules  map[string]cty.Value
		then   func(c *clinic)
		detect bool
		since  string // the first version of terraform that can do it; empty: any
		want   string
	}{
		{name: "the task only detects", detect: true, want: `drifted: 1 drifted; not reverted: enforcement is not "enforce"`},
		{name: "the strategy is none", rules: remediation(strategyNone), want: "drifted: 1 drifted"},
		{name: "the strategy is plan", rules: remediation(strategyPlan), want: "drifted: 1 drifted; could be reverted, if strategy were apply"},
		{name: "69: something would be deleted or replaced", rules: lists("forbid_actions", "update"), want: "drifted: 1 drifted; not reverted: 1 update forbidden by forbid_actions"},
		{name: "too much would be changed", rules: numbers("max_changes", 1), then: func(c *clinic) { c.write("b", "by hand") },
			want: "drifted: 2 drifted; not reverted: 2 resources would be changed, and max_changes is 1"},
		{name: "a type that is not among types", rules: lists("types", "aws_*"), want: "drifted: 1 drifted; not reverted: fixture_file.a is of the type fixture_file, which is not among types"},
		{name: "72: outside of the windows", rules: map[string]cty.Value{"window": cty.ListVal([]cty.Value{windowValue("00:00", "00:01", "UTC")})},
			then: func(c *clinic) { c.now = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC) },
			want: "drifted: 1 drifted; not reverted: it is outside of the windows (00:00 to 00:01 UTC)"},
		{name: "an approval is needed", rules: bools("approval", true), want: "drifted: 1 drifted; would be reverted once ID is approved"},
		{name: "74: code of another resource is pending", then: func(c *clinic) { c.edit(`"FILES/c"`, `"FILES/d"`) },
			want: "drifted_pending: 1 drifted, 1 pending; not reverted: there is code that is not applied yet, and it would be applied as well"},
		{name: "74: code of the same resource is pending", then: func(c *clinic) { c.edit(`"0640"`, `"0600"`) },
			want: "drifted_pending: 1 drifted, 1 pending; not reverted: there is code that is not applied yet, and it would be applied as well"},
		{name: "74: there is nothing but pending code", then: func(c *clinic) { c.write("a", "as declared"); c.edit(`"0640"`, `"0600"`) },
			want: "pending: 1 pending; not reverted: this is code that is not applied yet, and no drift"},
		{name: "74: code of a resource that is gone is pending", then: func(c *clinic) {
			c.remove("b")
			c.edit("content = \"as declared\"\n}\noutput", "content = \"another\"\n}\noutput")
		},
			want: "drifted: 2 drifted; not reverted: fixture_file.b is gone, and its code is not what it was made of"},
		{name: "74: an address is to move", then: func(c *clinic) {
			c.edit(`"fixture_file" "c"`, `"fixture_file" "d"`)
			c.edit("output", "moved {\n  from = fixture_file.c\n  to   = fixture_file.d\n}\noutput")
		}, want: "drifted: 1 drifted, 1 moved to another address; not reverted: fixture_file.d is to get a new address, which is code that is not applied"},
		{name: "74: the drifted resource itself is to move", then: func(c *clinic) {
			c.edit(`"fixture_file" "a"`, `"fixture_file" "d"`)
			c.edit("fixture_file.a", "fixture_file.d")
			c.edit("output", "moved {\n  from = fixture_file.a\n  to   = fixture_file.d\n}\noutput")
		}, want: "drifted: 1 drifted; not reverted: fixture_file.d is to get a new address, which is code that is not applied"},
		{name: "74: something is to be imported", then: func(c *clinic) {
			c.write("d", "as declared")
			c.edit("output", "import {\n  to = fixture_file.d\n  id = \"FILES/d\"\n}\nresource \"fixture_file\" \"d\" {\n  path    = \"FILES/d\"\n  content = \"as declared\"\n}\noutput")
		}, want: "drifted_pending: 1 drifted, 1 pending, 1 to be imported; not reverted: there is code that is not applied yet, and it would be applied as well"},
		{name: "74: something is to be forgotten", since: "1.7.0", then: func(c *clinic) {
			c.edit("resource \"fixture_file\" \"c\" {\n  path    = \"FILES/c\"\n  content = \"as declared\"\n}", "removed {\n  from = fixture_file.c\n  lifecycle { destroy = false }\n}")
		}, want: "drifted_pending: 1 drifted, 1 pending; not reverted: there is code that is not applied yet, and it would be applied as well"},
		{name: "74: an output is new", then: func(c *clinic) { c.edit("output \"size\"", "output \"more\" { value = 1 }\noutput \"size\"") },
			want: "drifted: 1 drifted; not reverted: the output more would change, and not because of what has drifted"},
		{name: "74: an argument can't be compared before an apply", then: func(c *clinic) {
			c.edit("mode    = \"0640\"", "mode    = \"0640\"\n  note = fixture_file.c.size")
			c.write("c", "by hand")
		}, want: "drifted: 2 drifted; not reverted: note of fixture_file.a is only known after an apply, so it can't be told whether its code has changed"},
		{name: "74: code of the same resource is pending, in notation alone", then: func(c *clinic) { c.edit("mode    = \"0640\"", "mode    = \"0640\"\n  note    = \"\"") },
			want: "drifted: 1 drifted; not reverted: fixture_file.a would be changed by more than its drift, such as by code that writes a value in another way"},
		{name: "74: code of what has drifted as it may makes a value sensitive", then: func(c *clinic) {
			c.edit("mode    = \"0640\"", "mode    = sensitive(\"0640\")\n  lifecycle { ignore_changes = [content] }")
			c.write("b", "by hand")
		},
			want: "drifted: 2 drifted; not reverted: fixture_file.a would be changed by more than its drift, such as by code that writes a value in another way"},
		{name: "74: an output is only partly known", then: func(c *clinic) {
			c.edit("value = fixture_file.a.size", "value = { size = fixture_file.a.size, label = \"new\" }")
		},
			want: "drifted: 1 drifted; not reverted: the output size would change, and not because of what has drifted"},
		{name: "74: what has drifted is tainted as well", rules: replacements, then: func(c *clinic) {
			c.run(c.t, "stack", []string{"init", "-input=false"}, []string{"taint", "fixture_file.a"})
		},
			want: "drifted: 1 drifted; not reverted: fixture_file.a would be replaced, and not because of what has drifted (replace_because_tainted)"},
		{name: "74: what has drifted is replaced with another", rules: replacements, then: func(c *clinic) {
			c.write("c", "by hand")
			c.edit("mode    = \"0640\"", "mode    = \"0640\"\n  lifecycle { replace_triggered_by = [fixture_file.c] }")
		},
			want: "drifted: 2 drifted; not reverted: fixture_file.a would be replaced, and not because of what has drifted (replace_by_triggers)"},
		{name: "74: what is gone has a provisioner", then: func(c *clinic) {
			c.remove("b")
			c.edit("content = \"as declared\"\n}\noutput", "content = \"as declared\"\n  provisioner \"local-exec\" { command = \"touch FILES/new\" }\n}\noutput")
		},
			want: "drifted: 2 drifted; not reverted: fixture_file.b would be made anew and has provisioners, of which it can't be told whether they have changed"},
		{name: "a check block doesn't hold", then: func(c *clinic) {
			c.edit("output", "check \"failing\" {\n  assert {\n    condition     = fixture_file.c.content == \"other\"\n    error_message = \"no\"\n  }\n}\noutput")
		}, want: "drifted: 1 drifted, 1 failed checks; not reverted: 1 check block would not hold after it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newClinic(t, managedThree, remediation(strategyApply, test.rules))
			if have := versionOf(t, c.binary); test.since != "" && have.LessThan(version.Must(version.NewVersion(test.since))) {
				t.Skipf("terraform %s can't do it", have)
			}
			c.write("a", "by hand")
			if test.then != nil {
				test.then(c)
			}
			task := c.open()
			task.enforced = !test.detect
			change, _ := plan(t, task)
			if got := hideID(rendered(finding(t, change, "stack"))[0]); got != test.want || !change.ReportOnly {
				t.Errorf("only reported %t (-want +got):\n%s", change.ReportOnly, cmp.Diff(test.want, got))
			}
			was := c.read("a")
			if _, diags := task.Apply(t.Context(), change); diags.HasErrors() {
				t.Error(diags.Err())
			}
			if _, changed := task.Findings(); changed || c.read("a") != was {
				t.Errorf("changed %t, the file is %q", changed, c.read("a"))
			}
		})
	}
}

func windowValue(start, end, zone string, days ...string) cty.Value {
	on := cty.NullVal(cty.List(cty.String))
	if len(days) > 0 {
		on = listOf(days...)
	}
	return cty.ObjectVal(map[string]cty.Value{"days": on, "start": cty.StringVal(start), "end": cty.StringVal(end), "timezone": cty.StringVal(zone)})
}

// edit changes the code of the stack.
func (c *clinic) edit(old, with string) {
	c.t.Helper()
	files := strings.NewReplacer("FILES", c.files)
	replace(c.t, filepath.Join(c.root, "stack", "main.tf"), files.Replace(old), files.Replace(with))
}

// TestWhatRulesIgnoreIsNotReverted: an apply would touch it.
func TestWhatRulesIgnoreIsNotReverted(t *testing.T) {
	t.Parallel()
	c := newClinic(t, managedThree, remediation(strategyApply))
	c.write("a", "by hand")
	c.write("b", "by hand")
	c.attrs["ignore"] = ignoreValue(ignoreConfig{Address: "fixture_file.b", Reason: "known"})
	c.expect("another resource is ignored", "drifted: 1 drifted, 1 ignored; not reverted: fixture_file.b would be changed as well, and not because it has drifted")
	c.write("b", "as declared")
	c.attrs["ignore"] = ignoreValue(ignoreConfig{Address: "*", Attributes: []string{"size"}, Reason: "known"})
	c.expect("an attribute of it is ignored", "drifted: 1 drifted, 1 ignored; not reverted: an ignore rule leaves 1 difference alone that would be undone as well")
	c.attrs[remediateBlock] = remediateValue(t, remediation(strategyAdopt))
	c.expect("and the state would take it over", "drifted: 1 drifted, 1 ignored; not adopted: an ignore rule leaves 1 difference alone that would be adopted as well")
	c.attrs["ignore"] = ignoreValue(ignoreConfig{Address: "fixture_file.c", Reason: "known"})
	c.edit(`"FILES/c"`, `"FILES/d"`)
	c.expect("of code alone it takes over nothing", "pending: 1 pending, 1 ignored; adopted")
}

func TestWindows(t *testing.T) {
	t.Parallel()
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, time.UTC) } // the 2nd is a Monday
	night := window{Days: []string{"mon", "fri"}, Start: "22:00", End: "06:00", Timezone: "UTC"}
	office := window{Start: "09:00", End: "17:30", Timezone: "Europe/Berlin"}
	always := window{Start: "00:00", End: "24:00", Timezone: "UTC"}
	for _, test := range []struct {
		name string
		w    window
		now  time.Time
		want bool
	}{
		{"a night that begins on its day", night, at(2, 22, 0), true},
		{"a minute before it opens", night, at(2, 21, 59), false},
		{"the morning after its day", night, at(3, 5, 59), true},
		{"when it closes", night, at(3, 6, 0), false},
		{"the morning of its day, after another night", night, at(2, 5, 0), false},
		{"a night of another day", night, at(3, 23, 0), false},
		{"by the clock of its time zone", office, at(2, 8, 0), true},
		{"and not by that of UTC", office, at(2, 17, 0), false},
		{"in summer an hour earlier", office, at(30, 7, 0), true},
		{"in winter that is too early", office, at(2, 7, 0), false},
		{"a whole day has its last minute", always, at(2, 23, 59), true},
		{"and its first", always, at(2, 0, 0), true},
	} {
		got, err := test.w.contains(test.now)
		if got != test.want || err != nil {
			t.Errorf("%s: %t, error %v", test.name, got, err)
		}
	}
	if reason := outsideOf([]window{night, {Start: "00:00", End: "24:00", Timezone: "Nowhere"}}, at(2, 12, 0)); !strings.Contains(reason, "not known here") {
		t.Errorf("a zone that is gone: %q", reason)
	}
	if reason := outsideOf([]window{night, office}, at(2, 12, 0)); reason != "" {
		t.Errorf("in one of two: %q", reason)
	}
}

// TestAttempts is of 54, 70 and 71: the cooldown and the breaker.
func TestAttempts(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	made := func(hours ...int) attempts {
		var a attempts
		for _, h := range hours {
			a.begin(attempt{At: start.Add(time.Duration(h) * time.Hour), Approved: h == 100})
			a.end(applied)
		}
		return a
	}
	for _, test := range []struct {
		name            string
		a               attempts
		after           time.Duration
		cooling, broken bool
	}{
		{"there was none", made(), 0, false, false},
		{"one that was just made", made(0), time.Minute, true, false},
		{"one that was made an hour ago", made(0), time.Hour, false, false},
		{"the clock was set back", made(0), -time.Hour, true, false},
		{"two within a day", made(0, 23), 24 * time.Hour, false, true},
		{"they stay too many", made(0, 23), 2400 * time.Hour, false, true},
		{"two that are a day apart", made(0, 24), 26 * time.Hour, false, false},
		{"an old one and two within a day", made(0, 50, 60), 62 * time.Hour, false, true},
		{"a person has approved of another since", made(0, 23, 100), 102 * time.Hour, false, false},
		{"and it was not enough", made(0, 23, 100, 101), 103 * time.Hour, false, true},
		{"the record was damaged", attempts{Lost: true}, 0, false, true},
	} {
		now := start.Add(test.after)
		if got := test.a.cooling(time.Hour, now) != ""; got != test.cooling {
			t.Errorf("%s: cooling %t", test.name, got)
		}
		if got := test.a.broken(2) != ""; got != test.broken {
			t.Errorf("%s: broken %t", test.name, got)
		}
	}
	full := made(make([]int, 2*maxKeptAttempts)...)
	if len(full.Made) != maxKeptAttempts {
		t.Errorf("%d attempts are kept", len(full.Made))
	}
	full.begin(attempt{At: start})
	full.end(refused)
	if got := len(full.Made); got != maxKeptAttempts-1 {
		t.Errorf("after one that was refused there are %d", got)
	}
	lost := attempts{Lost: true}
	for _, outcome := range []remedyState{refused, applied} {
		lost.begin(attempt{At: start, Approved: true})
		lost.end(outcome)
		if got := lost.broken(2) != ""; got != (outcome == refused) {
			t.Errorf("after one that was approved of and %s, a person has to look: %t", outcome, got)
		}
	}
}

// TestUnknownArguments tells what the code gives a value from what a provider
// computes.
func TestUnknownArguments(t *testing.T) {
	t.Parallel()
	code := &tfjson.ConfigResource{Expressions: map[string]*tfjson.Expression{"note": {}}}
	for _, test := range []struct {
		name    string
		code    *tfjson.ConfigResource
		unknown any
		want    string
	}{
		{"all is known", code, map[string]any{"note": false, "list": []any{false}}, ""},
		{"what is computed", code, map[string]any{"id": true}, ""},
		{"an argument", code, map[string]any{"id": true, "note": true}, "note"},
		{"a part of an argument", code, map[string]any{"note": []any{false, true}}, "note"},
		{"a part of a dynamic block, which the code doesn't show", code, map[string]any{"subject": []any{map[string]any{"name": true}}}, "subject"},
		{"a resource that the code doesn't show", nil, map[string]any{"id": true}, "id"},
	} {
		change := &tfjson.ResourceChange{Change: &tfjson.Change{AfterUnknown: test.unknown}}
		if got := unknownArgument(test.code, change); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestModuleNames tells names from the keys of instances.
func TestModuleNames(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][]string{
		"":                            nil,
		"module.a":                    {"a"},
		`module.a["x.y[0]\"]"].b`:     {"a"},
		`module.a[0].module.b["c"]`:   {"a", "b"},
		`module.a["]"].module.module`: {"a", "module"},
	} {
		if diff := cmp.Diff(want, moduleNames(address)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", address, diff)
		}
	}
}
