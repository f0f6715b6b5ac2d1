package terraform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

// spy is a command that finds nothing, and notes how it was called.
const spy = `#!/bin/sh
notes=$(dirname "$0")
echo "$TMPDIR" >"$notes/temp"
for argument; do
	echo "$argument" >>"$notes/arguments"
	case "$argument" in
	-var-file=* | -backend-config=*)
		file=${argument#*=}
		echo "$(stat -c %a "$file") $(stat -c %a "$(dirname "$file")") $(cat "$file")" >>"$notes/files"
		;;
	esac
done
mkdir -p "$TF_DATA_DIR"
`

func TestSecretsAreHandedOverInPrivateFiles(t *testing.T) {
	t.Parallel()
	bin, root := t.TempDir(), t.TempDir()
	write(t, filepath.Join(bin, "terraform"), spy)
	if err := os.Chmod(filepath.Join(bin, "terraform"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "stack", "main.tf"), "terraform {}\n")
	one := func(name, value string) cty.Value {
		return cty.MapVal(map[string]cty.Value{name: cty.StringVal(value)})
	}
	task := openTask(t, os.Environ(), map[string]cty.Value{
		"path": cty.StringVal(root), "binary": cty.StringVal(filepath.Join(bin, "terraform")),
		"variables":        cty.ObjectVal(map[string]cty.Value{"size": cty.NumberIntVal(2)}),
		"secret_variables": one("token", `canary "5f0c"`), "backend_config": one("password", "canary ${7d1e}"),
	})
	plan(t, task)
	notes := func(name string) string {
		text, err := os.ReadFile(filepath.Join(bin, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if strings.Contains(notes("arguments"), "canary") {
		t.Errorf("a secret is in the arguments:\n%s", notes("arguments"))
	}
	variables := "600 700 {\"size\":2,\"token\":\"canary \\\"5f0c\\\"\"}\n"
	want := "600 700 password = \"canary $${7d1e}\"\n" + variables + variables // for init and plan
	if diff := cmp.Diff(want, notes("files")); diff != "" {
		t.Errorf("modes and files (-want +got):\n%s", diff)
	}
	if _, err := os.Stat(strings.TrimSpace(notes("temp"))); !os.IsNotExist(err) {
		t.Errorf("the files of the run are left: %v", err)
	}
	for name, content := range filesBelow(t, task.dir) {
		if strings.Contains(content, "canary") {
			t.Errorf("a secret is left in %s", name)
		}
	}

	if err := os.Remove(filepath.Join(bin, "arguments")); err != nil {
		t.Fatal(err)
	}
	plan(t, task)
	if commands := strings.Count(notes("arguments"), "-no-color"); commands != 1 {
		t.Errorf("a check of a stack that is as it was takes %d commands, want 1:\n%s", commands, notes("arguments"))
	}
}
