package terraform

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// ignoreFileName is the file in the directory of a stack that says what is
// accepted there.
const ignoreFileName = ".driftignore"

// maxIgnoreFile bounds that file, in bytes.
const maxIgnoreFile = 1 << 20

// ignoreFile are the lines of the file. The last one that matches counts.
type ignoreFile []ignoreLine

type ignoreLine struct {
	takesBack bool
	pattern   *regexp.Regexp // of an address, or of an address and an attribute
}

func readIgnoreFile(dir string) (ignoreFile, error) {
	info, err := os.Stat(filepath.Join(dir, ignoreFileName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if info.Size() > maxIgnoreFile {
		return nil, fmt.Errorf("read %s: it is larger than %d bytes", ignoreFileName, maxIgnoreFile)
	}
	text, err := os.ReadFile(filepath.Join(dir, ignoreFileName))
	return parseIgnoreFile(string(text)), err
}

func parseIgnoreFile(text string) ignoreFile {
	var file ignoreFile
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		pattern, takesBack := strings.CutPrefix(line, "!")
		file = append(file, ignoreLine{takesBack, wildcard(plainPath(strings.TrimSpace(pattern)))})
	}
	return file
}

// ignores reports what the file says of an address, or of an address and an
// attribute. It says nothing where no line matches.
func (f ignoreFile) ignores(name string, unless bool) bool {
	ignored := unless
	for _, line := range f {
		if line.pattern.MatchString(name) {
			ignored = !line.takesBack
		}
	}
	return ignored
}

// ignoreIn returns what the file leaves of an entry, nil for nothing.
func (f ignoreFile) ignoreIn(e entry) (rest *entry, matched bool) {
	if len(f) == 0 {
		return &e, false
	}
	address := plainPath(e.address)
	whole := f.ignores(address, false)
	if len(e.attributes) == 0 {
		if whole {
			return nil, true
		}
		return &e, false
	}
	return e.without(func(path string) bool {
		return f.ignores(address+"."+path, whole) || anyPrefix(path, func(path string) bool { return f.ignores(address+"."+path, false) })
	})
}
