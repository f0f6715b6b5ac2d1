//go:build unix

package terraform

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// isGuarded reports whether nobody but root and the user of this process can
// put something else in the place of what is in a directory: it belongs to one
// of them, as do all above it, and others may not write there, or not touch what
// is not theirs. The path must be absolute and without symbolic links.
func isGuarded(dir string) bool {
	for {
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() {
			return false
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok || stat.Uid != 0 && int(stat.Uid) != os.Geteuid() {
			return false
		}
		if info.Mode().Perm()&0o022 != 0 && info.Mode()&fs.ModeSticky == 0 {
			return false
		}
		above := filepath.Dir(dir)
		if above == dir {
			return true
		}
		dir = above
	}
}
