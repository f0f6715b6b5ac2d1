package format_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/config/format"
)

// TestTerraformAgrees has terraform look at files in this layout. It finds
// nothing to change, so an editor that runs terraform fmt does no harm.
func TestTerraformAgrees(t *testing.T) {
	terraform := terraformPath(t)
	dir := t.TempDir()
	count := 0
	err := filepath.WalkDir(filepath.FromSlash("../../website/examples"), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".hcl") {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, text := range [][]byte{src, unindented(src)} {
			out, diags := format.Source(text, path)
			if diags.HasErrors() {
				return diags
			}
			count++
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.tf", count)), out, 0o600); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if count == 0 {
		t.Fatal("there are no examples")
	}
	cmd := exec.CommandContext(t.Context(), terraform, "fmt", "-check", "-diff", dir)
	cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(dir, "none"), "CHECKPOINT_DISABLE=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("terraform would change the layout: %v\n%s", err, out)
	}
}

// unindented takes away the spaces at the beginnings of lines, unless they are
// in a heredoc.
func unindented(src []byte) []byte {
	if bytes.Contains(src, []byte("<<")) {
		return src
	}
	var out []byte
	for line := range bytes.Lines(src) {
		out = append(out, bytes.TrimLeft(line, " ")...)
	}
	return out
}

func terraformPath(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"terraform", "tofu"} {
		path, err := exec.LookPath(name)
		if err == nil {
			return path
		}
		if !errors.Is(err, exec.ErrNotFound) {
			t.Fatal(err)
		}
	}
	t.Skip("there is neither terraform nor tofu on the PATH")
	return ""
}
