package vaultserver

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Build compiles Vault into the user's cache directory, unless it is there
// already, and returns the program's path. It needs about ten minutes of a
// processor, and the modules of tools/vault.
func Build() (string, error) {
	source, err := sourceDir()
	if err != nil {
		return "", err
	}
	program, err := programPath(source)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		return "", err
	}
	lock, err := os.Create(filepath.Join(filepath.Dir(program), "lock"))
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return "", fmt.Errorf("wait for another build of Vault: %w", err)
	}
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	unfinished := program + ".new"
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-tags=minimal", "-ldflags=-s -w", "-o", unfinished, ".")
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build Vault: %w\n%s", err, out)
	}
	return program, os.Rename(unfinished, program)
}

// programPath is where the program is, once it is built of this source by
// this version of Go.
func programPath(source string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.Version())
	for _, name := range []string{"go.mod", "go.sum", "main.go"} {
		data, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(data), data)
	}
	return filepath.Join(cache, "driftless-test", "vault", hex.EncodeToString(sum.Sum(nil)[:10])), nil
}

func sourceDir() (string, error) {
	mod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	return filepath.Join(filepath.Dir(strings.TrimSpace(string(mod))), "tools", "vault"), nil
}
