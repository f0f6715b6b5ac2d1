package terraform

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

func checked(t *testing.T, task *task) map[string]string {
	t.Helper()
	change, _ := plan(t, task)
	return verdicts(change)
}

// verdicts are those of the findings, with why the stack was initialised.
func verdicts(change plugin.Change) map[string]string {
	found := map[string]string{}
	for _, f := range change.Findings {
		found[f.Name] = strings.TrimSpace(f.Verdict + " " + f.Value.GetAttr("init").AsString())
	}
	return found
}

func TestAllWorkspacesOfAState(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, lab *lab) {
		lab.stack(t, "stack", "resource \"terraform_data\" \"a\" {\n  input = terraform.workspace\n}\n")
		lab.stack(t, "plain", plainData)
		lab.apply(t, "plain")
		lab.workspace(t, "stack", "green")
		lab.workspace(t, "stack", "blue")
		task := lab.open(t, map[string]cty.Value{"workspaces": listOf(allWorkspaces)})
		for _, step := range []struct {
			name string
			then func()
			want map[string]string
		}{
			{"the first check leaves out a default workspace that is not used", func() {},
				map[string]string{"plain": "clean", "stack@blue": "clean first", "stack@green": "clean first"}},
			{"a workspace is new, and the code as before", func() { lab.workspace(t, "stack", "red") },
				map[string]string{"plain": "clean", "stack@blue": "clean", "stack@green": "clean"}},
			{"the stack is initialised anew", func() { write(t, filepath.Join(lab.root, "stack", "more.tf"), "terraform {}\n") },
				map[string]string{"plain": "clean", "stack@blue": "clean fingerprint", "stack@green": "clean fingerprint", "stack@red": "clean first"}},
			{"the code is broken", func() { write(t, filepath.Join(lab.root, "stack", "more.tf"), "terraform {\n") },
				map[string]string{"plain": "clean", "stack@blue": "error fingerprint", "stack@green": "error fingerprint", "stack@red": "error fingerprint"}},
		} {
			step.then()
			if diff := cmp.Diff(step.want, checked(t, task)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", step.name, diff)
			}
		}
	})
}

// workspace makes a workspace of a stack and applies it there.
func (l *lab) workspace(t *testing.T, stack, name string) {
	t.Helper()
	l.run(t, stack, []string{"init", "-input=false"}, []string{"workspace", "new", name}, []string{"apply", "-input=false", "-auto-approve"})
}

func TestABackendWithoutWorkspacesHasOne(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, lab *lab) {
		address, _ := stateServer(t, `{"version":4,"serial":1,"lineage":"a","outputs":{},"resources":[]}`, nil)
		write(t, filepath.Join(lab.root, "stack", "main.tf"), "terraform {\n  backend \"http\" {\n    address = \""+address+"\"\n  }\n}\n")
		task := lab.open(t, map[string]cty.Value{"workspaces": listOf(allWorkspaces)})
		if diff := cmp.Diff(map[string]string{"stack": "clean"}, checked(t, task)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
