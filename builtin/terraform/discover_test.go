package terraform

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

func TestAStackThatMustHaveABackend(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file, code string
		want       bool
	}{
		"a backend":                      {"main.tf", "terraform {\n  backend \"s3\" {}\n}\n", true},
		"a backend on one line":          {"main.tf", `terraform { backend "s3" {} }`, true},
		"a cloud":                        {"main.tf", "terraform {\n  required_version = \">= 1\"\n  cloud {\n  }\n}\n", true},
		"a backend of OpenTofu":          {"main.tofu", "terraform {\n  backend \"s3\" {\n  }\n}\n", true},
		"a backend in JSON":              {"main.tf.json", `{"terraform": {"backend": {"s3": {}}}}`, true},
		"a backend in what is broken":    {"main.tf", "terraform {\n  backend \"s3\" {\n", true},
		"a module":                       {"main.tf", "terraform {\n  required_version = \">= 1\"\n}\nresource \"a\" \"b\" {\n}\n", false},
		"a module in JSON":               {"main.tf.json", `{"terraform": {"required_version": ">= 1"}}`, false},
		"a module that is broken":        {"main.tf", "resource \"a\" \"b\" {\n", false},
		"a backend that is a comment":    {"main.tf", "terraform {\n  # backend \"s3\" {}\n}\n", false},
		"a resource that is of a cloud":  {"main.tf", "resource \"spot\" \"a\" {\n  cloud {\n  }\n}\n", false},
		"a resource that is a backend":   {"main.tf", "resource \"lb_backend\" \"backend\" {\n}\n", false},
		"a backend outside of terraform": {"main.tf", "terraform {\n}\nbackend \"s3\" {\n}\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			write(t, filepath.Join(root, "dir", test.file), test.code)
			found, err := discover(root, selection{Include: []string{"**"}, Require: requireBackend})
			if err != nil || (len(found) == 1) != test.want {
				t.Errorf("found %q, error %v", found, err)
			}
		})
	}
}

// The backend of a stack is often in a file of its own, and modules beside it
// have everything but that.
func TestModulesAreNoStacksWhereABackendIsRequired(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	write(t, filepath.Join(f.root, "prod", "main.tf"), "resource \"a\" \"b\" {\n}\n")
	write(t, filepath.Join(f.root, "prod", "backend.tf"), "terraform {\n  backend \"s3\" {\n  }\n}\n")
	stacks := func(include string) map[string]cty.Value {
		return map[string]cty.Value{"stacks": cty.ObjectVal(map[string]cty.Value{
			"include": listOf(include), "exclude": listOf(defaultExclude()...), "require": cty.StringVal(requireBackend),
		})}
	}
	if diff := cmp.Diff(map[string]string{"prod": "clean first"}, checked(t, f.open(t, stacks("**")))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, diags := f.open(t, stacks("stack")).Plan(t.Context(), nil)
	if len(diags) != 1 || !strings.Contains(diags[0].Detail, "a backend or cloud block, as require asks for") {
		t.Errorf("where there is none: %v", diags)
	}
}
