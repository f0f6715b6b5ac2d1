package terraform

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/hashicorp/hcl/v2"
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
		is, err := isStack(name, which.Require)
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

func isStack(dir, require string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	for _, entry := range entries {
		if entry.IsDir() || !isCode(entry.Name()) {
			continue
		}
		file := filepath.Join(dir, entry.Name())
		code, err := os.ReadFile(file)
		if err != nil {
			return false, err
		}
		if declaresStack(entry.Name(), code) && (require != requireBackend || declaresBackend(file, code)) {
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

var (
	backendWord    = regexp.MustCompile(`\b(backend|cloud)\b`)
	terraformBlock = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "terraform"}}}
	backendBlocks  = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "backend", LabelNames: []string{"type"}}, {Type: "cloud"}}}
)

// declaresBackend reports whether a file says where the state is. Where a part of
// it can't be read the word is enough: a stack that is broken must be found, too.
func declaresBackend(file string, code []byte) bool {
	if !backendWord.Match(code) {
		return false
	}
	body, isWhole := parse(file)
	if !isWhole {
		return true
	}
	content, _, _ := body.PartialContent(terraformBlock) // other blocks are none of this, and mistakes the command's
	return slices.ContainsFunc(content.Blocks, func(b *hcl.Block) bool {
		said, _, _ := b.Body.PartialContent(backendBlocks)
		return len(said.Blocks) > 0
	})
}
