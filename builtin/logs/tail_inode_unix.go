//go:build unix

package logs

import (
	"io/fs"
	"syscall"
)

// inode names a file on this machine while it exists. It is only a hint:
// numbers are reused, and a truncated file keeps its own. The zero inode
// stands for none.
type inode struct {
	Device, Number uint64
}

func inodeOf(_ string, info fs.FileInfo) inode {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return inode{}
	}
	return inode{uint64(stat.Dev), uint64(stat.Ino)}
}

// isUnlinked reports whether no directory holds the file any more.
func isUnlinked(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink == 0
}
