package eval_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// elsewhere are the summaries that no fixture can be told, by the file of the
// test that is told them: they are about more than one file can hold, about
// files that can't be read, or about what comes from outside.
var elsewhere = map[string]string{
	"Cannot read the configuration":        "../limits_test.go",
	"Configuration not found":              "../limits_test.go",
	"No configuration files":               "../limits_test.go",
	"File too large":                       "../limits_test.go",
	"Too many modules":                     "module_test.go",
	"Not in the native syntax":             "../format/format_test.go",
	"Unknown variable":                     "../lang/functions_template_test.go",
	"More undeclared variables":            "../../command/testdata/script/variable_files.txtar",
	"Reference in a file of variables":     "../varfile_test.go",
	"Function call in a file of variables": "../varfile_test.go",
	"Too many tokens":                      "../limits_test.go",
	"Invalid character encoding":           "../limits_test.go",
	"Expression too large":                 "../limits_test.go",
	"Undeclared variable":                  "graph_test.go",
	"Facts not known":                      "facts_test.go",
	"Configuration too large":              "../../command/hostile_files_test.go",
	"Too many files":                       "../../command/hostile_files_test.go",
	"Too many values":                      "../syntax/limits_test.go",
	"Invalid file":                         "../syntax/errors_test.go",
	"Invalid number":                       "../syntax/errors_test.go",
}

// Every summary that the language's packages can give is expected by a
// fixture, or by the test that the table above names.
func TestEverySummaryIsExpectedSomewhere(t *testing.T) {
	given := make(map[string]string)
	for _, dir := range []string{"..", "../guard", "../syntax", ".", "../lang"} {
		maps.Copy(given, summariesOf(t, dir))
	}
	if len(given) < 50 {
		t.Fatalf("only %d summaries were found in the sources", len(given))
	}
	expected := expectedSummaries(t)
	for _, summary := range slices.Sorted(maps.Keys(given)) {
		if expected[summary] {
			continue
		}
		file, ok := elsewhere[summary]
		if !ok {
			t.Errorf("%s gives %q, and no fixture in testdata expects it", given[summary], summary)
			continue
		}
		if src, err := os.ReadFile(file); err != nil || !strings.Contains(string(src), strings.TrimSpace(summary)) {
			t.Errorf("%s has no test that is told %q: %v", file, summary, err)
		}
	}
	for summary := range elsewhere {
		if given[summary] == "" || expected[summary] {
			t.Errorf("%q has no business in the table: it is in a fixture, or given by nobody", summary)
		}
	}
}

// expectedSummaries returns what the fixtures expect. A summary that is made
// of a constant and a word is there as the constant, too.
func expectedSummaries(t *testing.T) map[string]bool {
	t.Helper()
	expected := make(map[string]bool)
	for _, dir := range []string{"invalid", "warning"} {
		want, _ := expectations(t, filepath.Join("testdata", dir))
		for _, w := range want {
			expected[w.summary] = true
			for i, c := range w.summary {
				if c == ' ' {
					expected[w.summary[:i+1]] = true
				}
			}
		}
	}
	return expected
}

// summariesOf returns the summaries that the sources of a package hold, with
// where each is given.
func summariesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	fset := token.NewFileSet()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	takers := summaryTakers(files)
	found := make(map[string]string)
	note := func(e ast.Expr) {
		if text, ok := constant(e); ok {
			found[text] = fset.Position(e.Pos()).String()
		}
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if at, ok := takers[calledName(n)]; ok && at < len(n.Args) {
					note(n.Args[at])
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Summary" {
					note(n.Value)
				}
			case *ast.CompositeLit:
				if name, ok := n.Type.(*ast.Ident); ok && name.Name == "positioned" && len(n.Elts) == 3 {
					note(n.Elts[1])
				}
			case *ast.AssignStmt:
				if to, ok := n.Lhs[0].(*ast.SelectorExpr); ok && to.Sel.Name == "Summary" {
					note(n.Rhs[0])
				}
			}
			return true
		})
	}
	return found
}

// summaryTakers returns the functions that are given a summary, and as which
// of their arguments.
func summaryTakers(files []*ast.File) map[string]int {
	takers := make(map[string]int)
	for _, file := range files {
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			at := 0
			for _, field := range f.Type.Params.List {
				for _, name := range field.Names {
					if name.Name == "summary" {
						takers[f.Name.Name] = at
					}
					at++
				}
			}
		}
	}
	return takers
}

func calledName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// constant returns the text of a string, or of the one that a sum begins with.
func constant(e ast.Expr) (string, bool) {
	if sum, ok := e.(*ast.BinaryExpr); ok {
		return constant(sum.X)
	}
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}
