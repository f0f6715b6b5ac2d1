package terraform

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
	number    int // from 1
	text      string
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

// parseIgnoreFile takes bytes that are no text for a character that no address
// has: no pattern can be made of them.
func parseIgnoreFile(text string) ignoreFile {
	text = strings.ToValidUTF8(text, "\uFFFD")
	var file ignoreFile
	number := 0
	for line := range strings.Lines(text) {
		number++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		pattern, takesBack := strings.CutPrefix(line, "!")
		file = append(file, ignoreLine{number, line, takesBack, wildcard(plainPath(strings.TrimSpace(pattern)))})
	}
	return file
}

// accepts reports whether a line accepts a resource, or with a path an attribute
// of one. A line about something counts for all that is in it.
func (f ignoreFile) accepts(address, path string) (by acceptance, accepts bool) {
	for _, line := range slices.Backward(f) {
		matches := func(path string) bool { return line.pattern.MatchString(address + "." + path) }
		if line.pattern.MatchString(address) || anyPrefix(path, matches) {
			return acceptance{line: line.number, pattern: line.text}, !line.takesBack
		}
	}
	return acceptance{}, false
}

// ignoreIn returns what the file leaves of an entry, nil for nothing.
func (f ignoreFile) ignoreIn(e entry) (rest *entry, removed []ignored) {
	address := plainPath(e.address)
	if len(e.attributes) == 0 {
		if by, accepts := f.accepts(address, ""); accepts {
			return nil, []ignored{e.ignoredBy(by, nil)}
		}
		return &e, nil
	}
	return e.without(func(path string) (acceptance, bool) { return f.accepts(address, path) })
}
