// Package atomicfile changes files so that a reader, a crash or an attacker
// with a symbolic link sees the old file or the new one, never a mixture and
// never another file. Work on more than one entry of a directory goes through
// a [Dir], which holds the directory open.
//
//	err := atomicfile.Write(ctx, "/etc/motd", strings.NewReader("hello\n"),
//		atomicfile.Options{Meta: atomicfile.Meta{Mode: 0o644, UID: -1, GID: -1}})
package atomicfile

import (
	"context"
	"io"
	"path/filepath"
)

// Meta is who a file belongs to and who may use it.
type Meta struct {
	Mode uint32 // as in chmod(2), whatever the umask
	UID  int    // -1 keeps the present one
	GID  int    // -1 keeps the present one
}

// Options says how a file is put in place.
type Options struct {
	Meta
	// Validate are commands that must accept the new file before it takes
	// the old one's place. In their arguments {{path}} is the new file.
	Validate [][]string
	// ReplaceSymlink allows the new file to replace a symbolic link.
	// Otherwise a link at the path is an error.
	ReplaceSymlink bool
}

// Write replaces the file at path by one that holds all of content, or makes
// it. Extended attributes, access control lists and the security label of the
// old file are kept, but for those that speak of its old content. Path must be
// absolute, and its directory must exist.
func Write(ctx context.Context, path string, content io.Reader, opt Options) error {
	dir, err := OpenDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }() // a directory has nothing left to write
	return dir.Write(ctx, filepath.Base(path), content, opt)
}
