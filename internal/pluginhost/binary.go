package pluginhost

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
)

// Binary is one build of a provider.
type Binary struct {
	Path    string
	Version string
	Hash    string // of its content, as in "sha256:9f86..."
}

// Platform names the kind of machine that this process runs on, as in
// "linux_amd64".
func Platform() string { return runtime.GOOS + "_" + runtime.GOARCH }

// Binary reads an executable that was found.
func (f Found) Binary() (Binary, error) {
	file, _, err := openExecutable(f.Path)
	if err != nil {
		return Binary{}, err
	}
	defer file.Close()
	sum, err := hashOf(file)
	return Binary{Path: f.Path, Version: f.Version, Hash: sum}, err
}

// openExecutable opens a file that may be run, and that none but root and this
// process's user could have changed.
func openExecutable(path string) (*os.File, fs.FileInfo, error) {
	info, err := os.Stat(path) // before it is opened: a named pipe would block
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err != nil {
		return nil, nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	info, err = file.Stat()
	if err == nil {
		err = judge(path, info)
	}
	if err == nil && info.Mode()&0o111 == 0 {
		err = fmt.Errorf("%s is not executable. Make it so with: chmod +x %s", path, path)
	}
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return file, info, nil
}

func hashOf(file *os.File) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", fmt.Errorf("read %s: %w", file.Name(), err)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}

// checked is an executable that was opened once: what was checked is what is
// run, whatever happens to its name in between.
type checked struct {
	file *os.File
	info fs.FileInfo
}

// open opens the executable and compares it with what it has to be.
func (b Binary) open() (*checked, error) {
	file, info, err := openExecutable(b.Path)
	if err != nil {
		return nil, err
	}
	sum, err := hashOf(file)
	if err == nil && sum != b.Hash {
		err = fmt.Errorf("the file is not the one that was checked: its hash is %s, and should be %s. If it was replaced on purpose, run: driftless providers lock", sum, b.Hash)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return &checked{file, info}, nil
}

// unchanged says so when the file was written to since it was opened. Its owner
// can do that until it runs: the kernel doesn't let anyone write to a program
// that runs.
func (c *checked) unchanged() error {
	now, err := c.file.Stat()
	if err != nil {
		return err
	}
	if now.Size() != c.info.Size() || !now.ModTime().Equal(c.info.ModTime()) {
		return fmt.Errorf("%s was written to while it was started", c.file.Name())
	}
	return nil
}
