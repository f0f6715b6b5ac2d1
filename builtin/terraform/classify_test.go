package terraform

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/plugin"
)

// decode reads a plan from the parts that matter here.
func decode(t testing.TB, drift, changes string) *tfjson.Plan {
	t.Helper()
	plan := &tfjson.Plan{}
	plan.UseJSONNumber(true)
	text := fmt.Sprintf(`{"format_version":"1.2","resource_drift":[%s],"resource_changes":[%s]}`, drift, changes)
	if err := json.Unmarshal([]byte(text), plan); err != nil {
		t.Fatal(err)
	}
	return plan
}

func resource(actions, before, after, rest string) string {
	return fmt.Sprintf(`{"address":"r.a","mode":"managed","change":{"actions":[%s],"before":%s,"after":%s%s}}`, actions, before, after, rest)
}

func TestClassify(t *testing.T) {
	t.Parallel()
	const update, replaced = `"update"`, `"delete","create"`
	for name, test := range map[string]struct {
		drift, changes string
		want           []string
	}{
		"nothing":                     {"", resource(`"no-op"`, `{"a":1}`, `{"a":1}`, ""), nil},
		"a data source is read":       {"", resource(`"read"`, `null`, `{"a":1}`, ""), nil},
		"drift that the code ignores": {resource(update, `{"a":1}`, `{"a":2}`, ""), resource(`"no-op"`, `{"a":2}`, `{"a":2}`, ""), nil},
		"drift": {resource(update, `{"a":1}`, `{"a":2}`, ""), resource(update, `{"a":2}`, `{"a":1}`, ""),
			[]string{"drift update", "a: 1 -> 2"}},
		"new code": {"", resource(update, `{"a":1,"b":{"c":[1,2]}}`, `{"a":1,"b":{"c":[1,3]}}`, ""),
			[]string{"pending update", "b.c[1]: 2 -> 3"}},
		"both in different attributes": {resource(update, `{"a":1,"b":1}`, `{"a":2,"b":1}`, ""), resource(update, `{"a":2,"b":1}`, `{"a":1,"b":2}`, ""),
			[]string{"drift update", "a: 1 -> 2", "pending update", "b: 1 -> 2"}},
		"both in one attribute": {resource(update, `{"a":1}`, `{"a":2}`, ""), resource(update, `{"a":2}`, `{"a":3}`, ""),
			[]string{"both update", "a: 2 -> 3"}},
		"one attribute drifted, but the code followed": {resource(update, `{"a":1,"b":1}`, `{"a":2,"b":2}`, ""), resource(update, `{"a":2,"b":2}`, `{"a":2,"b":1}`, ""),
			[]string{"drift update", "b: 1 -> 2"}},
		"removed by hand": {resource(`"delete"`, `{"a":1}`, `null`, ""), resource(`"create"`, `null`, `{"a":1}`, ""), []string{"drift delete"}},
		"removed from the code, and changed by hand": {resource(update, `{"a":1}`, `{"a":2}`, ""), resource(`"delete"`, `{"a":2}`, `null`, ""), []string{"pending delete"}},
		"to be forgotten":                      {"", resource(`"forget"`, `{"a":1}`, `null`, ""), []string{"pending forget"}},
		"to be forgotten, and changed by hand": {resource(update, `{"a":1}`, `{"a":2}`, ""), resource(`"forget"`, `{"a":2}`, `null`, ""), []string{"pending forget"}},
		"drift that a replacement cures": {resource(update, `{"a":1,"id":"x"}`, `{"a":2,"id":"x"}`, ""),
			resource(replaced, `{"a":2,"id":"x"}`, `{"a":1}`, `,"after_unknown":{"id":true}`), []string{"drift update", "a: 1 -> 2"}},
		"a tainted object": {"", resource(replaced, `{"a":1,"id":"x"}`, `{"a":1}`, `,"after_unknown":{"id":true}`),
			[]string{"pending replace", `id: "x" -> (known after apply)`}},
		"an import":                          {"", resource(`"no-op"`, `{"a":1}`, `{"a":1}`, `,"importing":{"id":"x"}`), []string{"pending update"}},
		"an action of a later version":       {"", resource(`"teleport"`, `{"a":1}`, `{"a":2}`, ""), []string{"pending update", "a: 1 -> 2"}},
		"a list that grew is one difference": {"", resource(update, `{"a":[1]}`, `{"a":[1,2]}`, ""), []string{"pending update", "a: [1] -> [1,2]"}},
		"names that are no identifiers":      {"", resource(update, `{"tags":{"a b":1}}`, `{"tags":{"a b":2}}`, ""), []string{"pending update", `tags["a b"]: 1 -> 2`}},
		"large numbers keep their digits":    {"", resource(update, `{"a":9007199254740993}`, `{"a":9007199254740992}`, ""), []string{"pending update", "a: 9007199254740993 -> 9007199254740992"}},
		"a sensitive attribute is told, not shown": {"", resource(update, `{"a":"xx"}`, `{"a":"yy"}`, `,"after_sensitive":{"a":true}`),
			[]string{"pending update", "a: (sensitive value) -> (sensitive value)"}},
		"a part of a list is sensitive": {"", resource(update, `{"a":[{"p":"x"}]}`, `{"a":[]}`, `,"before_sensitive":{"a":[{"p":true}]}`),
			[]string{"pending update", "a: (sensitive value) -> (sensitive value)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := decode(t, test.drift, test.changes)
			taint := newTaint(stack{})
			taint.addPlan(plan)
			var got []string
			for _, e := range classify(plan, taint, differ{taint: taint}).entries {
				got = append(got, fmt.Sprintf("%s %s", e.class, e.action))
				for _, a := range e.attributes {
					got = append(got, fmt.Sprintf("%s: %s -> %s", a.path, a.before, a.after))
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTaintFollowsAValue(t *testing.T) {
	t.Parallel()
	taint := newTaint(stack{env: map[string]string{"TOKEN": "tok en/123", "FLAG": "true"}, secrets: map[string]string{"key": "-----BEGIN-----\nline of a key\n"}})
	plan := decode(t, "", resource(`"update"`, `{"pin":1234567,"list":["first-secret"],"n":{"deep":"deep-secret"}}`, `{}`,
		`,"before_sensitive":{"pin":true,"list":[true],"n":true}`))
	taint.addPlan(plan)
	for text, want := range map[string]string{
		"a tok en/123 b":       "a (sensitive value) b",
		"a tok+en%2F123 b":     "a (sensitive value) b",
		"a dG9rIGVuLzEyMw== b": "a (sensitive value) b",
		"x first-secret":       "x (sensitive value)",
		"x deep-secret":        "x (sensitive value)",
		"pin=1234567":          "pin=(sensitive value)",
		"  line of a key":      "  (sensitive value)",
		"true is no secret":    "true is no secret",
	} {
		if got := taint.String(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	shown := taint.show(map[string]any{"k": []any{"first-secret", json.Number("1234567"), true}})
	if strings.Contains(shown, "first-secret") || strings.Contains(shown, "1234567") || !strings.Contains(shown, "true") {
		t.Errorf("shown: %s", shown)
	}
}

func TestTheNextRuleToExpire(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		expires []string
		want    time.Time
	}{
		"no rule":                         {nil, time.Time{}},
		"a rule that never does":          {[]string{""}, time.Time{}},
		"one that has already":            {[]string{"2026-02-28"}, time.Time{}},
		"the first of those that hold":    {[]string{"2026-05-01", "", "2026-02-28", "2026-04-01"}, time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC)},
		"the last day is still one of it": {[]string{"2026-03-01"}, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)},
	} {
		var rules []ignoreConfig
		for _, day := range test.expires {
			rules = append(rules, ignoreConfig{Expires: day})
		}
		if got := nextExpiry(rules, now); !got.Equal(test.want) {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestIgnoreMatches(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	e := entry{address: `module.web["a.b"].aws_instance.this[0]`, class: drift, action: plugin.Update, attributes: []attribute{{path: "tags.LastScan", class: drift}, {path: "size", class: drift}}}
	for name, test := range map[string]struct {
		rule ignoreConfig
		left []string // attributes; nil: the entry is gone
	}{
		"the address":                      {ignoreConfig{Address: `module.web["a.b"].aws_instance.this[0]`}, nil},
		"a wildcard":                       {ignoreConfig{Address: "module.*.aws_instance.*"}, nil},
		"a dot is a dot":                   {ignoreConfig{Address: "module.*.aws_instance-this*"}, []string{"tags.LastScan", "size"}},
		"another resource":                 {ignoreConfig{Address: "aws_instance.this"}, []string{"tags.LastScan", "size"}},
		"an attribute":                     {ignoreConfig{Address: "*", Attributes: []string{"size"}}, []string{"tags.LastScan"}},
		"an attribute in brackets":         {ignoreConfig{Address: "*", Attributes: []string{`tags["LastScan"]`}}, []string{"size"}},
		"what is in an attribute":          {ignoreConfig{Address: "*", Attributes: []string{"tags"}}, []string{"size"}},
		"a name that only begins the same": {ignoreConfig{Address: "*", Attributes: []string{"tag", "siz"}}, []string{"tags.LastScan", "size"}},
		"what happened":                    {ignoreConfig{Address: "*", Actions: []string{"delete", "update"}}, nil},
		"it would be forgotten":            {ignoreConfig{Address: "*", Actions: []string{"forget"}}, []string{"tags.LastScan", "size"}},
		"something else happened":          {ignoreConfig{Address: "*", Actions: []string{"delete"}}, []string{"tags.LastScan", "size"}},
		"all attributes":                   {ignoreConfig{Address: "*", Attributes: []string{"tags.*", "s*"}}, nil},
		"on its last day":                  {ignoreConfig{Address: "*", Expires: "2026-03-01"}, nil},
		"on the day after":                 {ignoreConfig{Address: "*", Expires: "2026-02-28"}, []string{"tags.LastScan", "size"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules, expired := compileIgnore([]ignoreConfig{test.rule}, now)
			if len(rules)+len(expired) != 1 {
				t.Fatalf("%d rules, %d expired", len(rules), len(expired))
			}
			kept := applyIgnore(rules, nil, []entry{e}).entries
			var left []string
			for _, e := range kept {
				for _, a := range e.attributes {
					left = append(left, a.path)
				}
			}
			if diff := cmp.Diff(test.left, left); diff != "" {
				t.Errorf("left (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzClassify(f *testing.F) {
	f.Add(resource(`"update"`, `{"a":1}`, `{"a":[2]}`, ""), resource(`"update"`, `{"a":{"b":null}}`, `{"a":1}`, `,"after_unknown":{"a":true},"before_sensitive":[true]`))
	f.Fuzz(func(t *testing.T, drift, changes string) {
		plan := &tfjson.Plan{}
		plan.UseJSONNumber(true)
		text := fmt.Sprintf(`{"format_version":"1.2","resource_drift":[%s],"resource_changes":[%s]}`, drift, changes)
		if json.Unmarshal([]byte(text), plan) != nil {
			return
		}
		taint := newTaint(stack{})
		taint.addPlan(plan)
		entries := classify(plan, taint, differ{taint: taint}).entries
		if v, moved, wanted := judge(entries); (v == clean) != (moved+wanted == 0) {
			t.Errorf("%s with %d drifted and %d pending", v, moved, wanted)
		}
	})
}

// TestALongValueIsToldFromAnotherThatBeginsLikeIt is about policies and rules:
// where the second of two drifts passed for the first, nobody would be told of
// it.
func TestALongValueIsToldFromAnotherThatBeginsLikeIt(t *testing.T) {
	t.Parallel()
	taint := taint{redact.New()}
	taint.Add("the-secret")
	long := strings.Repeat("x", 2*maxValue)
	first, second := taint.show(long+"a"), taint.show(long+"b")
	if first == second || !strings.HasPrefix(first, `"xxx`) || len(first) > maxValue+100 {
		t.Errorf("shown as\n%s\n%s", first, second)
	}
	if again := taint.show(long + "a"); again != first {
		t.Errorf("the same value is shown as\n%s\n%s", first, again)
	}
	if secret, none := taint.show(long+"the-secret"), taint.show(long+redact.Placeholder); secret != none {
		t.Errorf("the digest covers a secret:\n%s\n%s", secret, none)
	}
	if short := taint.show("short"); short != `"short"` {
		t.Errorf("shown as %s", short)
	}
}
