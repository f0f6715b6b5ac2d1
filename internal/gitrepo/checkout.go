package gitrepo

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
)

// manifest lists the files that Checkout wrote, so that it never removes any
// other. It is written before the files change, too: those that are about to
// be written have no hash in it, and are written again after a crash.
type manifest struct {
	Commit     string
	Described  Commit // the same, where it was fetched by then
	Submodules bool   // whether theirs are among the files
	Files      map[string]writtenFile
}

type writtenFile struct {
	Hash    plumbing.Hash
	Mode    filemode.FileMode
	Size    int64
	ModTime int64 // nanoseconds
}

func (f writtenFile) isAsWritten(info fs.FileInfo) bool {
	return f.Size == info.Size() && f.ModTime == info.ModTime().UnixNano()
}

// Checkout shows the files of a commit that Fetch returned, and returns their
// directory. It is the same for every commit, because tools keep absolute
// paths. Files that were changed there are restored; others, such as those a
// tool left behind, stay. The directory is returned also with an error. While
// someone holds the checkout (see [Hold]) it is not moved to another commit:
// the error is then [ErrBusy].
func (r *Repo) Checkout(ctx context.Context, commit string) (string, error) {
	err := r.do(ctx, func() error { return r.checkout(ctx, plumbing.NewHash(commit)) })
	if err != nil {
		err = fmt.Errorf("check out the commit %s of %s: %w", commit, r.url, err)
	}
	return r.treeDir(), err
}

func (r *Repo) checkout(ctx context.Context, hash plumbing.Hash) error {
	if r.isIntact(hash) {
		return nil
	}
	mirror := r.openMirror()
	if mirror == nil {
		return ErrCorrupt
	}
	files, err := r.filesOf(mirror.Repository, hash)
	if err != nil && !errors.Is(err, errRefused) {
		r.setSuspect(true)
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if err != nil {
		return err
	}
	lock, err := lockFile(r.treeDir()+".lock", exclusive)
	if err != nil {
		return err
	}
	defer lock.Close()
	w, err := r.openTree()
	if err != nil {
		return err
	}
	defer w.root.Close()
	err = w.change(ctx, manifest{Commit: hash.String(), Described: r.described(hash), Submodules: r.opts.Submodules}, files)
	if errors.Is(err, ErrCorrupt) {
		r.setSuspect(true)
	}
	return err
}

// filesOf returns the files of a commit, and where they were asked for those of
// its submodules, which must be there.
func (r *Repo) filesOf(mirror *git.Repository, hash plumbing.Hash) (map[string]treeFile, error) {
	l, err := r.listWhole(mirror, hash)
	if err != nil {
		return nil, err
	}
	return l.files, r.checkPaths(l)
}

// isIntact reports whether the checkout is at the commit and as it was written,
// which takes no look into the mirror.
func (r *Repo) isIntact(hash plumbing.Hash) bool {
	written, err := readManifest(r.manifestPath())
	if err != nil || written.Commit != hash.String() || written.Submodules != r.opts.Submodules {
		return false
	}
	root, err := os.OpenRoot(r.treeDir())
	if err != nil {
		return false
	}
	defer root.Close()
	for name, file := range written.Files {
		if info, err := root.Lstat(name); err != nil || !file.isAsWritten(info) {
			return false
		}
	}
	return true
}

// described returns the commit with a hash as Fetch returned it last, empty where
// that was another.
func (r *Repo) described(hash plumbing.Hash) Commit {
	if last, _, _ := r.Last(); last.Hash == hash.String() {
		return last
	}
	return Commit{}
}

func (r *Repo) treeDir() string      { return filepath.Join(r.dir, "tree") }
func (r *Repo) manifestPath() string { return filepath.Join(r.dir, "tree.json") }

func readManifest(name string) (manifest, error) {
	var m manifest
	data, err := os.ReadFile(name)
	if err != nil {
		return m, err
	}
	err = json.Unmarshal(data, &m)
	return m, err
}

// openTree opens the checkout. One without a manifest is of no known commit,
// so it is begun anew.
func (r *Repo) openTree() (*treeWriter, error) {
	written, err := readManifest(r.manifestPath())
	if err != nil {
		if err := os.RemoveAll(r.treeDir()); err != nil {
			return nil, err
		}
		written = manifest{}
	}
	if err := os.MkdirAll(r.treeDir(), 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(r.treeDir())
	if err != nil {
		return nil, err
	}
	return &treeWriter{root: root, written: written, manifest: r.manifestPath()}, nil
}

// treeWriter changes the checkout in place. All its paths go through root, so
// that not even a link made meanwhile leads it elsewhere.
type treeWriter struct {
	root     *os.Root
	written  manifest
	manifest string
}

// change makes the checkout hold the files, and notes that it is at a commit.
func (w *treeWriter) change(ctx context.Context, at manifest, files map[string]treeFile) error {
	outdated := w.outdated(files)
	var gone []string
	for name := range w.written.Files {
		if _, stays := files[name]; !stays {
			gone = append(gone, name)
		}
	}
	next := manifest{Files: maps.Clone(w.written.Files)}
	if next.Files == nil {
		next.Files = make(map[string]writtenFile, len(files))
	}
	for _, name := range outdated {
		next.Files[name] = writtenFile{}
	}
	if err := writeJSON(w.manifest, next); err != nil {
		return err
	}
	for _, name := range gone {
		if err := w.remove(name); err != nil {
			return err
		}
		delete(next.Files, name)
	}
	for _, name := range outdated {
		if err := ctx.Err(); err != nil {
			return err
		}
		file, err := w.write(name, files[name])
		if err != nil {
			return err
		}
		next.Files[name] = file
	}
	at.Files = next.Files
	return writeJSON(w.manifest, at)
}

// outdated returns the sorted names of the files that are not as they should be.
func (w *treeWriter) outdated(files map[string]treeFile) []string {
	var names []string
	for name, want := range files {
		have := w.written.Files[name]
		info, err := w.root.Lstat(name)
		if err != nil || have.Hash != want.Hash || have.Mode != want.Mode ||
			!have.isAsWritten(info) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// remove removes a file and the directories that this leaves empty. Of a file
// that was not written to its end there can be a part of it, too.
func (w *treeWriter) remove(name string) error {
	for _, gone := range []string{name, tempFor(name)} {
		if err := w.root.Remove(gone); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if w.root.Remove(dir) != nil {
			break
		}
	}
	return nil
}

func (w *treeWriter) write(name string, file treeFile) (writtenFile, error) {
	if err := w.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return writtenFile{}, err
	}
	temp := tempFor(name)
	if err := w.root.RemoveAll(temp); err != nil {
		return writtenFile{}, err
	}
	if err := w.writeTemp(temp, file); err != nil {
		return writtenFile{}, errors.Join(err, w.root.RemoveAll(temp))
	}
	if info, err := w.root.Lstat(name); err == nil && info.IsDir() {
		// What lies in a directory that became a file is a tool's leftover.
		if err := w.root.RemoveAll(name); err != nil {
			return writtenFile{}, err
		}
	}
	if err := w.root.Rename(temp, name); err != nil {
		return writtenFile{}, err
	}
	info, err := w.root.Lstat(name)
	if err != nil {
		return writtenFile{}, err
	}
	return writtenFile{file.Hash, file.Mode, info.Size(), info.ModTime().UnixNano()}, nil
}

// tempFor is where a file is written before it is put in place.
func tempFor(name string) string { return path.Join(path.Dir(name), ".driftless.tmp") }

func (w *treeWriter) writeTemp(temp string, file treeFile) error {
	blob, err := file.from.BlobObject(file.Hash)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	content, err := blob.Reader()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	defer content.Close()
	if file.Mode == filemode.Symlink {
		target, err := io.ReadAll(io.LimitReader(objectReader{content}, maxLink))
		if err != nil {
			return err
		}
		return w.root.Symlink(string(target), temp)
	}
	mode := fs.FileMode(0o644)
	if file.Mode == filemode.Executable {
		mode = 0o755
	}
	out, err := w.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, objectReader{content})
	closed := out.Close()
	return cmp.Or(err, closed)
}

// objectReader tells errors of reading the mirror from those of writing.
type objectReader struct{ io.Reader }

func (r objectReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return n, err
}
