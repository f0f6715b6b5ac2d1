package facts

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hashicorp/go-hclog"
)

// maxFile is the most that is read of one file, in bytes.
const maxFile = 64 << 20

// files reads what facts are made of. A file that is missing, empty or not
// readable is an absent fact, so its methods return no errors: they log them.
type files struct {
	root, proc, sys string
	log             hclog.Logger
}

func (f files) inRoot(path string) string { return filepath.Join(f.root, path) }
func (f files) inProc(path string) string { return filepath.Join(f.proc, path) }
func (f files) inSys(path string) string  { return filepath.Join(f.sys, path) }

// read returns the content of a file, nil if there is none.
func (f files) read(path string) []byte {
	content, err := readFile(path, maxFile)
	f.absent(path, err)
	return content
}

// absent logs why a fact can't be learnt, unless there is simply nothing.
func (f files) absent(path string, err error) {
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.log.Debug("A fact is absent, because a file can't be read", "path", path, "error", err)
	}
}

func readFile(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("%s holds more than %d bytes", path, limit)
	}
	return content, nil
}

// text returns a file's content without white space around it, nil if nothing
// is left.
func (f files) text(path string) *string { return present(string(f.read(path))) }

// number returns the whole number that a file holds.
func (f files) number(path string) *int64 {
	text := f.text(path)
	if text == nil {
		return nil
	}
	n, err := strconv.ParseInt(*text, 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// flag returns the 0 or 1 that a file holds.
func (f files) flag(path string) *bool {
	n := f.number(path)
	if n == nil {
		return nil
	}
	return new(*n != 0)
}

// link returns the target of a symbolic link, empty if there is none.
func (f files) link(path string) string {
	target, err := os.Readlink(path)
	f.absent(path, err)
	return target
}

// names returns the sorted names in a directory.
func (f files) names(dir string) []string {
	entries, err := os.ReadDir(dir)
	f.absent(dir, err)
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// present returns s as valid UTF-8 without white space and zero bytes around
// it, nil if nothing is left.
func present(s string) *string {
	s = strings.Trim(s, " \t\r\n\x00")
	if s == "" {
		return nil
	}
	return new(valid(s))
}

// valid makes text of the kernel's bytes.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// first returns the first that is present.
func first[T any](candidates ...*T) *T {
	for _, c := range candidates {
		if c != nil {
			return c
		}
	}
	return nil
}

// deref returns what p points to, empty if it is nil.
func deref(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
