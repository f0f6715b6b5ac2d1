package secret

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/driftless-hq/driftless/internal/process"
)

// maxEnvFile bounds an env file, in bytes.
const maxEnvFile = 1 << 20

// EnvFile is a file of secrets. It is read when one is asked for, and again
// when it has changed.
type EnvFile struct {
	// Path is where the file is; empty for none.
	Path string
	// Required says that someone has named the file, so that it must be there.
	Required bool
	// ConfigDir is the directory of the configuration. Secrets don't belong
	// there, where they would be committed with it.
	ConfigDir string

	mu     sync.Mutex
	read   os.FileInfo // of the file that values are from; nil for none
	values map[string]string
}

// load returns the values. A file that isn't there has none, unless it is
// required.
func (f *EnvFile) load() (map[string]string, error) {
	if f == nil || f.Path == "" {
		return nil, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	file, err := openPlain(f.Path)
	if errors.Is(err, fs.ErrNotExist) && !f.Required {
		f.read, f.values = nil, nil
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the env file: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the env file: %w", err)
	}
	if err := f.check(info); err != nil {
		return nil, err
	}
	if f.read != nil && os.SameFile(f.read, info) && f.read.ModTime().Equal(info.ModTime()) && f.read.Size() == info.Size() {
		return f.values, nil
	}
	values, err := readEnv(file)
	if err != nil {
		return nil, fmt.Errorf("read the env file %s: %w", f.Path, err)
	}
	f.read, f.values = info, values
	return values, nil
}

func readEnv(file io.Reader) (map[string]string, error) {
	text, err := io.ReadAll(io.LimitReader(file, maxEnvFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxEnvFile {
		return nil, fmt.Errorf("it is larger than 1 MiB")
	}
	return parseEnv(string(text))
}

// check refuses a file that others can read, or that others wrote. The error
// ends with the command that cures it.
func (f *EnvFile) check(info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("the env file %s is not a regular file; make it one: it is read as a whole, and again when it has changed", f.Path)
	}
	if err := f.checkPlace(); err != nil {
		return err
	}
	if err := checkOwner(f.Path, info); err != nil {
		return err
	}
	if mode := info.Mode().Perm(); canShare && mode&0o077 != 0 {
		return fmt.Errorf("the env file %s has mode %04o, so others can get at the secrets in it; make it private: %s",
			f.Path, mode, process.FormatArgs([]string{"chmod", "600", f.Path}))
	}
	return nil
}

func (f *EnvFile) checkPlace() error {
	if f.ConfigDir == "" {
		return nil
	}
	dir, err := filepath.EvalSymlinks(f.ConfigDir)
	if err != nil {
		return fmt.Errorf("find the configuration directory, in which the env file must not be: %w", err)
	}
	path, err := filepath.EvalSymlinks(f.Path)
	if err != nil {
		return fmt.Errorf("find the env file: %w", err)
	}
	dir, path, err = absolute(dir, path)
	if err != nil {
		return fmt.Errorf("find the env file: %w", err)
	}
	below, err := filepath.Rel(dir, path)
	if err != nil || !filepath.IsLocal(below) {
		return nil // on another volume, or above
	}
	return fmt.Errorf("the env file %s is in the configuration directory, where it would be committed with the configuration; move it out, and name its new place with -env-file: %s",
		f.Path, process.FormatArgs([]string{"mv", path, dir + ".env"}))
}

func absolute(a, b string) (string, string, error) {
	a, errA := filepath.Abs(a)
	b, errB := filepath.Abs(b)
	return a, b, errors.Join(errA, errB)
}
