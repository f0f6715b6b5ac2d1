package eval_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/eval"
)

// only is a comment of a fixture that says why it can't be written in the
// other syntaxes.
const only = "# NATIVE: "

// Every native fixture of one file is written in the other syntaxes, too, and
// is told the same there, at the lines where the same is written.
func TestEverySyntaxIsToldTheSame(t *testing.T) {
	for _, syntax := range []string{"json", "yaml", "toml"} {
		all := translated(t, syntax)
		if len(all) < 100 {
			t.Errorf("only %d fixtures are written in %s", len(all), syntax)
		}
		for path, w := range all {
			t.Run(filepath.Base(path)+" in "+syntax, func(t *testing.T) { checkParity(t, path, w) })
		}
	}
}

// translated returns the native fixtures, by path, in another syntax.
func translated(tb testing.TB, syntax string) map[string]*translation {
	tb.Helper()
	paths, err := filepath.Glob("testdata/*/*.hcl")
	if err != nil {
		tb.Fatal(err)
	}
	all := make(map[string]*translation)
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		file, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos)
		if diags.HasErrors() || strings.Contains(string(src), only) {
			continue
		}
		all[path] = newTranslation(src, syntax)
		all[path].file(file.Body.(*hclsyntax.Body))
	}
	return all
}

func checkParity(t *testing.T, path string, w *translation) {
	t.Helper()
	_, given := expectations(t, path)
	native := told(t, path, given)
	for i := range native {
		native[i].line = w.lines[native[i].line]
	}
	other := filepath.Join(t.TempDir(), "main."+w.syntax)
	if err := os.WriteFile(other, []byte(w.text()), 0o600); err != nil {
		t.Fatal(err)
	}
	got := told(t, other, given)
	sortTold(native)
	sortTold(got)
	if diff := gocmp.Diff(native, got, gocmp.AllowUnexported(expectation{})); diff != "" {
		t.Errorf("(-native +%s):\n%s\n%s", w.syntax, diff, w.text())
	}
}

// told is what is said of a configuration: severity, summary and line.
func told(t *testing.T, path string, given map[string]eval.Given) []expectation {
	t.Helper()
	cfg, diags := config.Load(path)
	_, checkDiags := eval.Check(t.Context(), cfg, newFakes(), eval.Inputs{Variables: given}, newFakes())
	var out []expectation
	for _, d := range append(diags, checkDiags...) {
		e := expectation{severity: fmt.Sprint(d.Severity), summary: d.Summary}
		if d.Subject != nil {
			e.line = d.Subject.Start.Line
		}
		out = append(out, e)
	}
	return out
}

func sortTold(list []expectation) {
	slices.SortFunc(list, func(a, b expectation) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.summary, b.summary))
	})
}
