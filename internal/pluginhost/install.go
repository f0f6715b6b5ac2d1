package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/driftless-hq/driftless/internal/atomicfile"
)

// Install copies a provider into a directory, at once or not at all, so that
// everyone may run it and only its owner may change it. The directory is made
// where it isn't there.
func Install(ctx context.Context, path, dir string) (Binary, error) {
	name := filepath.Base(path)
	if _, _, ok := parseName(name); !ok {
		return Binary{}, fmt.Errorf("%s can't be a provider: its name must be %s, as in %s", path, FileName("NAME", "VERSION"), FileName("acme", "1.2.0"))
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err != nil {
		return Binary{}, err
	}
	file, err := os.Open(path)
	if err != nil {
		return Binary{}, err
	}
	defer file.Close()
	target := filepath.Join(dir, name)
	if err := place(ctx, file, target); err != nil {
		return Binary{}, err
	}
	return installed(target)
}

// Copy copies a build that is locked into a directory, if it still is the one
// that was locked.
func Copy(ctx context.Context, b Binary, source, dir string) (Binary, error) {
	program, err := b.open()
	if err != nil {
		return Binary{}, err
	}
	defer program.file.Close()
	if _, err := program.file.Seek(0, io.SeekStart); err != nil {
		return Binary{}, err
	}
	b.Path = filepath.Join(dir, FileName(source, b.Version))
	return b, place(ctx, program.file, b.Path)
}

func place(ctx context.Context, file *os.File, target string) error {
	target, err := filepath.Abs(target)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return fmt.Errorf("make the directory of providers: %w", err)
	}
	meta := atomicfile.Meta{Mode: 0o755, UID: -1, GID: -1}
	if err := atomicfile.Write(ctx, target, file, atomicfile.Options{Meta: meta}); err != nil {
		return fmt.Errorf("copy %s: %w", file.Name(), err)
	}
	return nil
}

// installed reads what was installed the way it will be found.
func installed(path string) (Binary, error) {
	all := []Found{{Path: path}}
	_, all[0].Version, _ = parseName(filepath.Base(path))
	if err := trustAll(all); err != nil {
		return Binary{}, err
	}
	return all[0].Binary()
}

// InDir returns the providers in a directory, or in the one below it that is
// named after this platform.
func InDir(dir string) ([]string, error) {
	var errs []error
	for _, place := range []string{filepath.Join(dir, Platform()), dir} {
		entries, err := os.ReadDir(place)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		var paths []string
		for _, e := range entries {
			if _, _, ok := parseName(e.Name()); ok && !e.IsDir() {
				paths = append(paths, filepath.Join(place, e.Name()))
			}
		}
		if len(paths) > 0 {
			return paths, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("there is no provider in %s: the name of one is %s", dir, FileName("NAME", "VERSION")), errors.Join(errs...))
}
