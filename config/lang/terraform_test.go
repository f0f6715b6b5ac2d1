package lang_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/lang"
)

// TestFunctionsMeanWhatTheyMeanInTerraform evaluates each line of
// testdata/terraform.txt here and in the console of Terraform. A line after
// "# DIFFERS: reason" must come to something else here.
func TestFunctionsMeanWhatTheyMeanInTerraform(t *testing.T) {
	console := newConsole(t)
	var comparisons []comparison
	for _, c := range comparisonsIn(t) {
		if console.knows(c.calls) {
			comparisons = append(comparisons, c)
		}
	}
	slices.SortStableFunc(comparisons, func(a, b comparison) int {
		switch {
		case a.isLate() == b.isLate():
			return 0
		case a.isLate():
			return 1
		}
		return -1
	})
	answers := console.ask(t, comparisons)
	for i, c := range comparisons {
		t.Run(c.expr, func(t *testing.T) {
			ours, theirs := answer(t, c.expr, console.dir), answers[i]
			switch {
			case c.differs == "" && ours != theirs:
				t.Errorf("here:         %s\nin Terraform: %s", ours, theirs)
			case c.differs != "" && ours == theirs:
				t.Errorf("there is no difference any more: %s", ours)
			}
		})
	}
}

func TestEachFunctionOfTerraformIsCompared(t *testing.T) {
	console := newConsole(t)
	count := make(map[string]int)
	for _, c := range comparisonsIn(t) {
		for _, name := range c.calls {
			count[name]++
		}
	}
	delete(console.functions, "plantimestamp") // its console has none
	absent := map[string]string{"ephemeralasnull": "there are no ephemeral values"}
	for _, name := range slices.Sorted(maps.Keys(console.functions)) {
		if _, known := lang.Functions("", nil)[name]; known == (absent[name] != "") {
			t.Errorf("%s: known is %t, and the reason for its absence is %q", name, known, absent[name])
		}
		if absent[name] == "" && count[name] < 5 {
			t.Errorf("%s is in %d comparisons, at least 5 are wanted", name, count[name])
		}
	}
}

// comparison is one expression, and the functions that it calls.
type comparison struct {
	expr    string
	calls   []string
	differs string // the reason, where it does
}

// isLate reports whether it calls what has no answer before an apply.
func (c comparison) isLate() bool { return slices.ContainsFunc(c.calls, lang.Impure) }

func comparisonsIn(t *testing.T) []comparison {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "terraform.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var out []comparison
	differs := ""
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		if reason, ok := strings.CutPrefix(line, "# DIFFERS: "); ok {
			differs = reason
			continue
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		out = append(out, comparison{line, callsIn(t, line), differs})
		differs = ""
	}
	return out
}

func callsIn(t *testing.T, src string) []string {
	t.Helper()
	expr, diags := hclsyntax.ParseExpression([]byte(src), src, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var names []string
	hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics { //nolint:errcheck // the visitor has none
		if call, ok := node.(*hclsyntax.FunctionCallExpr); ok && !slices.Contains(names, call.Name) {
			names = append(names, call.Name)
		}
		return nil
	})
	return names
}

// answer evaluates an expression as [console.ask] does.
func answer(t *testing.T, src, dir string) string {
	t.Helper()
	typ := "string"
	if v, diags := applied(t, "["+src+"]", dir); !diags.HasErrors() {
		typ = typeText(v.Type())
	}
	v, diags := applied(t, fmt.Sprintf("try(jsonencode([%s]), %q)", src, failed), dir)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	suffix := ""
	if lang.IsSensitive(v) {
		suffix = " sensitive"
	}
	if v, _ = v.Unmark(); !v.IsKnown() {
		return "unknown " + typ + suffix
	}
	return v.AsString() + " " + typ + suffix
}

// applied evaluates an expression as while a plan is applied.
func applied(t testing.TB, src, dir string) (cty.Value, hcl.Diagnostics) {
	t.Helper()
	expr, diags := hclsyntax.ParseExpression([]byte(src), "test", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	lang.Bound(expr)
	ctx := lang.WithAccount(&hcl.EvalContext{
		Functions: lang.Functions(dir, nil),
		Variables: map[string]cty.Value{"local": cty.ObjectVal(map[string]cty.Value{ // as in testdata/files/main.tf
			"greeting": cty.StringVal("Hello, ${name}!"), "broken": cty.StringVal("${name"), "number": cty.StringVal("${n}"),
		})},
	})
	moment := lang.NewMoment(time.Now())
	moment.Apply(time.Now())
	return lang.Evaluate(expr, moment.Answer(ctx, "test"))
}

// typeText writes a type as Terraform does, without blanks.
func typeText(t cty.Type) string {
	switch {
	case t == cty.DynamicPseudoType:
		return "dynamic"
	case t.IsPrimitiveType():
		return t.FriendlyName()
	case t.IsListType():
		return "list(" + typeText(t.ElementType()) + ")"
	case t.IsSetType():
		return "set(" + typeText(t.ElementType()) + ")"
	case t.IsMapType():
		return "map(" + typeText(t.ElementType()) + ")"
	case t.IsTupleType():
		var parts strings.Builder
		for _, part := range t.TupleElementTypes() {
			parts.WriteString(typeText(part) + ",")
		}
		return "tuple([" + parts.String() + "])"
	}
	var parts strings.Builder
	attrs := t.AttributeTypes()
	for _, name := range slices.Sorted(maps.Keys(attrs)) {
		parts.WriteString(name + ":" + typeText(attrs[name]) + ",")
	}
	return "object({" + parts.String() + "})"
}
