package gitrepo

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

const (
	maxDepth = 200  // directories within directories
	maxLink  = 4096 // bytes of a symbolic link's target
	maxHops  = 40   // symbolic links on the way to one file, as in Linux
)

// treeFile is one file of a commit.
type treeFile struct {
	Hash plumbing.Hash
	Mode filemode.FileMode
}

// listTree returns all files of a tree by their path. A tree that a checkout
// could use to reach outside its directory is refused. Submodules are left out.
func listTree(tree *object.Tree, maxFiles int) (map[string]treeFile, error) {
	l := treeLister{files: map[string]treeFile{}, links: map[string]string{}, max: maxFiles}
	if err := l.add(tree, "", 0); err != nil {
		return nil, err
	}
	for link := range l.links {
		if err := followLink(l.links, link); err != nil {
			return nil, err
		}
	}
	return l.files, nil
}

type treeLister struct {
	files map[string]treeFile
	links map[string]string // path of a symbolic link to its target
	max   int
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
		return nil
	case filemode.Symlink:
		target, err := linkTarget(tree, entry)
		if err != nil {
			return fmt.Errorf("read the symbolic link %s: %w", name, err)
		}
		l.links[name] = target
	}
	if l.files[name] = (treeFile{entry.Hash, entry.Mode}); len(l.files) > l.max {
		return fmt.Errorf("%w: a commit holds more than %d files", errRefused, l.max)
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
