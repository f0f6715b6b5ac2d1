package syntax

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/hcl/v2/hcled"
	hcljson "github.com/hashicorp/hcl/v2/json"
	"go.yaml.in/yaml/v3"
)

// fuzzed has no locals, which hcldec can't make a map of when their types differ.
var fuzzed = hcldec.ObjectSpec{"agent": everything["agent"], "pipeline": everything["pipeline"], "task": everything["task"]}

func seed(f *testing.F, ending string) {
	f.Helper()
	f.Add([]byte(everythingIn(f, ending)))
	for name, src := range sources {
		if strings.HasSuffix(name, ending) {
			f.Add([]byte(src))
		}
	}
}

// walk reads a file in each way that there is. What it finds is of no account:
// it must come to an end, and with positions that are in the file.
func walk(t *testing.T, name string, src []byte) (*hcl.File, hcl.Diagnostics) {
	t.Helper()
	file, diags := testParser.Parse(src, name)
	all, justDiags := file.Body.JustAttributes()
	_, decodeDiags := hcldec.Decode(file.Body, fuzzed, evalContext())
	for _, a := range all {
		checkRange(t, src, a.Range)
		_, valueDiags := a.Expr.Value(evalContext())
		justDiags = append(justDiags, valueDiags...)
		for _, traversal := range a.Expr.Variables() {
			checkRange(t, src, traversal.SourceRange())
		}
		if traversal, traversalDiags := hcl.AbsTraversalForExpr(a.Expr); !traversalDiags.HasErrors() {
			checkRange(t, src, traversal.SourceRange())
		}
	}
	for _, d := range slices.Concat(diags, justDiags, decodeDiags) {
		if d.Subject == nil {
			t.Fatalf("a diagnostic has no position: %s", d)
		}
		checkRange(t, src, *d.Subject)
	}
	hcled.ContextString(file, len(src)/2)
	return file, diags
}

func checkRange(t *testing.T, src []byte, r hcl.Range) {
	t.Helper()
	if r.Start.Byte < 0 || r.End.Byte < r.Start.Byte || r.End.Byte > len(src) || r.Start.Line < 1 || r.Start.Column < 1 {
		t.Fatalf("the range %#v is not in the file of %d bytes", r, len(src))
	}
}

func FuzzJSON(f *testing.F) {
	seed(f, ".json")
	f.Fuzz(func(t *testing.T, src []byte) {
		file, diags := walk(t, "a.json", src)
		if diags.HasErrors() {
			return
		}
		if !json.Valid(bytes.TrimPrefix(src, []byte("\uFEFF"))) {
			t.Fatal("accepted what is no JSON")
		}
		theirs, theirDiags := hcljson.Parse(src, "a.json")
		if theirDiags.HasErrors() {
			return
		}
		want, wantDiags := hcldec.Decode(theirs.Body, fuzzed, evalContext())
		got, gotDiags := hcldec.Decode(file.Body, fuzzed, evalContext())
		if !wantDiags.HasErrors() && !gotDiags.HasErrors() && !got.RawEquals(want) {
			t.Fatalf("got %#v, HCL has %#v", got, want)
		}
	})
}

func FuzzYAML(f *testing.F) {
	seed(f, ".yaml")
	f.Add([]byte("? "))
	f.Add([]byte("a: &a [*a, !!str x, {? b, c: }]\n? d\n: |+2\n   e\n\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		_, diags := walk(t, "a.yaml", src)
		var document yaml.Node
		if err := yaml.Unmarshal(src, &document); err != nil {
			return
		}
		marks := 0
		for i := range src {
			if strings.IndexByte(",[{-?:#", src[i]) >= 0 && isYAMLMark(string(src), i) {
				marks++
			}
		}
		if nodes := countYAML(&document); nodes > 2*marks+2 && !diags.HasErrors() {
			t.Fatalf("%d nodes of %d marks", nodes, marks)
		}
	})
}

func countYAML(n *yaml.Node) int {
	count := 1
	for _, c := range n.Content {
		count += countYAML(c)
	}
	return count
}

func FuzzTOML(f *testing.F) {
	seed(f, ".toml")
	f.Add([]byte("a.b.c = [ 1, {d.e = '''x''', f = \"\"\"\\\n y\"\"\"}, ]\n[[g.h]]\n[g.h.i]\nj = 1979-05-27 07:32:00\n"))
	f.Fuzz(func(t *testing.T, src []byte) { _, _ = walk(t, "a.toml", src) })
}
