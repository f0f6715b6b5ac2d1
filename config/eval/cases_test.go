package eval_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/eval"
)

// Every file and every directory in testdata is a case. What it has to be
// told stands in it, at the line that the problem is about:
//
//	path = "motd" # ERROR: Invalid value for absolute path: Begin it with /
//
// or, where the line can't have a comment, on one of its own that names how
// many lines further down it is meant:
//
//	# ERROR+1: ...
//
// The part after the second colon, where there is one, must be in the detail.
// "# GIVEN: name=value" sets a variable.
func TestCases(t *testing.T) {
	for _, dir := range []string{"valid", "warning", "invalid"} {
		entries, err := os.ReadDir(filepath.Join("testdata", dir))
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) == 0 {
			t.Errorf("testdata/%s has no cases", dir)
		}
		for _, e := range entries {
			t.Run(dir+"/"+e.Name(), func(t *testing.T) { runCase(t, dir, filepath.Join("testdata", dir, e.Name())) })
		}
	}
}

func runCase(t *testing.T, kind, path string) {
	want, given := expectations(t, path)
	cfg, diags := config.Load(path)
	graph, graphDiags := eval.Check(t.Context(), cfg, newFakes(), eval.Inputs{Variables: given}, newFakes())
	if graphDiags.HasErrors() && graph != nil {
		t.Error("there is a graph although it has errors")
	}
	diags = append(diags, graphDiags...)
	if kind != "invalid" && graph == nil {
		t.Error("there is no graph")
	}
	if kind == "valid" && len(want) > 0 || kind != "valid" && len(want) == 0 {
		t.Errorf("a case in %s has %d expectations", kind, len(want))
	}
	matchDiags(t, want, diags)
}

// expectation is one comment of a case.
type expectation struct {
	file, severity, summary, detail string
	line                            int
}

func expectations(t *testing.T, path string) ([]expectation, map[string]eval.Given) {
	t.Helper()
	var want []expectation
	given := make(map[string]eval.Given)
	err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(file)
		for i, line := range strings.Split(string(content), "\n") {
			for _, comment := range strings.Split(line, "# ")[1:] {
				head, text, _ := strings.Cut(comment, ": ")
				severity, below, _ := strings.Cut(head, "+")
				switch severity {
				case "GIVEN":
					name, value, _ := strings.Cut(text, "=")
					given[name] = eval.Given{Text: value, Origin: "-var " + name}
				case "ERROR", "WARNING":
					offset := 0
					fmt.Sscan(below, &offset) //nolint:errcheck // nothing is no offset
					summary, detail, _ := strings.Cut(strings.TrimSpace(text), ": ")
					want = append(want, expectation{file, severity, summary, detail, i + 1 + offset})
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return want, given
}

func matchDiags(t *testing.T, want []expectation, diags hcl.Diagnostics) {
	t.Helper()
	for _, d := range diags {
		got := expectation{severity: "ERROR", summary: d.Summary}
		if d.Severity == hcl.DiagWarning {
			got.severity = "WARNING"
		}
		if d.Subject != nil {
			got.file, got.line = d.Subject.Filename, d.Subject.Start.Line
		}
		if d.Subject != nil && d.Subject.Start.Column < 1 {
			t.Errorf("%s has no column", d)
		}
		at := slices.IndexFunc(want, func(w expectation) bool {
			matches := strings.Contains(d.Detail, w.detail)
			w.detail = ""
			return matches && cmp.Equal(w, got, cmp.AllowUnexported(expectation{}))
		})
		if at < 0 {
			t.Errorf("unexpected: %s:%d: %s: %s: %s", got.file, got.line, got.severity, d.Summary, d.Detail)
			continue
		}
		want = slices.Delete(want, at, at+1)
	}
	for _, w := range want {
		t.Errorf("missing: %s:%d: %s: %s: %s", w.file, w.line, w.severity, w.summary, w.detail)
	}
}
