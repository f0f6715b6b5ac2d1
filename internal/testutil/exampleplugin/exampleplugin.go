// Package exampleplugin builds the example of a provider, plugin/example, for
// tests that use it the way a configuration does: as an executable.
package exampleplugin

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Name is the name of the executable.
const Name = "driftless-plugin-notes_v1.0.0"

// Build builds the example into a directory and returns the path of the
// executable. Root is the root of this repository.
func Build(ctx context.Context, root, dir string) (string, error) {
	path := filepath.Join(dir, Name)
	err := Go(ctx, filepath.Join(root, "plugin", "example"), "build", "-o", path, ".")
	return path, err
}

// Go runs the go command in the directory of a module, with what is on this
// machine already.
func Go(ctx context.Context, dir string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOSUMDB=off", "GOWORK=off", "GOTOOLCHAIN=local")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %q in %s: %w\n%s", args, dir, err, out)
	}
	return nil
}
