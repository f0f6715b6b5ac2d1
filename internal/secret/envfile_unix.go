//go:build unix

package secret

import (
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"syscall"

	"github.com/driftless-hq/driftless/internal/process"
)

// canShare says that the mode of a file tells who can read it.
const canShare = true

// openPlain opens a file to read it. It doesn't wait for the writer of a
// pipe, which is refused later on.
func openPlain(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// checkOwner refuses a file of another user, who could put their own values
// into it. Root could do that anyway.
func checkOwner(path string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("find out who owns the env file %s: the file system doesn't say", path)
	}
	if owner := int(stat.Uid); owner != 0 && owner != os.Geteuid() {
		return fmt.Errorf("the env file %s belongs to the user with id %d, who could change the secrets; make it yours: %s",
			path, owner, process.FormatArgs([]string{"chown", strconv.Itoa(os.Geteuid()), path}))
	}
	return nil
}
