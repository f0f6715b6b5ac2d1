package logs

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// place is a path at which a regular file was found.
type place struct {
	path    string
	info    fs.FileInfo
	inode   inode
	pattern string // the first that matches
}

// globs finds the files that patterns stand for.
type globs struct {
	patterns []string // absolute
	exclude  []string
}

// finding is what one look at the file system brought.
type finding struct {
	places []place // one for each file, sorted by path
	// dirs are the directories that were looked into, with the error of
	// those that could not be.
	dirs map[string]error
}

// find looks for all files. Two paths of one file count as one place.
func (g *globs) find() finding {
	found := finding{dirs: map[string]error{}}
	matched := map[string]string{}
	for _, pattern := range g.patterns {
		g.walk(pattern, found.dirs, func(path string) {
			if _, ok := matched[path]; !ok && !g.excludes(path) {
				matched[path] = pattern
			}
		})
	}
	found.places = make([]place, 0, len(matched))
	for path, pattern := range matched {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue // it went away since, or is no file: the next look will tell
		}
		found.places = append(found.places, place{path, info, inodeOf(path, info), pattern})
	}
	slices.SortFunc(found.places, func(a, b place) int { return strings.Compare(a.path, b.path) })
	seen := make(map[inode]bool, len(found.places))
	found.places = slices.DeleteFunc(found.places, func(p place) bool {
		again := seen[p.inode]
		seen[p.inode] = true
		return again
	})
	return found
}

func (g *globs) walk(pattern string, dirs map[string]error, match func(path string)) {
	base, rest := doublestar.SplitPattern(filepath.ToSlash(pattern))
	var options []doublestar.GlobOption
	if strings.Contains(rest, "**") {
		// A link to a directory above would be followed for ever.
		options = append(options, doublestar.WithNoFollow())
	}
	look := &lookFS{base: base, dirs: dirs}
	err := doublestar.GlobWalk(look, rest, func(name string, _ fs.DirEntry) error {
		match(look.full(name))
		return nil
	}, options...)
	if err != nil {
		dirs[base] = err
	}
}

// excludes reports whether a path is left out. A pattern without a slash is
// about the file's name, any other about the whole path.
func (g *globs) excludes(file string) bool {
	return slices.ContainsFunc(g.exclude, func(pattern string) bool {
		if !strings.ContainsRune(pattern, '/') {
			return doublestar.MatchUnvalidated(pattern, filepath.Base(file))
		}
		return doublestar.PathMatchUnvalidated(pattern, file)
	})
}

// lookFS is a directory of the machine that notes where a glob looked.
type lookFS struct {
	base string
	dirs map[string]error
}

var (
	_ fs.ReadDirFS = (*lookFS)(nil)
	_ fs.StatFS    = (*lookFS)(nil)
)

func (l *lookFS) full(name string) string {
	return filepath.FromSlash(path.Join(l.base, name))
}

func (l *lookFS) note(dir string, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		return // not yet there is no fault
	}
	if err != nil || l.dirs[dir] == nil {
		l.dirs[dir] = err
	}
}

// Open implements [fs.FS].
func (l *lookFS) Open(name string) (fs.File, error) { return os.Open(l.full(name)) }

// ReadDir implements [fs.ReadDirFS].
func (l *lookFS) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := os.ReadDir(l.full(name))
	l.note(l.full(name), err)
	return entries, err
}

// Stat implements [fs.StatFS].
func (l *lookFS) Stat(name string) (fs.FileInfo, error) {
	info, err := os.Stat(l.full(name))
	l.note(filepath.Dir(l.full(name)), err)
	return info, err
}
