package terraform

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// stackBlock finds the blocks that a directory must hold to be a stack. It is
// no parser: a stack whose code is broken must be found, too.
var stackBlock = regexp.MustCompile(`(?m)^[ \t]*(terraform|provider|resource)\b[^=\n]*\{`)

// discover returns the slash-separated paths, below root and sorted, of the
// directories that are stacks. The root itself is ".".
func discover(root string, which selection) ([]string, error) {
	var found []string
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !entry.IsDir() {
			return nil
		}
		if name != root && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if matchAny(which.Exclude, rel) || !matchAny(which.Include, rel) {
			return nil
		}
		is, err := isStack(name)
		if is {
			found = append(found, rel)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for stacks below %s: %w", root, err)
	}
	return found, nil
}

func matchAny(globs []string, rel string) bool {
	for _, glob := range globs {
		if doublestar.MatchUnvalidated(path.Clean(glob), rel) {
			return true
		}
	}
	return false
}

func isStack(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	for _, entry := range entries {
		if entry.IsDir() || !isCode(entry.Name()) {
			continue
		}
		code, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return false, err
		}
		if declaresStack(entry.Name(), code) {
			return true, nil
		}
	}
	return false, nil
}

func isCode(name string) bool {
	for _, ending := range []string{".tf", ".tofu", ".tf.json", ".tofu.json"} {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return false
}

func declaresStack(name string, code []byte) bool {
	if !strings.HasSuffix(name, ".json") {
		return stackBlock.Match(code)
	}
	var top struct{ Terraform, Provider, Resource json.RawMessage }
	if err := json.Unmarshal(code, &top); err != nil {
		return true // broken code is for terraform to complain about
	}
	return top.Terraform != nil || top.Provider != nil || top.Resource != nil
}
