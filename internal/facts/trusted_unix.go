//go:build unix

package facts

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// trusted returns why a file must not be believed: someone other than root and
// this process's user could have written it.
func trusted(info fs.FileInfo) error {
	if info.Mode()&0o002 != 0 {
		return errors.New("everyone may write to it: remove that permission with chmod o-w")
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return errors.New("its owner is not known")
	}
	if uid := int(stat.Uid); uid != 0 && uid != os.Geteuid() {
		return fmt.Errorf("it belongs to the user with the number %d: it must belong to root or to user %d, as which this runs", uid, os.Geteuid())
	}
	return nil
}
