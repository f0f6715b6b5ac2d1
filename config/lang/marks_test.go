package lang_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/config/lang"
)

// unmarked are the functions whose result may not be sensitive although an
// argument is, and why that shows nothing.
var unmarked = map[string]string{
	"can":          "it says only whether there was an error",
	"issensitive":  "that is the question",
	"nonsensitive": "that is the purpose",
	"try":          "an expression that isn't needed isn't part of the result",
}

// TestASensitiveArgumentMakesTheResultSensitive gives each function its example
// from the reference, with one argument after the other made sensitive.
func TestASensitiveArgumentMakesTheResultSensitive(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "files"))); err != nil {
		t.Fatal(err)
	}
	for _, g := range lang.Reference() {
		for _, d := range g.Docs {
			for _, src := range withSensitiveArguments(t, d) {
				v, diags := applied(t, src, dir)
				if diags.HasErrors() {
					if d.Result != "" {
						t.Errorf("%s: %s", src, diags)
					}
					continue
				}
				if !lang.IsSensitive(v) && unmarked[d.Name] == "" {
					t.Errorf("%s is not sensitive: %#v", src, v)
				}
			}
		}
	}
}

// withSensitiveArguments returns the call in an example, once for each argument.
func withSensitiveArguments(t *testing.T, d lang.Doc) []string {
	t.Helper()
	src := []byte(d.Example)
	expr, diags := hclsyntax.ParseExpression(src, "test", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var out []string
	hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics { //nolint:errcheck // the visitor has none
		call, ok := node.(*hclsyntax.FunctionCallExpr)
		if !ok || call.Name != d.Name {
			return nil
		}
		whole := call.Range()
		for _, arg := range call.Args {
			rng := arg.Range()
			out = append(out, string(src[whole.Start.Byte:rng.Start.Byte])+"sensitive("+string(rng.SliceBytes(src))+")"+string(src[rng.End.Byte:whole.End.Byte]))
		}
		return nil
	})
	return out
}
