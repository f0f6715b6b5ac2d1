package gitrepo

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

const (
	maxDepth = 200  // directories within directories
	maxLink  = 4096 // bytes of a symbolic link's target
	maxHops  = 40   // symbolic links on the way to one file, as in Linux

	maxModules = 200 // submodules of one commit
)

// treeFile is one file of a commit.
type treeFile struct {
	Hash plumbing.Hash
	Mode filemode.FileMode
	from *git.Repository // that holds its content
}

// listing is what a commit holds, by path.
type listing struct {
	files   map[string]treeFile
	links   map[string]string        // targets of symbolic links
	modules map[string]plumbing.Hash // commits of submodules
}

// listTree lists a tree of a mirror. A tree that a checkout could use to reach
// outside its directory is refused, but for its links: see [Repo.checkPaths].
func listTree(from *git.Repository, tree *object.Tree, maxFiles int) (listing, error) {
	l := treeLister{
		listing: listing{files: map[string]treeFile{}, links: map[string]string{}, modules: map[string]plumbing.Hash{}},
		from:    from, max: maxFiles,
	}
	if err := l.add(tree, "", 0); err != nil {
		return listing{}, err
	}
	return l.listing, nil
}

// checkLinks refuses symbolic links that leave the root.
func (l listing) checkLinks() error {
	for link := range l.links {
		if err := followLink(l.links, link); err != nil {
			return err
		}
	}
	return nil
}

// include adds what another listing holds, below a directory.
func (l listing) include(dir string, other listing, maxFiles int) error {
	for name, file := range other.files {
		l.files[path.Join(dir, name)] = file
	}
	for name, target := range other.links {
		l.links[path.Join(dir, name)] = target
	}
	if len(l.files) > maxFiles {
		return tooManyFiles(maxFiles)
	}
	return nil
}

func tooManyFiles(limit int) error {
	return fmt.Errorf("%w: a commit holds more than %d files", errRefused, limit)
}

type treeLister struct {
	listing
	from *git.Repository
	max  int
}

func (l *treeLister) add(tree *object.Tree, prefix string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%w: directories are nested more than %d deep", errRefused, maxDepth)
	}
	seen := make(map[string]bool, len(tree.Entries))
	for _, entry := range tree.Entries {
		name := path.Join(prefix, entry.Name)
		if err := checkName(entry.Name); err != nil || seen[entry.Name] {
			return fmt.Errorf("%w: the repository holds a file with the name %q, which no honest commit does", errRefused, name)
		}
		seen[entry.Name] = true
		if err := l.addEntry(tree, entry, name, depth); err != nil {
			return err
		}
	}
	return nil
}

func (l *treeLister) addEntry(tree *object.Tree, entry object.TreeEntry, name string, depth int) error {
	switch entry.Mode {
	case filemode.Dir:
		sub, err := tree.Tree(entry.Name)
		if err != nil {
			return fmt.Errorf("read the directory %s: %w", name, err)
		}
		return l.add(sub, name, depth+1)
	case filemode.Submodule:
		if l.modules[name] = entry.Hash; len(l.modules) > maxModules {
			return fmt.Errorf("%w: a commit holds more than %d submodules", errRefused, maxModules)
		}
		return nil
	case filemode.Symlink:
		target, err := linkTarget(tree, entry)
		if err != nil {
			return fmt.Errorf("read the symbolic link %s: %w", name, err)
		}
		l.links[name] = target
	}
	if l.files[name] = (treeFile{entry.Hash, entry.Mode, l.from}); len(l.files) > l.max {
		return tooManyFiles(l.max)
	}
	return nil
}

// checkName refuses names that mean something to the file system, or to git.
func checkName(name string) error {
	if name == "" || name == "." || name == ".." || strings.EqualFold(name, ".git") || strings.ContainsAny(name, "/\x00") {
		return errors.New("invalid name")
	}
	return nil
}

func linkTarget(tree *object.Tree, entry object.TreeEntry) (string, error) {
	file, err := tree.TreeEntryFile(&entry)
	if err != nil {
		return "", err
	}
	reader, err := file.Reader()
	if err != nil {
		return "", err
	}
	defer reader.Close()
	target, err := io.ReadAll(io.LimitReader(reader, maxLink+1))
	if err != nil {
		return "", err
	}
	if len(target) == 0 || len(target) > maxLink || strings.ContainsRune(string(target), 0) {
		return "", fmt.Errorf("%w: the target is empty, or not the path of a file", errRefused)
	}
	return string(target), nil
}

// followLink walks from a symbolic link to what it means, as the kernel would,
// and refuses a way that leaves the root.
func followLink(links map[string]string, link string) error {
	refuse := func(why string) error {
		return fmt.Errorf("%w: the symbolic link %s %s", errRefused, link, why)
	}
	pending := strings.Split(link, "/")
	var at []string
	for hops := 0; len(pending) > 0; {
		name := pending[0]
		pending = pending[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			if len(at) == 0 {
				return refuse("points out of the repository")
			}
			at = at[:len(at)-1]
			continue
		}
		target, isLink := links[path.Join(path.Join(at...), name)]
		if !isLink {
			if at = append(at, name); len(at) > maxDepth {
				return refuse("points deeper than any file can be")
			}
			continue
		}
		if hops++; hops > maxHops {
			return refuse("points to itself")
		}
		if path.IsAbs(target) {
			return refuse("points out of the repository")
		}
		pending = append(strings.Split(target, "/"), pending...)
	}
	return nil
}
