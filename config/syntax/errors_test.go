package syntax

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
)

// describe writes diagnostics as LINE:COLUMN-LINE:COLUMN SUMMARY [EXCERPT].
func describe(src string, diags hcl.Diagnostics) []string {
	var out []string
	for _, d := range diags {
		r := d.Subject
		excerpt := src[r.Start.Byte:r.End.Byte]
		out = append(out, fmt.Sprintf("%d:%d %s [%s]", r.Start.Line, r.Start.Column, d.Summary, excerpt))
	}
	return out
}

func TestWhatIsNotWellFormedIsRefusedWhereItIs(t *testing.T) {
	tests := []struct {
		name, file, src, want string
	}{
		{"a JSON file that is empty", "a.json", " \n", "2:1 Missing value []"},
		{"a JSON object that is never closed", "a.json", "{\"a\": 1", "1:1 Invalid JSON [{]"},
		{"a JSON array that is never closed", "a.json", "{\"a\": [1, 2", "1:7 Invalid JSON [[]"},
		{"a JSON value that is missing", "a.json", "{\"a\":", "1:6 Invalid JSON []"},
		{"a comma that is missing", "a.json", "{\"a\": 1\n \"b\": 2}", "2:2 Invalid JSON [\"]"},
		{"a comma too many", "a.json", "{\"a\": 1,\n}", "1:8 Invalid JSON [,]"},
		{"a comma too many in an array", "a.json", "{\"a\": [1,]}", "1:9 Invalid JSON [,]"},
		{"a colon that is missing", "a.json", "{\"a\" 1}", "1:6 Invalid JSON [1]"},
		{"a property without quotes", "a.json", "{a: 1}", "1:2 Invalid JSON [a]"},
		{"a word that is no value", "a.json", "{\"a\": True}", "1:7 Invalid JSON [True]"},
		{"a number with a leading zero", "a.json", "{\"a\": 0644}", "1:7 Invalid JSON [0644]"},
		{"a string that is never closed", "a.json", "{\"a\": \"b}", "1:7 Invalid JSON [\"]"},
		{"a string over two lines", "a.json", "{\"a\": \"b\nc\"}", "1:7 Invalid JSON [\"b]"},
		{"an escape that JSON doesn't have", "a.json", "{\"a\": \"\\x41\"}", "1:7 Invalid JSON [\"\\x41\"]"},
		{"a second JSON value", "a.json", "{}\n{}", "2:1 Invalid JSON [{]"},
		{"a JSON file that is a string", "a.json", "\"a\"", "1:1 Incorrect value type [\"a\"]"},
		{"a JSON file that is a list of numbers", "a.json", "[{}, 1]", "1:6 Incorrect value type [1]"},

		{"a tab that indents YAML", "a.yaml", "a:\n\tb: 2\n", "2:2 Invalid YAML [b: 2]"},
		{"a YAML bracket that is never closed", "a.yaml", "a: 1\nb: [1, 2\nc: 3\n", "2:1 Invalid YAML [b: [1, 2]"},
		{"a YAML key that is indented less", "a.yaml", "x:\n  y: 1\n z: 2\n", "3:2 Invalid YAML [z: 2]"},
		{"a YAML item among keys", "a.yaml", "x: 1\ny: 2\n- b\n", "3:1 Invalid YAML [- b]"},
		{"two colons on the first line", "a.yaml", "a: b: c\n", "1:1 Invalid YAML [a: b: c]"},
		{"an unknown escape in YAML", "a.yaml", "x: 1\ny: \"\\q\"\n", "2:1 Invalid YAML [y: \"\\q\"]"},
		{"an alias without an anchor", "a.yaml", "x: 1\na: *nope\n", "2:4 Invalid YAML [*nope]"},
		{"an alias of what it is a part of", "a.yaml", "a: &x {b: *x}\n", "1:11 Invalid alias [*x]"},
		{"a second YAML document", "a.yaml", "a: 1\n---\nb: 2\n", "2:1 Several YAML documents [---]"},
		{"a YAML mapping as a key", "a.yaml", "a: {{x}}\n", "1:5 Unsupported key [{]"},
		{"a YAML tag of a language", "a.yaml", "a: !!python/object x\n", "1:4 Unsupported tag [!!python/object]"},
		{"a merge key of a string", "a.yaml", "a: {<<: b}\n", "1:9 Invalid merge key [b]"},
		{"a YAML number that is not one", "a.yaml", "a: .NaN\n", "1:4 Number out of range [.NaN]"},
		{"an infinite YAML number", "a.yaml", "a: [1, -.inf]\n", "1:8 Number out of range [-.inf]"},
		{"a YAML line that ends as no other", "a.yaml", "a: b\u2028c\n", "1:5 Invalid character [\u2028]"},

		{"a TOML string without quotes", "a.toml", "a = b\n", "1:5 Invalid TOML [b]"},
		{"a TOML array that is never closed", "a.toml", "a = [1,\n", "1:8 Invalid TOML [\n]"},
		{"a TOML table that is written twice", "a.toml", "[a]\nb = 1\n[a]\nc = 1\n", "3:2 Duplicate key [a]"},
		{"a TOML table that is an inline one", "a.toml", "a = {}\n[a.b]\n", "2:2 Duplicate key [a]"},
		{"a TOML list that is a table", "a.toml", "[a]\n[[a]]\n", "2:3 Duplicate key [a]"},
		{"a TOML list that is an array", "a.toml", "a = [{}]\n[[a]]\n", "2:3 Duplicate key [a]"},
		{"dots into a table with a header", "a.toml", "[a.b]\nc = 1\n[a]\nb.d = 1\n", "4:1 Duplicate key [b]"},
		{"a header of what dots have made", "a.toml", "[a]\nb.c = 1\n[a.b]\n", "3:4 Duplicate key [b]"},
		{"a TOML date that is none", "a.toml", "a = 2026-13-01\n", "1:5 Invalid TOML [2026-13-01]"},
		{"a TOML date and time that is none", "a.toml", "a = 2026-01-01T25:00:00Z\n", "1:5 Invalid TOML [2026-01-01T25:00:00Z]"},
		{"an infinite TOML number", "a.toml", "a = [1, +inf]\n", "1:9 Number out of range [+inf]"},
		{"a TOML number that is not one", "a.toml", "a = nan\n", "1:5 Number out of range [nan]"},

		{"a key that is written twice in JSON", "a.json", "{\"a\": 1, \"b\": 2,\n\"a\": 3}", "2:1 Duplicate key [\"a\"]"},
		{"a key that is written twice in YAML", "a.yaml", "x:\n  a: 1\n  \"a\": 2\n", "3:3 Duplicate key [\"a\"]"},
		{"a key that is written twice in TOML", "a.toml", "a.b = 1\na.b = 2\n", "2:3 Duplicate key [b]"},
		{"bytes that are not UTF-8", "a.yaml", "a: b\nb: \xff\n", "2:4 Invalid character encoding [\xff]"},
		{"a NUL", "a.toml", "a = 1\n\x00", "2:1 Invalid character [\x00]"},
		{"a carriage return alone", "a.json", "{\r}", "1:2 Invalid character [\r]"},
		{"a number of a thousand digits and one", "a.yaml", "a: " + strings.Repeat("1", 1001), "1:4 Number too long [" + strings.Repeat("1", 1001) + "]"},
		{"a number that is as long when written out", "a.toml", "a = 1e999999\n", "1:5 Number out of range [1e999999]"},
		{"an error behind wide characters", "a.json", "{\"é\u0301😀\": x}", "1:8 Invalid JSON [x]"},
		{"an error behind a byte order mark", "a.yaml", "\uFEFFa: .nan", "1:4 Number out of range [.nan]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			file, diags := testParser.Parse([]byte(test.src), test.file)
			if diff := cmp.Diff([]string{test.want}, describe(test.src, diags)); diff != "" {
				t.Errorf("%s\n%s", diff, diags)
			}
			if _, diags := file.Body.Content(&hcl.BodySchema{}); diags.HasErrors() {
				t.Errorf("the file has content in spite of the error: %s", diags)
			}
		})
	}
}

func TestADuplicateKeySaysWhereTheFirstIs(t *testing.T) {
	_, diags := testParser.Parse([]byte("a: 1\nb: 2\na: 3\n"), "a.yaml")
	if len(diags) != 1 || !strings.Contains(diags[0].Detail, "a.yaml:1,1-2") {
		t.Errorf("got %s", diags)
	}
}

func TestAFileHasAtMostSoManyProblems(t *testing.T) {
	_, diags := testParser.Parse([]byte(strings.Repeat("a: 1\n", 1000)), "a.yaml")
	if len(diags) != maxReports {
		t.Errorf("got %d problems, want %d", len(diags), maxReports)
	}
}

func TestWhatDoesNotFitTheSchemaIsRefusedWhereItIs(t *testing.T) {
	tests := []struct {
		name, file, src string
		want            []string
	}{
		{"a block that is unknown", "a.json", `{"tasks": {}}`, []string{`1:2 Unsupported block type ["tasks"] Blocks of type "tasks" are not expected here. Did you mean "task"?`}},
		{"a block that is unknown, with a value", "a.yaml", "tasks: 1", []string{`1:1 Unsupported block type [tasks] Blocks of type "tasks" are not expected here. Did you mean "task"?`}},
		{"an argument with a typing error", "a.yaml", "agent:\n  lisen: x\n", []string{`2:3 Unsupported argument [lisen] An argument named "lisen" is not expected here. Did you mean "listen"?`}},
		{"an argument like none", "a.yaml", "agent:\n  colour: red\n", []string{`2:3 Unsupported argument [colour] An argument named "colour" is not expected here.`}},
		{"a nested block with a typing error", "a.toml", "[agent.limit]\nmemory = 1\n", []string{`1:8 Unsupported block type [limit] Blocks of type "limit" are not expected here. Did you mean "limits"?`}},
		{"nested blocks like none", "a.toml", "[[agent.colours]]\nred = 1\n", []string{`1:9 Unsupported block type [colours] Blocks of type "colours" are not expected here.`}},
		{"an argument with a typing error and an object", "a.json", `{"task": {"file": {"a": {"envs": {"a": 1}}}}}`, []string{`1:26 Unsupported argument ["envs"] An argument named "envs" is not expected here. Did you mean "env"?`}},
		{"a scalar for a block", "a.yaml", "agent: 1", []string{`1:8 Incorrect value type [1] An object, or a list of objects, is required here: the content of "agent" blocks.`}},
		{"a scalar among blocks", "a.yaml", "agent: [{}, x]", []string{`1:13 Incorrect value type [x] Each item of this list must be an object, the content of a "agent" block.`}},
		{"a scalar for labels", "a.yaml", "task:\n  file: x\n", []string{`2:9 Incorrect value type [x] An object, or a list of objects, is required here, whose keys are the name of "task" blocks.`}},
		{"no labels", "a.json", `{"task": {"file": {}}}`, []string{`1:19 Missing block label [{}] At least one key is required here, which is the name of a "task" block.`}},
		{"a template that is broken", "a.yaml", "agent:\n  listen: \"a\\tb${var.\"\n", []string{`2:22 Invalid attribute name [] An attribute name is required after a dot.`}},
		{"a reference to what there is not", "a.json", `{"agent": {"listen": "a ${var.env} ${vra.env}"}}`, []string{`1:38 Unknown variable [vra] There is no variable named "vra". Did you mean "var"?`}},
		{"the same after escapes", "a.json", `{"agent": {"listen": "\ta \u00e9😀 ${var.env} ${vra.env}"}}`, []string{`1:48 Unknown variable [vra] There is no variable named "vra". Did you mean "var"?`}},
		{"the same in a block scalar", "a.yaml", "agent:\n  listen: |\n    a\n\n      b ${vra.env}\n", []string{`5:11 Unknown variable [vra] There is no variable named "vra". Did you mean "var"?`}},
		{"the same in a folded scalar", "a.yaml", "agent:\n  listen: >-\n    a\n    b ${vra.env}\n", []string{`4:9 Unknown variable [vra] There is no variable named "vra". Did you mean "var"?`}},
		{"the same in a plain scalar of two lines", "a.yaml", "agent:\n  listen: a\n    b ${vra.env}\n", []string{`3:9 Unknown variable [vra] There is no variable named "vra". Did you mean "var"?`}},
		{"the same in single quotes", "a.yaml", "agent:\n  listen: 'it''s ${vra.env}'\n", []string{`2:20 Unknown variable [vra] There is no variable named "vra". Did you mean "var"?`}},
		{"the same in many lines of TOML", "a.toml", "[agent]\nlisten = \"\"\"\na\\\n  b\n\\\"${vra.env}\"\"\"\n", []string{`5:5 Unknown variable [vra] There is no variable named "vra". Did you mean "var"?`}},
		{"the same in a literal of TOML", "a.toml", "[agent]\nlisten = '''\na\n${vra.env}'''\n", []string{`4:3 Unknown variable [vra] There is no variable named "vra". Did you mean "var"?`}},
	}
	spec := hcldec.ObjectSpec{"agent": everything["agent"], "task": everything["task"]}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, diags := hcldec.Decode(parse(t, test.file, test.src).Body, spec, evalContext())
			got := describe(test.src, diags)
			for i := range got {
				got[i] += " " + diags[i].Detail
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestARequiredArgumentIsMissedInTheHeaderOfItsBlock(t *testing.T) {
	for name, src := range map[string]string{
		"a.json": `{"task": {"file": {"a": {}}}}`,
		"a.yaml": `{task: {file: {a: {}}}}`,
		"a.toml": `[task.file.a]`,
	} {
		content, diags := parse(t, name, src).Body.Content(testRoot)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		_, diags = content.Blocks[0].Body.Content(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "path", Required: true}}})
		if len(diags) != 1 || diags[0].Summary != "Missing required argument" || *diags[0].Subject != content.Blocks[0].DefRange {
			t.Errorf("%s: got %s", name, diags)
		}
	}
}

func TestAnArgumentInTwoObjectsOfOneBodyIsRefused(t *testing.T) {
	src := `[{"a": 1}, {"a": 2}]`
	_, diags := parse(t, "a.json", src).Body.Content(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "a"}}})
	if diff := cmp.Diff([]string{`1:13 Attribute redefined ["a"]`}, describe(src, diags)); diff != "" {
		t.Error(diff)
	}
}

// What a parser says without a place is said of the file as a whole, and a
// number that a parser lets pass is read again. No file is known to need it.
func TestWhatAParserShouldHaveToldIsToldNevertheless(t *testing.T) {
	s := newSource([]byte("a: 1"), "a.yaml", guardDepth)
	b := &builder{source: s}
	b.read(func(*builder) (node, error) { return nil, errors.New("the reader gave up") })
	_, err := b.number(span{3, 4}, "0b2")
	if err == nil {
		t.Fatal("0b2 is a number")
	}
	_, diags := (&expression{s, &numberNode{span{3, 4}, "x"}}).Value(nil)
	got := append(describe("a: 1", append(b.diags, diags...)), err.Error())
	want := []string{"1:1 Invalid file []", "1:4 Invalid number [1]", `Invalid number: "0b2" is not a whole number in base 2, 8 or 16.`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
