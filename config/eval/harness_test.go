package eval_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
)

// load reads a configuration of one file in a directory of its own.
func load(t testing.TB, src string) *config.Config {
	t.Helper()
	cfg, diags := config.Load(write(t, t.TempDir(), src))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return cfg
}

func write(t testing.TB, dir, src string) string {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "main.hcl"), []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// build makes the graph of a configuration that has no errors.
func build(t testing.TB, src string, given map[string]eval.Given) *eval.Graph {
	t.Helper()
	return buildConfig(t, load(t, src), given)
}

func buildConfig(t testing.TB, cfg *config.Config, given map[string]eval.Given) *eval.Graph {
	t.Helper()
	g, diags := eval.Build(cfg, newFakes(), eval.Inputs{Variables: given})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return g
}

func node(t testing.TB, g *eval.Graph, address string) *eval.Node {
	t.Helper()
	n, ok := g.Node(parse(t, address))
	if !ok {
		t.Fatalf("there is no instance %s", address)
	}
	return n
}

func parse(t testing.TB, address string) addr.Addr {
	t.Helper()
	a, err := addr.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// config evaluates an instance.
func configOf(t testing.TB, g *eval.Graph, address string, values eval.Values) eval.Evaluated {
	t.Helper()
	e, diags := g.Eval(node(t, g, address), values)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return e
}

func text(t testing.TB, g *eval.Graph, address, attribute string, values eval.Values) string {
	t.Helper()
	v := configOf(t, g, address, values).Config.GetAttr(attribute)
	if !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
		t.Fatalf("%s.%s is %#v", address, attribute, v)
	}
	return v.AsString()
}

func names(addrs []addr.Addr) []string {
	out := make([]string, len(addrs))
	for i, a := range addrs {
		out[i] = a.String()
	}
	return out
}

// onlyDiag returns the one diagnostic that there is to be.
func onlyDiag(t testing.TB, diags hcl.Diagnostics) *hcl.Diagnostic {
	t.Helper()
	if len(diags) != 1 {
		t.Fatalf("%d diagnostics: %v", len(diags), diags)
	}
	return diags[0]
}

func loadDir(t testing.TB, dir string) *config.Config {
	t.Helper()
	cfg, diags := config.Load(dir)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return cfg
}
