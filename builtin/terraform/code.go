package terraform

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/zclconf/go-cty/cty"
)

// A stack whose code is what it was need not be checked for a new commit. Its
// code is all that is in its directory, in those of the local modules that it
// uses, and in its var files. Where more may belong to it, that can't be told.

// maxCode bounds the files of one directory that are looked at, in bytes.
const maxCode = 32 << 20

var (
	errUntold = errors.New("it can't be told what the code is made of")
	// upward finds what may name a file that is not below the code.
	upward = regexp.MustCompile(`\.\./|/\.\.|"\.\."|\bdirname\(`)
	// mayNameFiles are the endings of files, beside code, that may name others.
	mayNameFiles = []string{".tfvars", ".tftpl", ".tpl", ".yaml", ".yml", ".json"}
)

// codebase finds out what code is, each directory once.
type codebase struct{ trees map[string]tree }

// tree is what is below one directory.
type tree struct {
	digest  string
	modules []string // directories
	err     error    // it can't be told
}

func newCodebase() *codebase { return &codebase{trees: make(map[string]tree)} }

// codeOf returns a digest that changes with all that a check of the stack is
// made of, and an error where that can't be told.
func (t *task) codeOf(c *codebase, binary program, s stack) (string, error) {
	own, err := t.programOf(s, binary)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q %q\n", s.name(), own.version, t.setup)
	dirs := []string{s.dir}
	for i := 0; i < len(dirs); i++ { // more are found on the way
		one := c.tree(dirs[i])
		if one.err != nil {
			return "", one.err
		}
		fmt.Fprintf(sum, "%q %s\n", dirs[i], one.digest)
		for _, dir := range one.modules {
			if !slices.Contains(dirs, dir) {
				dirs = append(dirs, dir)
			}
		}
		if len(dirs) > maxModules {
			return "", errUntold
		}
	}
	for _, name := range s.varFiles {
		text, err := os.ReadFile(s.varFile(name))
		if err != nil {
			return "", err
		}
		if upward.Match(text) {
			return "", errUntold
		}
		fmt.Fprintf(sum, "%q %d\n%s", name, len(text), text)
	}
	return hex.EncodeToString(sum.Sum(nil)), s.namesNothingElse()
}

// namesNothingElse returns an error where a setting may name a file of the
// repository.
func (s stack) namesNothingElse() error {
	for _, values := range []map[string]string{s.secrets, s.backend, s.env} {
		for _, value := range values {
			if upward.MatchString(value) {
				return errUntold
			}
		}
	}
	for _, value := range s.variables {
		if value.Type() == cty.String && value.IsKnown() && !value.IsNull() && upward.MatchString(value.AsString()) {
			return errUntold
		}
	}
	return nil
}

func (c *codebase) tree(dir string) tree {
	one, known := c.trees[dir]
	if !known {
		one = readTree(dir)
		c.trees[dir] = one
	}
	return one
}

func readTree(root string) tree {
	sum, size := sha256.New(), 0
	var one tree
	one.err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == ".terraform"):
			return fs.SkipDir
		case entry.IsDir():
			return nil
		case !entry.Type().IsRegular():
			return errUntold // a link, to anywhere
		}
		text, err := os.ReadFile(name)
		if size += len(text); err != nil || size > maxCode {
			return errors.Join(err, errUntold)
		}
		fmt.Fprintf(sum, "%q %d\n", name, len(text))
		sum.Write(text) // never fails
		return one.addFile(name, text)
	})
	one.digest = hex.EncodeToString(sum.Sum(nil))
	return one
}

// addFile notes the modules that a file uses.
func (r *tree) addFile(name string, text []byte) error {
	if !isCode(name) && !slices.Contains(mayNameFiles, filepath.Ext(name)) {
		return nil
	}
	for _, found := range localModule.FindAllSubmatch(text, -1) {
		r.modules = append(r.modules, filepath.Join(filepath.Dir(name), filepath.FromSlash(string(found[1]))))
	}
	if upward.Match(localModule.ReplaceAll(text, nil)) {
		return errUntold
	}
	return nil
}

// setupDigest is the same for the same configuration, but for the commit.
func setupDigest(cfg cty.Value) string {
	attrs := cfg.AsValueMap()
	delete(attrs, "source")
	return configDigest(cty.ObjectVal(attrs))
}

// noteCode finds out what the code of all stacks is, before any check: while it
// goes on, it puts its own lock file into the directory.
func (t *task) noteCode(binary program, stacks []stack) {
	if t.cfg.Source == nil || t.cfg.OnCommit != onCommitChanged {
		return
	}
	t.code = make(map[string]string, len(stacks))
	c := newCodebase()
	for _, s := range stacks {
		code, err := t.codeOf(c, binary, s)
		if err != nil {
			t.log.Debug("a stack is checked with each commit", "stack", s.name(), "reason", err)
			continue
		}
		t.code[s.name()] = code
	}
}
