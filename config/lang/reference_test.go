package lang_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/zclconf/go-cty/cty/convert"

	"github.com/driftless-hq/driftless/config/lang"
)

func TestEachFunctionIsInTheReferenceOnce(t *testing.T) {
	functions := lang.Functions("", nil)
	seen := make(map[string]bool)
	for _, g := range lang.Reference() {
		for _, d := range g.Docs {
			f, ok := functions[d.Name]
			if !ok || seen[d.Name] {
				t.Errorf("%s is a function: %t, and was described before: %t", d.Name, ok, seen[d.Name])
				continue
			}
			seen[d.Name] = true
			params := f.Params()
			if v := f.VarParam(); v != nil {
				params = append(params, *v)
			}
			for _, p := range params {
				if p.Description == "" {
					t.Errorf("the parameter %s of %s has no description", p.Name, d.Name)
				}
			}
			if f.Description() == "" {
				t.Errorf("%s has no description", d.Name)
			}
		}
	}
	for name := range functions {
		if !seen[name] {
			t.Errorf("%s is not in the reference", name)
		}
	}
}

func TestExamplesOfTheReferenceComeToTheirResults(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "files"))); err != nil {
		t.Fatal(err)
	}
	for _, g := range lang.Reference() {
		for _, d := range g.Docs {
			t.Run(d.Name, func(t *testing.T) {
				if !slices.Contains(callsIn(t, d.Example), d.Name) {
					t.Errorf("the example of %s doesn't call it: %s", d.Name, d.Example)
				}
				if d.Result == "" {
					return
				}
				got, diags := applied(t, d.Example, dir)
				want, wantDiags := applied(t, d.Result, dir)
				if diags = append(diags, wantDiags...); diags.HasErrors() {
					t.Fatal(diags)
				}
				// A list is written as a tuple, and a map as an object.
				if want, err := convert.Convert(want, got.Type()); err != nil || !got.RawEquals(want) {
					t.Errorf("%s is %#v, and not %s: %v", d.Example, got, d.Result, err)
				}
			})
		}
	}
}
