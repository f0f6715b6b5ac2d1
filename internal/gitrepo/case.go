package gitrepo

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// checkPaths refuses links that leave the root, and where the file system of the
// checkout takes a and A for one name, what means something else there.
func (r *Repo) checkPaths(l listing) error {
	if err := l.checkLinks(); err != nil {
		return err
	}
	if !foldsCase(r.lockPath()) {
		return nil
	}
	return l.checkCase(r.dir)
}

// foldsCase reports whether a file, which is there, has its name in capitals too.
func foldsCase(file string) bool {
	info, err := os.Lstat(file)
	if err != nil {
		return false
	}
	capitals, err := os.Lstat(filepath.Join(filepath.Dir(file), strings.ToUpper(filepath.Base(file))))
	return err == nil && os.SameFile(info, capitals)
}

// checkCase refuses what can't be checked out where case makes no difference:
// files and directories that would be one, and links that lead out of the root
// by way of a name that is another there.
func (l listing) checkCase(dir string) error {
	if one, other, clash := l.caseClash(); clash {
		return fmt.Errorf("%w: it holds %s and %s, which differ only by case, and are the same to the file system of %s: rename one of them, or have data_dir on a file system that tells them apart",
			errRefused, one, other, dir)
	}
	folded := listing{links: make(map[string]string, len(l.links))}
	for link, target := range l.links {
		folded.links[fold(link)] = fold(target)
	}
	return folded.checkLinks()
}

// caseClash returns the first two paths, of files or of directories above them,
// that differ only by case.
func (l listing) caseClash() (one, other string, clash bool) {
	spelled := make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(l.files)) {
		for ; name != "."; name = path.Dir(name) {
			before, isKnown := spelled[fold(name)]
			if isKnown && before != name {
				return before, name, true
			}
			if isKnown {
				break // and all above it
			}
			spelled[fold(name)] = name
		}
	}
	return "", "", false
}

// fold is the same for names that differ only by case.
func fold(name string) string { return strings.ToLower(strings.ToUpper(name)) }
