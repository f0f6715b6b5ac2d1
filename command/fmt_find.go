package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// nativeEnding is the ending of files in the native syntax, which are those
// that fmt formats.
const nativeEnding = ".hcl"

// find returns the files at the paths, each once. What it can't look into it
// reports and passes over.
func (f *formatter) find(paths []string) []string {
	var found []string
	seen := make(map[string]bool)
	for _, path := range paths {
		for _, file := range f.findIn(path) {
			if file = filepath.Clean(file); !seen[file] {
				seen[file] = true
				found = append(found, file)
			}
		}
	}
	return found
}

func (f *formatter) findIn(path string) []string {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		f.fail(fmt.Errorf("look for files to format: %w", err))
		return nil
	case info.IsDir():
		return f.findInDir(path)
	case !strings.HasSuffix(path, nativeEnding):
		f.fail(fmt.Errorf("the name %s doesn't end in .hcl: only the native syntax has a layout of its own; "+
			"for JSON, YAML and TOML use a formatter of theirs", path))
		return nil
	}
	return []string{path}
}

// findInDir leaves out what is hidden, and symbolic links, as what they lead
// to may well be somebody else's.
func (f *formatter) findInDir(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		f.fail(fmt.Errorf("look for files to format: %w", err))
		return nil
	}
	var found []string
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		switch {
		case strings.HasPrefix(entry.Name(), "."):
		case entry.IsDir() && f.flags.Bool("recursive"):
			found = append(found, f.findInDir(path)...)
		case entry.Type().IsRegular() && strings.HasSuffix(path, nativeEnding):
			found = append(found, path)
		}
	}
	return found
}
