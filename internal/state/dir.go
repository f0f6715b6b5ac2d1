// Package state keeps what must survive a restart: the positions of sources,
// the records of tasks, and the lock that lets one run at a time change the
// host.
package state

import (
	"fmt"
	"os"
	"path/filepath"
)

// DefaultDir is where state is kept when the configuration doesn't say:
// /var/lib/driftless for root, else below the user's data directory.
func DefaultDir() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/driftless", nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "driftless"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the data directory: %w; set data_dir in the agent block", err)
	}
	return filepath.Join(home, ".local", "share", "driftless"), nil
}

// MakeDir makes the data directory, which only its owner may read.
func MakeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w; set data_dir in the agent block", err)
	}
	return nil
}
