package plugin

import (
	"errors"
	"io/fs"
)

// ErrUnknown says that the plan can't know yet: an earlier task will bring
// about what was asked for, in a way that only its Apply can tell.
var ErrUnknown = errors.New("known after apply")

// Host is the machine as the tasks planned so far would leave it. A task that
// is planned reads through it, and puts into it what its Apply will do.
//
// Paths are absolute. A missing file is an error that is [fs.ErrNotExist].
type Host interface {
	// Lstat describes what is at path, without following it if it is a
	// symbolic link.
	Lstat(path string) (File, error)
	// Content returns the bytes of a regular file. The caller must not
	// change them.
	Content(path string) ([]byte, error)
	// Names returns the sorted names of a directory's entries.
	Names(path string) ([]string, error)

	// Claimed reports whether a task of the configuration manages path, and
	// ClaimedBelow whether one manages anything below it, be they planned
	// already or not.
	Claimed(path string) bool
	ClaimedBelow(path string) bool

	// Put plans a file, directory or link at path. Content is for a regular
	// file; nil content with a size says that the content stays as it is. It
	// replaces what was there; below a directory that stays a directory
	// nothing changes.
	Put(path string, file File, content []byte)
	// Remove plans that nothing is at path, nor below it.
	Remove(path string)

	// UserID and GroupID resolve a name, or a number in decimal.
	UserID(name string) (int, error)
	GroupID(name string) (int, error)
	// UserName and GroupName return the number in decimal where there is no name.
	UserName(id int) string
	GroupName(id int) string
}

// File is what the host knows of one path.
type File struct {
	Type fs.FileMode // the type bits: 0 for a regular file, [fs.ModeDir], [fs.ModeSymlink], ...
	Mode uint32      // permission bits and setuid, setgid, sticky, as in chmod(2)
	UID  int
	GID  int
	Size int64
	// Target is what a symbolic link points to.
	Target string
	// Unknown says that the content is known only after apply.
	Unknown bool
	// Validate are commands that must accept a planned file before it is put
	// in place, and Backup says that the present content is kept. Edits that
	// are planned after the file inherit both.
	Validate [][]string
	Backup   bool
}

// IsRegular reports whether f is a regular file.
func (f File) IsRegular() bool { return f.Type == 0 }

// IsDir reports whether f is a directory.
func (f File) IsDir() bool { return f.Type == fs.ModeDir }

// IsSymlink reports whether f is a symbolic link.
func (f File) IsSymlink() bool { return f.Type == fs.ModeSymlink }
