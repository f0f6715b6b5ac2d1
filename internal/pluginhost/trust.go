package pluginhost

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// judge says why someone other than root and this process's user could have
// changed what is at path, nil where nobody could.
func judge(path string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("the owner of %s is not known", path)
	}
	if uid := int(stat.Uid); uid != 0 && uid != os.Geteuid() {
		return fmt.Errorf("%s belongs to the user with the number %d, who could put anything there. It must belong to root or to user %d, as which this runs", path, uid, os.Geteuid())
	}
	mode := info.Mode()
	if info.IsDir() && mode&fs.ModeSticky != 0 {
		return nil // nobody can replace there what belongs to others
	}
	switch {
	case mode&0o002 != 0:
		return fmt.Errorf("everyone may write to %s. Take that away with: chmod o-w %s", path, path)
	case mode&0o020 != 0 && stat.Gid != 0:
		return fmt.Errorf("the group with the number %d may write to %s. Take that away with: chmod g-w %s", stat.Gid, path, path)
	}
	return nil
}

// judgeAbove judges the directories that lead to a path, which has no symbolic
// links in it: who may write to one of them can put another in the place of
// what it leads to.
func judgeAbove(path string) error {
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		info, err := os.Lstat(dir)
		if err != nil {
			return err
		}
		if err := judge(dir, info); err != nil {
			return err
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}
