package host

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// maxKernelFile bounds what is read of one file of the kernel.
const maxKernelFile = 16 << 20

// kernelFile is a file of procfs or sysfs that is read again and again. It
// stays open, and its memory is used again.
type kernelFile struct {
	path  string
	file  *os.File // nil before the first read and after a failed one
	buf   []byte
	round uint64 // the round that content and err are of
	err   error
}

func newKernelFile(path string) *kernelFile { return &kernelFile{path: path} }

// content returns what the file says in this round. The bytes are good until
// the next round.
func (f *kernelFile) content(r *round) ([]byte, error) {
	if f.round == r.n {
		return f.buf, f.err
	}
	f.round = r.n
	f.err = f.read()
	if f.err != nil {
		// The file may belong to a device that is gone, and come back.
		f.buf = f.buf[:0]
		return nil, errors.Join(f.err, f.close())
	}
	return f.buf, nil
}

func (f *kernelFile) read() error {
	if f.file == nil {
		file, err := os.Open(f.path)
		if err != nil {
			return err
		}
		f.file = file
	}
	// The kernel makes up the content when it is read from the start, and
	// gives it out in as many reads as it likes.
	f.buf = f.buf[:0]
	for {
		f.buf = slices.Grow(f.buf, 512)
		n, err := f.file.ReadAt(f.buf[len(f.buf):cap(f.buf)], int64(len(f.buf)))
		f.buf = f.buf[:len(f.buf)+n]
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(f.buf) > maxKernelFile {
			return fmt.Errorf("%s is larger than %d bytes", f.path, maxKernelFile)
		}
	}
}

// close lets go of the open file; the next read opens it again.
func (f *kernelFile) close() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	f.file = nil
	return err
}
