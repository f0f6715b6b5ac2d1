package terraform

import (
	"os"
	"os/exec"
	"testing"

	"github.com/driftless-hq/driftless/internal/testutil/gotool"
)

// command is one of the two that the task works with.
type command struct {
	name string
	find func(t testing.TB) (path string)
}

func commands() []command {
	return []command{
		{"terraform", findTerraform},
		{"tofu", func(t testing.TB) string { return gotool.Need(t, gotool.Tofu()) }},
	}
}

func findTerraform(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("terraform")
	if err == nil {
		return path
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("terraform is needed: %v", err)
	}
	t.Skipf("terraform is not installed: %v", err)
	return ""
}

// withEach runs a test with a lab of each command.
func withEach(t *testing.T, test func(t *testing.T, lab *lab)) {
	t.Helper()
	for _, command := range commands() {
		t.Run(command.name, func(t *testing.T) {
			t.Parallel()
			test(t, newLabOf(t, command))
		})
	}
}
