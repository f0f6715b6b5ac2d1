package syntax

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcled"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

var sources = map[string]string{
	"a.json": `{
  "task": {"file": {
    "é": {"path": "a\t${var.env}", "args": ["x", "y z"], "env": {"k": 1.5}},
    "b": [{"force": true}, {"owner": null}]
  }}
}`,
	"a.yaml": `task:
  file:
    é: {path: "a\t${var.env}", args: [x, y z], env: {k: 1.5}}
    b:
      - force: true
      - owner: null
`,
	"a.toml": `task.file."é" = { path = "a\t${var.env}", args = ["x", "y z"], env = { k = 1.5 } }
[[task.file.b]]
force = true
[[task.file.b]]
owner = 07:32:00
`,
}

func TestEveryPartOfABlockHasItsRange(t *testing.T) {
	want := map[string][]string{
		"a.json": {
			`def "é"`, `type "task"`, `label "file"`, `label "é"`,
			`args "args": ["x", "y z"]`, `name "args"`, `value ["x", "y z"]`, `item "x"`, `item "y z"`,
			`env "env": {"k": 1.5}`, `name "env"`, `value {"k": 1.5}`, `key "k"`, `member 1.5`,
			`path "path": "a\t${var.env}"`, `name "path"`, `value "a\t${var.env}"`, `refers var.env`,
			`def {"force": true}`, `type "task"`, `label "file"`, `label "b"`, `force "force": true`, `name "force"`, `value true`,
			`def {"owner": null}`, `type "task"`, `label "file"`, `label "b"`, `owner "owner": null`, `name "owner"`, `value null`,
		},
		"a.yaml": {
			`def é`, `type task`, `label file`, `label é`,
			`args args: [x, y z]`, `name args`, `value [x, y z]`, `item x`, `item y z`,
			`env env: {k: 1.5}`, `name env`, `value {k: 1.5}`, `key k`, `member 1.5`,
			`path path: "a\t${var.env}"`, `name path`, `value "a\t${var.env}"`, `refers var.env`,
			`def force: true`, `type task`, `label file`, `label b`, `force force: true`, `name force`, `value true`,
			`def owner: null`, `type task`, `label file`, `label b`, `owner owner: null`, `name owner`, `value null`,
		},
		"a.toml": {
			`def task.file."é"`, `type task`, `label file`, `label "é"`,
			`args args = ["x", "y z"]`, `name args`, `value ["x", "y z"]`, `item "x"`, `item "y z"`,
			`env env = { k = 1.5 }`, `name env`, `value { k = 1.5 }`, `key k`, `member 1.5`,
			`path path = "a\t${var.env}"`, `name path`, `value "a\t${var.env}"`, `refers var.env`,
			`def [[task.file.b]]`, `type task`, `label file`, `label b`, `force force = true`, `name force`, `value true`,
			`def [[task.file.b]]`, `type task`, `label file`, `label b`, `owner owner = 07:32:00`, `name owner`, `value 07:32:00`,
		},
	}
	for name, src := range sources {
		t.Run(name, func(t *testing.T) {
			content, diags := parse(t, name, src).Body.Content(testRoot)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			if diff := cmp.Diff(want[name], rangesOf(t, src, content.Blocks)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// rangesOf lists the source of all ranges of the blocks, and checks their
// lines and columns against it.
func rangesOf(t *testing.T, src string, blocks hcl.Blocks) []string {
	t.Helper()
	var out []string
	show := func(what string, r hcl.Range) {
		t.Helper()
		checkPosition(t, src, r.Start)
		checkPosition(t, src, r.End)
		out = append(out, what+" "+string(r.SliceBytes([]byte(src))))
	}
	for _, b := range blocks {
		show("def", b.DefRange)
		show("type", b.TypeRange)
		for _, r := range b.LabelRanges {
			show("label", r)
		}
		attributes, diags := b.Body.JustAttributes()
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		for _, name := range []string{"args", "env", "force", "owner", "path"} {
			a := attributes[name]
			if a == nil {
				continue
			}
			show(name, a.Range)
			show("name", a.NameRange)
			show("value", a.Expr.Range())
			items, _ := hcl.ExprList(a.Expr)
			for _, item := range items {
				show("item", item.Range())
			}
			pairs, _ := hcl.ExprMap(a.Expr)
			for _, pair := range pairs {
				show("key", pair.Key.Range())
				show("member", pair.Value.Range())
			}
			for _, traversal := range a.Expr.Variables() {
				show("refers", traversal.SourceRange())
			}
		}
	}
	return out
}

// checkPosition counts lines and columns from the start, for text whose
// characters are one code point each.
func checkPosition(t *testing.T, src string, at hcl.Pos) {
	t.Helper()
	before := src[:at.Byte]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	want := hcl.Pos{Line: 1 + strings.Count(before, "\n"), Column: 1 + len([]rune(line)), Byte: at.Byte}
	if at != want {
		t.Errorf("the position is %v, want %v", at, want)
	}
}

func TestPositionsHoldFarDownALongFile(t *testing.T) {
	src := strings.Repeat("é: x\r\n", 3) + strings.Repeat("x", 3*markEvery) + strings.Repeat("é", markEvery) + "\n\ny"
	s := newSource([]byte(src), "a.yaml", nil)
	for i := 0; i <= len(src); i += 7 {
		before := src[:i]
		line := strings.TrimSuffix(before[strings.LastIndexByte(before, '\n')+1:], "\xc3")
		if i == len(src) || src[i] != '\n' { // inside of a line break
			want := hcl.Pos{Line: 1 + strings.Count(before, "\n"), Column: 1 + len([]rune(line)), Byte: i}
			if got := s.pos(i); got != want {
				t.Fatalf("byte %d is at %v, want %v", i, got, want)
			}
		}
	}
}

func TestRelocatingIsLikeParsingInPlace(t *testing.T) {
	templates := []string{
		"a ${b.c[0].d[e]} f",
		"${[for k, v in a.b : upper(k, v...) => { (k) = -v, x : [1, \"q${z}\"] }...if !v]}",
		"${a.*.b} ${a[*].c[1].d} ${a.b[*][*]}",
		"%{ if a }x%{ else }${b ? c : (d)}%{ endif }%{ for x in y }${x}%{ endfor }",
		"${provider::f(1)} ${<<E\nx ${y}\nE\n}",
		"${a}",
	}
	for _, template := range templates {
		padding := strings.Repeat("x", 7)
		s := newSource([]byte(padding+template), "a.yaml", nil)
		want, wantDiags := hclsyntax.ParseTemplate([]byte(template), s.name, s.pos(len(padding)))
		got, gotDiags := hclsyntax.ParseTemplate([]byte(template), s.name, hcl.Pos{Line: 1, Column: 1})
		o := origin{s, []run{{0, len(padding)}}}
		o.relocateIn(got)
		o.relocateDiagnostics(gotDiags)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: an expression has a range that wasn't relocated, or relocated twice", template)
		}
		if !reflect.DeepEqual(describe(padding+template, gotDiags), describe(padding+template, wantDiags)) {
			t.Errorf("%s: got %s, want %s", template, gotDiags, wantDiags)
		}
	}
}

func TestADiagnosticSaysWhichBlockItIsIn(t *testing.T) {
	tests := []struct{ name, file, src, at, want, def string }{
		{"a value in JSON", "a.json", `{"task": {"file": {"a": {"path": 1}}}}`, "1", `task "file" "a"`, `"task": {"file": {"a"`},
		{"a value in YAML", "a.yaml", "task:\n  file:\n    a:\n      path: 1\n", "1", `task "file" "a"`, "a"},
		{"a block without labels", "a.yaml", "agent:\n  listen: here\n", "here", "agent", "agent"},
		{"no block", "a.yaml", "agent:\n  listen: here\nx: there\n", "there", "", ""},
		{"a value in TOML", "a.toml", "[task.file.a]\npath = 1\n[agent]\n", "1", `task "file" "a"`, "[task.file.a"},
		{"a table of the block, further down", "a.toml", "[task.file.a]\npath = 1\n[agent]\n[task.file.b]\n[task.file.a.env]\nx = 2", "2", `task "file" "a"`, "[task.file.a"},
		{"the header", "a.toml", "[task.file.a]\npath = 1\n[agent]\n", "file", `task "file" "a"`, "[task.file.a"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			file := parse(t, test.file, test.src)
			offset := strings.Index(test.src, test.at)
			if got := hcled.ContextString(file, offset); got != test.want {
				t.Errorf("the block is %q, want %q", got, test.want)
			}
			r := file.Nav.(navigation).ContextDefRange(offset)
			if got := string(r.SliceBytes([]byte(test.src))); got != test.def {
				t.Errorf("the header is %q, want %q", got, test.def)
			}
		})
	}
}
