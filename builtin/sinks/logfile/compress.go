package logfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Compression is how rotated files are compressed.
type Compression string

// The kinds of compression.
const (
	None Compression = "none"
	Gzip Compression = "gzip"
	Zstd Compression = "zstd"
)

func (c Compression) suffix() string {
	if c == Zstd {
		return ".zst"
	}
	return ".gz"
}

func (c Compression) writer(w io.Writer) (io.WriteCloser, error) {
	if c == Zstd {
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault))
	}
	return gzip.NewWriterLevel(w, gzip.DefaultCompression)
}

// compressFile puts the compressed form in the place of the file at path. The
// original goes only after the other is on the disk under its final name, so
// that a crash at any point leaves one of them whole.
func compressFile(ctx context.Context, path string, c Compression) error {
	source, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer source.Close() // it was only read

	target := path + c.suffix()
	if err := writeCompressed(ctx, source, target+tempSuffix, c); err != nil {
		return errors.Join(fmt.Errorf("compressing %s: %w", path, err), remove(target+tempSuffix))
	}
	if err := os.Rename(target+tempSuffix, target); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(target)); err != nil {
		return err
	}
	return remove(path)
}

// writeCompressed makes a file at path with the mode and times of source.
func writeCompressed(ctx context.Context, source *os.File, path string, c Compression) (err error) {
	info, err := source.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()

	w, err := c.writer(out)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, contextReader{ctx, source})
	if err = errors.Join(err, w.Close()); err != nil {
		return err
	}
	if err := out.Chmod(info.Mode().Perm()); err != nil {
		return err
	}
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		return err
	}
	return out.Sync()
}

// contextReader ends a long copy when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements [io.Reader].
func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
