package jinja

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// table is templates with what Ansible renders them to.
type table struct {
	Vars  json.RawMessage
	Cases []struct {
		Template string
		Want     string
		Error    bool
	}
}

func readTable(t *testing.T) (table, cty.Value) {
	t.Helper()
	text, err := os.ReadFile("testdata/ansible.json")
	if err != nil {
		t.Fatal(err)
	}
	var all table
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatalf("read the table: %v", err)
	}
	var vars ctyjson.SimpleJSONValue
	if err := vars.UnmarshalJSON(all.Vars); err != nil {
		t.Fatalf("read the variables of the table: %v", err)
	}
	if len(all.Cases) < 100 {
		t.Fatalf("the table has %d templates only", len(all.Cases))
	}
	return all, vars.Value
}

func render(t *testing.T, text string, vars cty.Value) (string, error) {
	t.Helper()
	return Render(t.Context(), Template{Name: "t.j2", Text: text, MaxResult: 1 << 20}, vars)
}

func TestRendersWhatAnsibleRenders(t *testing.T) {
	all, vars := readTable(t)
	for _, c := range all.Cases {
		t.Run(firstLine(c.Template), func(t *testing.T) {
			got, err := render(t, c.Template, vars)
			switch {
			case c.Error && err == nil:
				t.Errorf("%s\nrenders to %q, and is an error in Ansible", c.Template, got)
			case !c.Error && err != nil:
				t.Errorf("%s\nis an error: %v", c.Template, err)
			case !c.Error:
				if diff := cmp.Diff(c.Want, got); diff != "" {
					t.Errorf("%s\nrenders to what Ansible doesn't (-Ansible +here):\n%s", c.Template, diff)
				}
			}
		})
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line[:min(len(line), 60)]
}

// The table itself is made by Ansible, and is compared with it where there is
// one.
func TestTheTableIsWhatAnsibleRenders(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 to run Ansible with")
	}
	all, _ := readTable(t)
	request := struct {
		Vars      json.RawMessage `json:"vars"`
		Templates []string        `json:"templates"`
	}{Vars: all.Vars}
	for _, c := range all.Cases {
		request.Templates = append(request.Templates, c.Template)
	}
	input, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "testdata/expect.py")
	cmd.Stdin = bytes.NewReader(input)
	output, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && strings.Contains(string(exit.Stderr), "SKIP: ") {
		t.Skipf("python3 has no Ansible: %s", exit.Stderr)
	}
	if err != nil {
		t.Fatalf("run Ansible: %v", err)
	}
	var results []*string
	if err := json.Unmarshal(output, &results); err != nil {
		t.Fatalf("read what Ansible renders: %v", err)
	}
	for i, c := range all.Cases {
		if got := results[i]; c.Error != (got == nil) || got != nil && *got != c.Want {
			t.Errorf("%s\nis in the table as %q (an error: %t), which Ansible says otherwise", c.Template, c.Want, c.Error)
		}
	}
}
