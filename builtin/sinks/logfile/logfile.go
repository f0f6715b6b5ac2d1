// Package logfile keeps an append-only file of lines: whole appends or none,
// rotation, compression and retention, and repair of what a crash left behind.
// It knows nothing of events.
//
//	f, err := logfile.Open("/var/log/app.log", logfile.Options{Mode: 0o640, MaxSize: 10 << 20, Now: time.Now})
//	if f.Full(len(lines)) {
//		err = f.Rotate() // and open anew
//	}
//	start, err := f.Append(lines)
//
// One writer per path is assumed: an append that fails is taken back by
// cutting the file to its length before.
package logfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Options say how a file is written and when it is full.
type Options struct {
	Mode    fs.FileMode   // permission bits of a file that is made
	Sync    bool          // fsync before Append returns
	MaxSize int64         // bytes after which the file is full; 0 is no limit
	MaxAge  time.Duration // time after which the file is full; 0 is no limit
	Now     func() time.Time
}

// File is one open file. It stays with its inode: when the path names another
// one, [File.Moved] says so and the caller opens the path again.
type File struct {
	path string
	opts Options
	file *os.File
	info fs.FileInfo // identity, as it was when opened

	size         int64 // bytes that are whole appends
	torn         bool  // the file may hold bytes beyond size
	unterminated bool  // what was there before doesn't end with a newline
	began        time.Time
	looked       time.Time // when the path was last compared with the inode
}

// lookInterval is how often a path is compared with the file that is open.
const lookInterval = time.Second

// Open opens path for appending, and makes it and its directories where they
// are missing. It refuses whatever is not a regular file, symbolic links among
// them, for neither can be rotated.
func Open(path string, opts Options) (*File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, err
	}
	file, made, err := openAppend(path, opts.Mode)
	if err != nil {
		return nil, err
	}
	f := &File{path: path, opts: opts, file: file, looked: opts.Now()}
	if err := f.inspect(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if made && opts.Sync {
		if err := syncDir(filepath.Dir(path)); err != nil {
			return nil, errors.Join(err, file.Close())
		}
	}
	return f, nil
}

// openAppend tells a file that it made from one that was there, because only
// the mode of the former is ours to set.
func openAppend(path string, mode fs.FileMode) (file *os.File, made bool, err error) {
	const flags = os.O_RDWR | os.O_APPEND | syscall.O_NOFOLLOW | syscall.O_NONBLOCK
	file, err = os.OpenFile(path, flags|os.O_CREATE|os.O_EXCL, mode)
	switch {
	case err == nil:
		if err := file.Chmod(mode); err != nil {
			return nil, false, errors.Join(err, file.Close())
		}
		return file, true, nil
	case !errors.Is(err, fs.ErrExist):
		return nil, false, err
	}
	file, err = os.OpenFile(path, flags, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, false, fmt.Errorf("%s is a symbolic link: give the path of the file itself", path)
	}
	return file, false, err
}

// inspect learns what is in the file already.
func (f *File) inspect() error {
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file: only those can be appended to and rotated", f.path)
	}
	f.info, f.size = info, info.Size()
	f.began = birth(f.file, info)
	if f.size == 0 {
		return nil
	}
	var last [1]byte
	if _, err := f.file.ReadAt(last[:], f.size-1); err != nil {
		return err
	}
	f.unterminated = last[0] != '\n'
	return nil
}

// Mark returns what [Repair] needs to know should the process die from here on.
func (f *File) Mark() Mark {
	return Mark{Path: f.path, Inode: inode(f.info), Size: f.size}
}

// Append writes all of lines, which end with a newline, in one write, and
// returns the offset at which they begin. When it returns an error the file
// is as it was before.
func (f *File) Append(lines []byte) (start int64, err error) {
	if err := f.mend(); err != nil {
		return 0, err
	}
	if f.unterminated {
		if err := f.write([]byte{'\n'}); err != nil {
			return 0, err
		}
		f.unterminated = false
	}
	start = f.size
	return start, f.write(lines)
}

func (f *File) write(p []byte) error {
	f.torn = true
	_, err := f.file.Write(p)
	if err == nil && f.opts.Sync {
		err = f.file.Sync()
	}
	if err != nil {
		return errors.Join(err, f.mend())
	}
	f.torn = false
	f.size += int64(len(p))
	return nil
}

// mend cuts off what an append that failed has left. Where even that fails it
// is tried again before the next append.
func (f *File) mend() error {
	if !f.torn {
		return nil
	}
	if err := f.file.Truncate(f.size); err != nil {
		return fmt.Errorf("taking back a part of an append: %w", err)
	}
	f.torn = false
	return nil
}

// Undo takes back the last append, which lies between start and end. It fails
// where others have written since.
func (f *File) Undo(start, end int64) error {
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	if f.torn || info.Size() != end {
		return fmt.Errorf("%s was changed by someone else, so an append that must be repeated stays in it", f.path)
	}
	f.size, f.torn = start, true
	return f.mend()
}

// Moved reports whether the path names another file by now, or none, because
// someone renamed or removed it. It looks once a second at most. It also
// notices when others have cut the file in place, or written to it.
func (f *File) Moved() (bool, error) {
	now := f.opts.Now()
	if since := now.Sub(f.looked); since >= 0 && since < lookInterval {
		return false, nil
	}
	f.looked = now
	info, err := os.Lstat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, nil
	case err != nil:
		return false, err
	case !os.SameFile(info, f.info):
		return true, nil
	}
	if !f.torn {
		f.size = info.Size()
	}
	return false, nil
}

// Full reports whether n more bytes are due in a new file. An empty file is
// never full.
func (f *File) Full(n int) bool {
	if f.size == 0 {
		return false
	}
	tooBig := f.opts.MaxSize > 0 && f.size+int64(n) > f.opts.MaxSize
	tooOld := f.opts.MaxAge > 0 && f.opts.Now().Sub(f.began) >= f.opts.MaxAge
	return tooBig || tooOld
}

// Rotate renames the file to a name with the present time in it. The file is
// then only good to be closed.
func (f *File) Rotate() error {
	if err := f.mend(); err != nil {
		return err
	}
	target, err := newNames(f.path).free(f.opts.Now())
	if err != nil {
		return err
	}
	if err := os.Rename(f.path, target); err != nil {
		return err
	}
	if f.opts.Sync {
		return syncDir(filepath.Dir(f.path))
	}
	return nil
}

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }

// syncDir makes names in a directory durable.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// inode identifies a file for as long as it exists.
func inode(info fs.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Ino
	}
	return 0
}

var _ io.Closer = (*File)(nil)
