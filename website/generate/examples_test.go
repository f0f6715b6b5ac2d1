package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/command"
	"github.com/driftless-hq/driftless/command/view"
	"github.com/driftless-hq/driftless/config"
)

func TestEveryExampleIsValid(t *testing.T) {
	for _, path := range examplesIn(t, "*") {
		t.Run(path, func(t *testing.T) { validate(t, path) })
	}
}

func TestTheExamplesOfATypeShowIt(t *testing.T) {
	types, err := command.Types(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range types {
		t.Run(typ.Ref.String(), func(t *testing.T) {
			header := fmt.Sprintf("%s %q ", typ.Ref.Kind, typ.Ref.Name)
			for _, path := range examplesIn(t, typ.Ref.String()) {
				if !strings.Contains(read(t, path), header) {
					t.Errorf("%s has no block %s", path, header)
				}
			}
		})
	}
}

func TestTheReadmeShowsTheQuickstart(t *testing.T) {
	quickstart := read(t, filepath.Join(root, examplesDir, "quickstart", "main.hcl"))
	if !strings.Contains(read(t, filepath.Join(root, "README.md")), "```hcl\n"+quickstart+"```\n") {
		t.Error("the example in README.md is not website/examples/quickstart/main.hcl")
	}
}

func examplesIn(t *testing.T, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, examplesDir, folder, "*.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Fatalf("there is no example in %s/%s", examplesDir, folder)
	}
	return paths
}

// validate runs driftless validate on a file or a directory and fails for
// every problem, warnings too.
func validate(t *testing.T, path string) {
	t.Helper()
	var out, err bytes.Buffer
	args := append([]string{"driftless", "validate", "-json", "-config", path}, required(t, path)...)
	code := command.Main(args, view.Streams{In: strings.NewReader(""), Out: &out, Err: &err})
	var report struct {
		Valid       bool              `json:"valid"`
		Diagnostics []view.Diagnostic `json:"diagnostics"`
	}
	if problem := json.Unmarshal(out.Bytes(), &report); problem != nil {
		t.Fatalf("read the output of validate: %v\n%s%s", problem, out.Bytes(), err.Bytes())
	}
	for _, d := range report.Diagnostics {
		t.Errorf("%s: %s: %s: %s", place(d), d.Severity, d.Summary, d.Detail)
	}
	if code != 0 || !report.Valid {
		t.Errorf("validate ended with %d", code)
	}
}

func place(d view.Diagnostic) string {
	if d.Range == nil {
		return d.Address
	}
	return fmt.Sprintf("%s:%d,%d", d.Range.Filename, d.Range.Start.Line, d.Range.Start.Column)
}

// required gives the variables that have no default a value, as their user
// would.
func required(t *testing.T, path string) []string {
	t.Helper()
	cfg, diags := config.Load(path)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var args []string
	for name, v := range cfg.Variables {
		if v.Default == cty.NilVal {
			args = append(args, "-var", name+"=example")
		}
	}
	return args
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
