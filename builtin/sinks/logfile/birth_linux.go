package logfile

import (
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// birth returns when a file was made. A file system that doesn't keep that
// makes do with the last change, so that such a file is rotated late rather
// than at every start.
func birth(file *os.File, info fs.FileInfo) time.Time {
	var stat unix.Statx_t
	err := unix.Statx(int(file.Fd()), "", unix.AT_EMPTY_PATH, unix.STATX_BTIME, &stat)
	if err != nil || stat.Mask&unix.STATX_BTIME == 0 {
		return info.ModTime()
	}
	return time.Unix(stat.Btime.Sec, int64(stat.Btime.Nsec))
}
