package logfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Mark says up to where a file is not ours: whatever lies beyond was appended
// by us since it was opened.
type Mark struct {
	Path  string `json:"path"`
	Inode uint64 `json:"inode"`
	Size  int64  `json:"size"` // bytes
}

// Repair cuts off the half line that a process which died while it appended
// has left, and returns how many bytes that were. It never cuts below the
// mark, and leaves a file alone that is not the one that was marked.
func Repair(m Mark) (cut int64, err error) {
	file, err := os.OpenFile(m.Path, os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ELOOP) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()

	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() || inode(info) != m.Inode || info.Size() <= m.Size {
		return 0, nil
	}
	end, err := lineEnd(file, m.Size, info.Size())
	if err != nil || end == info.Size() {
		return 0, err
	}
	return info.Size() - end, file.Truncate(end)
}

// lineEnd returns the position behind the last newline between from and to,
// from where there is none.
func lineEnd(file *os.File, from, to int64) (int64, error) {
	buf := make([]byte, 64<<10)
	for to > from {
		chunk := buf[:min(int64(len(buf)), to-from)]
		at := to - int64(len(chunk))
		if _, err := file.ReadAt(chunk, at); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(chunk, '\n'); i >= 0 {
			return at + int64(i) + 1, nil
		}
		to = at
	}
	return from, nil
}
