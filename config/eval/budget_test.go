package eval_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/config/eval"
)

// No expression here is anywhere near a limit of its own.
func TestAllExpressionsTogetherHaveABudget(t *testing.T) {
	for name, expensive := range map[string]string{
		"arguments":     `task "file" "%[1]s" { path = "/%[1]s${local.large}" }`,
		"preconditions": "task \"command\" \"%s\" {\n precondition {\n condition = \"${local.large}.\" != \"\"\n error_message = \"x\"\n }\n }",
		"stages":        "pipeline \"%s\" {\n from = [source.events.e]\n to = [sink.out.o]\n stage \"set\" {\n fields = { x = \"${local.large}${event.a}\" }\n }\n }",
	} {
		t.Run(name, func(t *testing.T) {
			var src strings.Builder
			fmt.Fprintf(&src, "locals { large = %q }\n", strings.Repeat("x", 900_000))
			src.WriteString("source \"events\" \"e\" { paths = [\"/log\"] }\nsink \"out\" \"o\" {}\n")
			for i := range 400 {
				fmt.Fprintf(&src, expensive+"\n", fmt.Sprintf("n%d", i))
			}
			types := newFakes()
			_, diags := eval.Check(t.Context(), load(t, src.String()), types, eval.Inputs{}, types)
			if d := onlyDiag(t, diags); d.Summary != "Too much to evaluate" {
				t.Error(d)
			}
		})
	}
}

// What a budget is for is one pass: a graph can be validated any number of
// times.
func TestEachValidationHasABudgetOfItsOwn(t *testing.T) {
	var src strings.Builder
	fmt.Fprintf(&src, "locals { large = %q }\n", strings.Repeat("x", 900_000))
	for i := range 100 {
		fmt.Fprintf(&src, "task \"command\" \"c%d\" {\n precondition {\n condition = \"${local.large}.\" != \"\"\n error_message = \"x\"\n }\n }\n", i)
	}
	types := newFakes()
	g := build(t, src.String(), nil)
	for range 10 {
		if diags := g.Validate(t.Context(), types); len(diags) > 0 {
			t.Fatal(diags)
		}
	}
}
