package command_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/command"
	"github.com/driftless-hq/driftless/command/view"
	"github.com/driftless-hq/driftless/internal/testutil/vaultserver"
)

// A value from a real Vault lands in a file, and nowhere else.
func TestAValueFromVaultIsAppliedAndNotShown(t *testing.T) {
	server := vaultserver.Start(t)
	const canary = "canary-5f2d9c1e"
	root := server.Root(t)
	if _, err := root.Logical().WriteWithContext(t.Context(), "secret/data/app", map[string]any{"data": map[string]any{"password": canary}}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	t.Setenv("DRIFTLESS_SECRET_VAULT", root.Token())
	config := fmt.Sprintf(`
agent { data_dir = "%[1]s/data" }
provider "vault" {
  address = %[2]q
  auth { token = secret("VAULT") }
}
task "file" "f" {
  path    = "%[1]s/out"
  content = vault("secret/app", "password")
  mode    = "0600"
}
`, dir, root.Address())
	if err := os.Mkdir(filepath.Join(dir, "config"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "config", "main.hcl"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"validate"}, {"plan"}, {"plan", "-json"}, {"plan", "-out=" + filepath.Join(dir, "plan")}, {"apply", "-auto-approve"}, {"plan", "-detailed-exitcode"}} {
		var out bytes.Buffer
		code := command.Main(append([]string{"driftless", args[0], "-config=" + filepath.Join(dir, "config")}, args[1:]...), view.Streams{In: strings.NewReader(""), Out: &out, Err: &out})
		if code != 0 {
			t.Errorf("%v: exit code %d\n%s", args, code, out.String())
		}
		if strings.Contains(out.String(), canary) || strings.Contains(out.String(), root.Token()) {
			t.Errorf("%v shows a secret:\n%s", args, out.String())
		}
	}
	if got, err := os.ReadFile(filepath.Join(dir, "out")); err != nil || string(got) != canary {
		t.Errorf("the file holds %q, %v", got, err)
	}
	if plan, err := os.ReadFile(filepath.Join(dir, "plan")); err != nil || bytes.Contains(plan, []byte(canary)) {
		t.Errorf("the plan file holds the secret, or there is none: %v", err)
	}
}
