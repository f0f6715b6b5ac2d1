// Package internal_test checks the rules of the house that the compiler
// doesn't: who may import whom, and what no package may have.
package internal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module = "github.com/driftless-hq/driftless"
	root   = ".."
)

// rule says what the packages that match from may import of this module.
// Where only is given they may import nothing else; what is in never they may
// not import. A pattern that ends in /... stands for a package and all below.
type rule struct {
	name  string
	from  []string
	only  []string
	tests []string // what the tests of these packages may import all the same
	never []string
}

func rules() []rule {
	return []rule{{
		name: "the SDK depends on nothing of ours but itself",
		from: []string{"plugin/..."},
		only: []string{"plugin/..."},
	}, {
		name: "the language knows schemas and events, and no provider",
		from: []string{"config/..."},
		only: []string{"config/...", "plugin", "plugin/schema", "plugin/event", "internal/dag", "internal/jinja", "internal/secret/redact", "internal/suggest", "internal/version"},
	}, {
		name: "a built-in provider is written against the SDK, small leaf packages and the language, in which templates are written too",
		from: []string{"builtin/..."},
		only: []string{
			"builtin/...", "plugin/...", "config/lang", "internal/atomicfile/...", "internal/diff/...", "internal/diskqueue/...",
			"internal/gitrepo/...", "internal/jinja", "internal/process/...", "internal/secret/redact", "internal/version",
		},
		tests: []string{"internal/testutil/...", "internal/overlay"},
	}, {
		name:  "the core serves its drivers and knows none of them",
		from:  []string{"internal/..."},
		tests: []string{"builtin/..."},
		never: []string{"agent/...", "command/...", "builtin/..."},
	}, {
		name:  "the agent is handed its providers",
		from:  []string{"agent/..."},
		tests: []string{"builtin/..."},
		never: []string{"command/...", "builtin/..."},
	}, {
		name:  "nothing imports the command line but what has a main of its own",
		from:  []string{"agent/...", "builtin/...", "config/...", "internal/...", "plugin/..."},
		never: []string{"command/..."},
	}, {
		name:  "the built-in providers are chosen in one place, the command line",
		from:  []string{"", "agent/...", "config/...", "internal/...", "plugin/...", "tools/...", "website/..."},
		tests: []string{"builtin/..."},
		never: []string{"builtin/..."},
	}, {
		name:  "test helpers stay out of the program",
		from:  []string{"", "agent/...", "builtin/...", "command/...", "config/...", "plugin/..."},
		tests: []string{"internal/testutil/..."},
		never: []string{"internal/testutil/..."},
	}}
}

func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	packages := listPackages(t)
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			subjects := 0
			for _, p := range packages {
				if !matches(r.from, p.path()) {
					continue
				}
				subjects++
				for _, imported := range p.Imports {
					check(t, r, p, imported, false)
				}
				for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
					check(t, r, p, imported, true)
				}
			}
			if subjects == 0 {
				t.Errorf("no package is called %v any more: change the rule", r.from)
			}
		})
	}
}

func check(t *testing.T, r rule, p listed, imported string, byTest bool) {
	t.Helper()
	path, ours := relative(imported)
	if !ours || byTest && matches(r.tests, path) {
		return
	}
	if len(r.only) > 0 && !matches(r.only, path) || matches(r.never, path) {
		t.Errorf("%s must not import %s: %s", p.ImportPath, imported, r.name)
	}
}

// listed is what go list says of a package.
type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// path is the import path within the module, empty for the root.
func (p listed) path() string {
	path, _ := relative(p.ImportPath)
	return path
}

func listPackages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("list the packages: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("list the packages: %v", err)
	}
	var packages []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatalf("read the list of packages: %v", err)
		}
		packages = append(packages, p)
	}
}

// relative returns an import path within this module, and false for one of
// another.
func relative(importPath string) (string, bool) {
	rest, ours := strings.CutPrefix(importPath, module)
	if !ours || rest != "" && rest[0] != '/' {
		return "", false
	}
	return strings.TrimPrefix(rest, "/"), true
}

func matches(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		parent, deep := strings.CutSuffix(pattern, "/...")
		return path == parent || deep && strings.HasPrefix(path, parent+"/")
	})
}

func TestNoPackageHasAnInitFunction(t *testing.T) {
	eachFile(t, func(f *ast.File, at func(ast.Node) token.Position) {
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: an init function runs unasked and can't fail; make what it makes in a constructor", at(fn))
			}
		}
	})
}

func TestNoPackageExportsAMapOrASliceThatOthersCouldChange(t *testing.T) {
	eachFile(t, func(f *ast.File, at func(ast.Node) token.Position) {
		for _, decl := range f.Decls {
			vars, ok := decl.(*ast.GenDecl)
			if !ok || vars.Tok != token.VAR {
				continue
			}
			for _, spec := range vars.Specs {
				v := spec.(*ast.ValueSpec)
				if slices.ContainsFunc(v.Names, (*ast.Ident).IsExported) && isMutable(v) {
					t.Errorf("%s: anyone can change %s; export a function that returns a new one", at(v), v.Names[0])
				}
			}
		}
	})
}

func isMutable(v *ast.ValueSpec) bool {
	if isMapOrSlice(v.Type) {
		return true
	}
	return slices.ContainsFunc(v.Values, func(value ast.Expr) bool {
		switch e := value.(type) {
		case *ast.CompositeLit:
			return isMapOrSlice(e.Type)
		case *ast.CallExpr: // make(map[string]int)
			return len(e.Args) > 0 && isMapOrSlice(e.Args[0])
		}
		return false
	})
}

func isMapOrSlice(e ast.Expr) bool {
	switch t := e.(type) {
	case *ast.MapType:
		return true
	case *ast.ArrayType:
		return t.Len == nil
	}
	return false
}

// eachFile visits every file of the repository that was written by hand, those
// for other systems too.
func eachFile(t *testing.T, visit func(f *ast.File, at func(ast.Node) token.Position)) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != root && (name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".")) {
			return fs.SkipDir
		}
		if entry.IsDir() || filepath.Ext(name) != ".go" {
			return nil
		}
		files++
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if !ast.IsGenerated(f) {
			visit(f, func(n ast.Node) token.Position { return set.Position(n.Pos()) })
		}
		return nil
	})
	if err != nil {
		t.Fatalf("read the files of the repository: %v", err)
	}
	if files == 0 {
		t.Fatal("there is not one file in the repository: the test looks in the wrong place")
	}
}
