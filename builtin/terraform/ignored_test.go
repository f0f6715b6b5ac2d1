package terraform

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/plugin"
)

// said is what is ignored, on one line each.
func said(parts []ignored) (lines []string) {
	for _, p := range parts {
		by := fmt.Sprintf("rule %s (%s, %s, %s)", p.by.pattern, p.by.reason, p.by.owner, p.by.expires)
		if p.by.line > 0 {
			by = fmt.Sprintf("line %d %q", p.by.line, p.by.pattern)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %v by %s", p.class, p.action, p.address, p.attributes, by))
	}
	return lines
}

func TestWhatIsIgnoredIsToldWithWhatAcceptsIt(t *testing.T) {
	t.Parallel()
	gone := entry{address: "aws_instance.old", class: drift, action: plugin.Delete}
	web := entry{address: `module.web["a"].aws_instance.this`, class: drift, action: plugin.Update, attributes: []attribute{
		{path: "tags.Name", class: drift}, {path: "tags.LastScan", class: drift}, {path: "size", class: drift}, {path: "id"},
	}}
	tags := ignoreConfig{Address: "*", Attributes: []string{"tags"}, Reason: "scanner", Owner: "team-x", Expires: "2027-01-31"}
	for _, test := range []struct {
		name  string
		rules []ignoreConfig
		file  string
		want  []string
		left  string // attributes of what is left
	}{
		{"nothing is", []ignoreConfig{{Address: "other.*"}}, "other.*\n", nil, "[] [tags.Name tags.LastScan size id]"},
		{"a rule knows a resource as a whole", []ignoreConfig{{Address: "aws_instance.*", Reason: "known"}}, "",
			[]string{"drift delete aws_instance.old [] by rule aws_instance.* (known, , )"}, "[tags.Name tags.LastScan size id]"},
		{"a rule knows all that differs, of which what only follows is no part", []ignoreConfig{{Address: "module.*", Reason: "known"}}, "",
			[]string{`drift update module.web["a"].aws_instance.this [tags.Name tags.LastScan size] by rule module.* (known, , )`}, "[]"},
		{"a rule knows some attributes", []ignoreConfig{tags}, "",
			[]string{`drift update module.web["a"].aws_instance.this [tags.Name tags.LastScan] by rule * (scanner, team-x, 2027-01-31)`}, "[] [size id]"},
		{"of several rules for one attribute the first counts", []ignoreConfig{tags, {Address: "*", Attributes: []string{"tags.Name", "size"}, Reason: "later"}}, "",
			[]string{
				`drift update module.web["a"].aws_instance.this [tags.Name tags.LastScan] by rule * (scanner, team-x, 2027-01-31)`,
				`drift update module.web["a"].aws_instance.this [size] by rule * (later, , )`,
			}, "[]"},
		{"a line of the file knows what the rules have left", []ignoreConfig{tags}, "# known\n\n  aws_instance.old # gone\nmodule.web[\"a\"].*.size\n",
			[]string{
				`drift delete aws_instance.old [] by line 3 "aws_instance.old"`,
				`drift update module.web["a"].aws_instance.this [tags.Name tags.LastScan] by rule * (scanner, team-x, 2027-01-31)`,
				`drift update module.web["a"].aws_instance.this [size] by line 4 "module.web[\"a\"].*.size"`,
			}, ""},
		{"of several lines the last counts", nil, "module.*\nmodule.*.tags\n",
			[]string{
				`drift update module.web["a"].aws_instance.this [tags.Name tags.LastScan] by line 2 "module.*.tags"`,
				`drift update module.web["a"].aws_instance.this [size] by line 1 "module.*"`,
			}, "[]"},
		{"a line takes back a part of what one before it ignores", nil, "module.*.tags\n!module.*.tags.Name\n",
			[]string{`drift update module.web["a"].aws_instance.this [tags.LastScan] by line 1 "module.*.tags"`}, "[] [tags.Name size id]"},
		{"a line takes back a resource", nil, "*\n!aws_instance.*\n!module.*.this\n", nil, "[] [tags.Name tags.LastScan size id]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rules, _ := compileIgnore(test.rules, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
			left := applyIgnore(rules, parseIgnoreFile(test.file), []entry{gone, web})
			if diff := cmp.Diff(test.want, said(left.ignored)); diff != "" {
				t.Errorf("ignored (-want +got):\n%s", diff)
			}
			var rest []string
			for _, e := range left.entries {
				var paths []string
				for _, a := range e.attributes {
					paths = append(paths, a.path)
				}
				rest = append(rest, fmt.Sprint(paths))
			}
			if got := strings.Join(rest, " "); got != test.left {
				t.Errorf("left %s, want %s", got, test.left)
			}
		})
	}
}

// TestNoValueOfWhatIsIgnoredIsTold, whether it is sensitive or not, and a
// sensitive one not by way of a rule either.
func TestNoValueOfWhatIsIgnoredIsTold(t *testing.T) {
	t.Parallel()
	plan := decode(t, "", resource(`"update"`, `{"a":"canary-1","b":{"canary-2":"x"},"c":"canary-3"}`, `{"a":"canary-4","b":{"canary-2":"y"},"c":"canary-5"}`,
		`,"before_sensitive":{"c":true},"after_sensitive":{"c":true}`))
	taint := newTaint(stack{secrets: map[string]string{"key": "canary-2"}})
	taint.addPlan(plan)
	rules, _ := compileIgnore([]ignoreConfig{{Address: "r.*", Attributes: []string{"a", "c"}, Reason: "as canary-5 says", Owner: "canary-3"}}, time.Now())
	left := applyIgnore(rules, parseIgnoreFile("r.a.* # all\n"), classify(plan, taint, differ{taint: taint}).entries).hide(taint)
	if len(left.entries) != 0 || len(left.ignored) != 2 {
		t.Fatalf("left %v, ignored %v", left.entries, left.ignored)
	}
	if text := ignoredValue(left.ignored).GoString(); strings.Contains(text, "canary") || !strings.Contains(text, `"c"`) {
		t.Errorf("told: %s", text)
	}
}
