package terraform

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-version"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/testutil/tfprovider"
)

// mutation is something that happens to a stack that was applied, and what a
// check has to say of it.
type mutation struct {
	name    string
	since   string // the first version that can do it; empty: any
	code    string // what is applied; empty: nothing is
	uses    string // the published provider of the code; empty: that of the tests
	then    func(t *testing.T, m *mutated)
	attrs   map[string]cty.Value
	verdict string   // with its summary
	detail  []string // of the resources; nil: none
}

// mutated is a stack in the hands of a mutation.
type mutated struct {
	*lab
	name string
}

func (m *mutated) file(name string) string { return filepath.Join(m.files, name) }
func (m *mutated) code() string            { return filepath.Join(m.root, m.name, "main.tf") }

// TestVerdictMatrix changes real stacks of real providers in every way there
// is, with terraform and with tofu. Many of them are those in which the exit
// code of a plan lies.
func TestVerdictMatrix(t *testing.T) {
	t.Parallel()
	for _, command := range commands() {
		t.Run(command.name, func(t *testing.T) {
			t.Parallel()
			binary := command.find(t)
			have := versionOf(t, binary)
			cliConfig := tfprovider.WithPublished(t)
			for _, m := range mutations() {
				t.Run(m.name, func(t *testing.T) {
					t.Parallel()
					if m.since != "" && have.LessThan(version.Must(version.NewVersion(m.since))) {
						t.Skipf("%s %s can't do that, %s can", command.name, have, m.since)
					}
					m.check(t, newLabWith(t, binary, cliConfig))
				})
			}
		})
	}
}

func (m mutation) check(t *testing.T, l *lab) {
	mutated := &mutated{l, "stack"}
	l.stack(t, "stack", m.code)
	if m.uses != "" {
		replace(t, mutated.code(), tfprovider.Requirements, tfprovider.RequirementsOf(m.uses))
	}
	if m.code == moduleCall {
		write(t, filepath.Join(l.root, "stack", "modules", "part", "main.tf"), modulePart)
	}
	if m.code != "" {
		l.apply(t, "stack")
	}
	if m.then != nil {
		m.then(t, mutated)
	}
	change, _ := l.open(t, m.attrs).Plan(t.Context(), nil)
	if len(change.Findings) != 1 {
		t.Fatalf("%d findings", len(change.Findings))
	}
	got := rendered(change.Findings[0])
	for i, line := range got {
		got[i] = gone.ReplaceAllString(random.ReplaceAllString(line, "ID"), "PROVIDER GONE")
	}
	if diff := cmp.Diff(append([]string{m.verdict}, m.detail...), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func versionOf(t *testing.T, binary string) *version.Version {
	t.Helper()
	cmd := exec.Command(binary, "version", "-json")
	cmd.Env = []string{"CHECKPOINT_DISABLE=1"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatal(err)
	}
	return version.Must(version.NewVersion(said.Version))
}

// gone is what terraform says of a provider that has crashed: which of the two
// depends on what it was asked last.
var gone = regexp.MustCompile(`Plugin did not respond|Request cancelled`)

// random is an id that differs from run to run.
var random = regexp.MustCompile(`"[0-9a-f]{8}-[0-9a-f-]{27}"`)

// setInState sets an attribute of all resources in the state of a stack.
func (m *mutated) setInState(t *testing.T, attribute, value string) {
	t.Helper()
	replace(t, filepath.Join(m.state, m.name+".tfstate"), fmt.Sprintf("%q: null", attribute), fmt.Sprintf("%q: %q", attribute, value))
}

// The code that most mutations begin with.
const (
	oneFile = `
resource "fixture_file" "a" {
  path    = "FILES/a"
  content = "as declared"
  mode    = "0640"
}
`
	taggedFile = `
resource "fixture_file" "a" {
  path    = "FILES/a"
  content = "as declared"
  tags    = { team = "infra", cost = "12" }
  items   = ["a", "b", "c"]
  note    = jsonencode({ a = 1, b = [2, 3] })
  ratio   = 0.5
}
`
	plainData = `
resource "terraform_data" "a" {
  input            = { size = 1 }
  triggers_replace = ["one"]
}
`
)

// byHand writes a file that a stack manages.
func byHand(name, content string) func(*testing.T, *mutated) {
	return func(t *testing.T, m *mutated) {
		if err := os.WriteFile(m.file(name), []byte(content), 0o640); err != nil {
			t.Fatal(err)
		}
	}
}

func removed(name string) func(*testing.T, *mutated) {
	return func(t *testing.T, m *mutated) {
		if err := os.Remove(m.file(name)); err != nil {
			t.Fatal(err)
		}
	}
}

// recoded replaces a part of the code.
func recoded(old, with string) func(*testing.T, *mutated) {
	return func(t *testing.T, m *mutated) { replace(t, m.code(), old, strings.ReplaceAll(with, "FILES", m.files)) }
}

// extended adds to the code.
func extended(code string) func(*testing.T, *mutated) {
	return func(t *testing.T, m *mutated) {
		now, err := os.ReadFile(m.code())
		if err != nil {
			t.Fatal(err)
		}
		write(t, m.code(), string(now)+strings.ReplaceAll(code, "FILES", m.files))
	}
}

func all(steps ...func(*testing.T, *mutated)) func(*testing.T, *mutated) {
	return func(t *testing.T, m *mutated) {
		for _, step := range steps {
			step(t, m)
		}
	}
}

func settings(name string, value cty.Value) map[string]cty.Value {
	return map[string]cty.Value{name: value}
}

func normalizing(name string, value cty.Value) map[string]cty.Value {
	set := map[string]cty.Value{"null_empty": cty.False, "json_strings": cty.False, "unordered": cty.NullVal(cty.List(cty.String))}
	set[name] = value
	return settings("normalize", cty.ObjectVal(set))
}
