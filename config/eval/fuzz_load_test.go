package eval_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/eval"
)

// The fuzz targets of loading: a file in each of the syntaxes, read, built and
// checked. The seeds are the fixtures, and their translations.
func FuzzLoadNative(f *testing.F) { fuzzLoad(f, ".hcl") }
func FuzzLoadJSON(f *testing.F)   { fuzzLoad(f, ".json") }
func FuzzLoadYAML(f *testing.F)   { fuzzLoad(f, ".yaml") }
func FuzzLoadTOML(f *testing.F)   { fuzzLoad(f, ".toml") }

func fuzzLoad(f *testing.F, ending string) {
	paths, err := filepath.Glob("testdata/*/*" + ending)
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		isSlow := bytes.Contains(src, []byte("# NATIVE: it takes a second")) // which is many when it is fuzzed
		if len(src) < 10_000 && !isSlow {
			f.Add(src)
		}
	}
	if ending != ".hcl" {
		for _, w := range translated(f, strings.TrimPrefix(ending, ".")) {
			f.Add([]byte(w.text()))
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		path := filepath.Join(t.TempDir(), "main"+ending)
		if err := os.WriteFile(path, src, 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, diags := config.Load(path)
		g, checkDiags := eval.Check(t.Context(), cfg, newFakes(), eval.Inputs{}, newFakes())
		diags = append(diags, checkDiags...)
		for _, d := range diags {
			checkPlace(t, d, path, src)
		}
		if g == nil && !diags.HasErrors() {
			t.Error("there is neither a graph nor an error")
		}
	})
}

// checkPlace wants the place of a problem to be in the file.
func checkPlace(t *testing.T, d *hcl.Diagnostic, path string, src []byte) {
	t.Helper()
	if d.Summary == "" || d.Detail == "" {
		t.Errorf("a problem has nothing to say: %#v", d)
	}
	r := d.Subject
	if r == nil || r.Filename != path {
		t.Fatalf("%s has no place in the file", d)
	}
	if r.Start.Line < 1 || r.Start.Column < 1 || r.Start.Byte < 0 || r.End.Byte < r.Start.Byte || r.End.Byte > len(src) {
		t.Errorf("%s is at %#v in a file of %d bytes", d, r, len(src))
	}
}
