package logfile

import (
	"context"
	"errors"
	"io/fs"
	"os"
)

// Keep says what becomes of rotated files.
type Keep struct {
	MaxFiles    int // how many are kept; 0 keeps all
	Compression Compression
}

// Tidy brings the files that were rotated away from path into the state that
// keep asks for: the oldest beyond the limit are removed, what isn't compressed
// yet is compressed, what an interrupted compression left is removed. It can be
// run at any time but not twice at once, and goes on after an error.
func Tidy(ctx context.Context, path string, keep Keep) error {
	files, err := newNames(path).list()
	if err != nil {
		return err
	}
	var errs []error
	var left []rotated
	for _, f := range files {
		if f.temp {
			errs = append(errs, remove(f.path))
			continue
		}
		left = append(left, f)
	}
	left, err = retain(left, keep.MaxFiles)
	errs = append(errs, err)
	if keep.Compression == None {
		return errors.Join(errs...)
	}
	for _, f := range left {
		if !f.compressed {
			errs = append(errs, compressFile(ctx, f.path, keep.Compression))
		}
	}
	return errors.Join(errs...)
}

// retain removes the oldest files beyond limit and returns the others.
func retain(files []rotated, limit int) ([]rotated, error) {
	if limit == 0 || len(files) <= limit {
		return files, nil
	}
	surplus := len(files) - limit
	var errs []error
	for _, f := range files[:surplus] {
		errs = append(errs, remove(f.path))
	}
	return files[surplus:], errors.Join(errs...)
}

// remove is os.Remove for a file that someone else may have removed already.
func remove(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
