package pluginhost

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/go-version"
)

// Dir is a directory of executables.
type Dir struct {
	Path string
	// Named says that a user has named it for this run, so that it is a
	// mistake when it isn't there.
	Named bool
}

// Found is an executable whose name says that it is a provider.
type Found struct {
	Path    string
	Source  string // NAME in driftless-plugin-NAME
	Version string // as its name has it, without the v; empty: the name has none
}

// fileName is how the name of the executable of a provider begins.
const fileName = "driftless-plugin-"

// FileName returns the name that the executable of a provider goes by.
func FileName(source, version string) string {
	if version == "" {
		return fileName + source
	}
	return fileName + source + "_v" + version
}

// parseName takes the name of a file apart.
func parseName(name string) (source, number string, ok bool) {
	rest, ok := strings.CutPrefix(name, fileName)
	if !ok {
		return "", "", false
	}
	source, number, versioned := strings.Cut(rest, "_v")
	if versioned {
		v, err := version.NewSemver(number)
		if err != nil {
			return "", "", false
		}
		number = v.String()
	}
	return source, number, source != "" && !strings.ContainsAny(source, "_.")
}

// errNotFound says that there is no executable of a provider.
var errNotFound = errors.New("not found")

// Find returns the executables of a provider that fit the constraints, the
// highest version first, and of one version that in the directory named first.
// One whose name has no version comes last; its manifest has to say that it
// fits.
func (h *Host) Find(source string, constraints version.Constraints) ([]Found, error) {
	all, err := h.list()
	if err != nil {
		return nil, err
	}
	var others []string
	fitting := slices.DeleteFunc(all, func(f Found) bool {
		if f.Source != source {
			return true
		}
		if f.Version == "" || Fits(constraints, f.Version) {
			return false
		}
		others = append(others, f.Version)
		return true
	})
	switch {
	case len(fitting) > 0:
		slices.SortStableFunc(fitting, func(a, b Found) int { return -compareVersions(a.Version, b.Version) })
		return fitting, trustAll(fitting)
	case len(others) > 0:
		return nil, fmt.Errorf("version %s is required, and installed is only %s. Install one that fits with: driftless providers install FILE", constraints, strings.Join(others, ", "))
	}
	return nil, fmt.Errorf("there is no executable %s in %s: %w. Install it with: driftless providers install FILE", FileName(source, "VERSION"), h.places(), errNotFound)
}

// Fits reports whether a version is one that is required.
func Fits(constraints version.Constraints, number string) bool {
	v, err := version.NewVersion(number)
	return err == nil && constraints.Check(v)
}

// Sources returns the names of all providers that are installed, sorted. What
// can't be read is left out: it is for suggestions.
func (h *Host) Sources() []string {
	all, err := h.list()
	if err != nil {
		return nil
	}
	var names []string
	for _, f := range all {
		names = append(names, f.Source)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// compareVersions puts no version before all others.
func compareVersions(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(len(a), len(b))
	}
	return version.Must(version.NewVersion(a)).Compare(version.Must(version.NewVersion(b)))
}

func (h *Host) places() string {
	paths := make([]string, len(h.options.Dirs))
	for i, d := range h.options.Dirs {
		paths[i] = d.Path
	}
	return strings.Join(paths, ", ")
}

// list returns all providers in all directories.
func (h *Host) list() ([]Found, error) {
	var all []Found
	for _, dir := range h.options.Dirs {
		entries, err := os.ReadDir(dir.Path)
		if errors.Is(err, fs.ErrNotExist) && !dir.Named {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look for providers: %w", err)
		}
		for _, e := range entries {
			source, number, ok := parseName(e.Name())
			if !ok || e.IsDir() {
				continue
			}
			all = append(all, Found{Path: filepath.Join(dir.Path, e.Name()), Source: source, Version: number})
		}
	}
	return all, nil
}

// trustAll replaces the paths by what they lead to.
func trustAll(all []Found) error {
	for i := range all {
		path, err := trusted(all[i].Path)
		if err != nil {
			return err
		}
		all[i].Path = path
	}
	return nil
}

// trusted follows the symbolic links of a path and judges the directories that
// the link and what it leads to are in. The file itself is judged when it is
// opened.
func trusted(path string) (string, error) {
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", fmt.Errorf("look for providers: %w", err)
	}
	if err := judgeAbove(filepath.Join(dir, filepath.Base(path))); err != nil {
		return "", fmt.Errorf("providers in %s are not run, because others could have put them there: %w", filepath.Dir(path), err)
	}
	real, err := filepath.EvalSymlinks(filepath.Join(dir, filepath.Base(path)))
	if err != nil {
		return "", fmt.Errorf("follow the symbolic link %s: %w", path, err)
	}
	if err := judgeAbove(real); err != nil {
		return "", fmt.Errorf("the provider %s leads to %s, which is not run, because others could have put it there: %w", path, real, err)
	}
	return real, nil
}
