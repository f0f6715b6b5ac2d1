package config

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/syntax"
)

// Load reads a directory, or one file, and all problems of all its files.
// The configuration is as good as could be read, for what it is worth to show
// more problems: it must not be used when there are errors.
func Load(path string) (*Config, hcl.Diagnostics) {
	root := newConfig(make(map[string]*hcl.File))
	diags := root.load(path)
	t := &tree{root: root, dirs: make(map[string]*Config)}
	var above []string
	if real, err := filepath.EvalSymlinks(root.Dir); err == nil {
		above = append(above, real)
		t.dirs[real] = root
	}
	diags = append(diags, t.modules(root, above)...)
	root.Digest = t.digest()
	return root, Foremost(diags)
}

func newConfig(files map[string]*hcl.File) *Config {
	return &Config{
		Files:     files,
		Required:  make(map[string]*Requirement),
		Providers: make(map[string]*Section),
		Variables: make(map[string]*Variable),
		Locals:    make(map[string]*Local),
		Outputs:   make(map[string]*Output),
		Modules:   make(map[string]*Module),
		Blocks:    make(map[addr.Addr]*Block),
	}
}

// load reads the files of one directory, or one file.
func (c *Config) load(path string) hcl.Diagnostics {
	found, diags := c.find(path)
	if diags.HasErrors() {
		c.Incomplete = true
		return diags
	}
	digest := sha256.New()
	if !c.isModule {
		diags = append(diags, c.readVariables(found.variables, digest)...)
	}
	var bodies []hcl.Body
	for _, s := range readAll(found.blocks) {
		diags = append(diags, s.diags...)
		name := filepath.Base(s.path)
		fmt.Fprintf(digest, "%d %s\n%d\n", len(name), name, len(s.src))
		digest.Write(s.src)
		if s.file != nil {
			c.Files[s.path] = s.file
			bodies = append(bodies, s.file.Body)
		}
		c.Incomplete = c.Incomplete || s.diags.HasErrors()
	}
	digest.Sum(c.Digest[:0])
	decodeDiags := c.decode(bodies)
	if c.unsupported {
		return decodeDiags
	}
	return append(diags, decodeDiags...)
}

// digest covers the files of all directories.
func (t *tree) digest() [32]byte {
	if len(t.root.Modules) == 0 {
		return t.root.Digest
	}
	h := sha256.New()
	h.Write(t.root.Digest[:])
	for _, dir := range slices.Sorted(maps.Keys(t.dirs)) {
		fmt.Fprintf(h, "%d %s\n", len(dir), dir)
		h.Write(t.dirs[dir].Digest[:])
	}
	return [32]byte(h.Sum(nil))
}

// source is a file as it was read.
type source struct {
	path  string
	src   []byte
	file  *hcl.File // nil where it could not be read
	diags hcl.Diagnostics
}

// readAll reads and parses files, several at once, and returns them in order.
func readAll(paths []string) []source {
	sources := make([]source, len(paths))
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	var done sync.WaitGroup
	for i, path := range paths {
		turns <- struct{}{}
		done.Go(func() {
			defer func() { <-turns }()
			s := source{path: path}
			if s.src, s.diags = readFile(path); !s.diags.HasErrors() {
				file, diags := parse(s.src, path)
				s.file, s.diags = file, append(s.diags, diags...)
				s.diags = append(s.diags, checkEnvironment(file)...)
			}
			sources[i] = s
		})
	}
	done.Wait()
	return sources
}

// readVariables reads the files of values for the variables. Those of a module
// get theirs from the block that uses it.
func (c *Config) readVariables(paths []string, digest io.Writer) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, path := range paths {
		f, fileDiags := LoadVariables(path)
		diags = append(diags, fileDiags...)
		c.VariableFiles = append(c.VariableFiles, f)
		c.Incomplete = c.Incomplete || fileDiags.HasErrors()
		fmt.Fprintf(digest, "%s %x\n", filepath.Base(path), f.Digest)
	}
	return diags
}

// found are the paths of the files of a configuration.
type found struct {
	blocks    []string
	variables []string // of values for its variables
}

// find returns the files to read and sets the directory.
func (c *Config) find(path string) (found, hcl.Diagnostics) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return found{}, pathError(path, "Configuration not found", "There is no %s. Name a directory or a file with -config.", path)
	case err != nil:
		return found{}, unreadable(path, err)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return found{}, unreadable(path, err)
	}
	if !info.IsDir() {
		c.Dir, c.path = filepath.Dir(absolute), filepath.Dir(path)
		return found{blocks: []string{path}}, nil
	}
	c.Dir, c.path = absolute, path
	entries, err := os.ReadDir(path)
	if err != nil {
		return found{}, unreadable(path, err)
	}
	var f found
	for _, e := range entries {
		switch name := e.Name(); {
		case e.IsDir() || !isConfig(name):
		case !isVariables(name):
			f.blocks = append(f.blocks, filepath.Join(path, name))
		case isAutoVariables(name):
			f.variables = append(f.variables, filepath.Join(path, name))
		}
	}
	if len(f.blocks) == 0 {
		return f, pathError(path, "No configuration files", "%s has no file whose name ends in .hcl, .json, .yaml, .yml or .toml.", path)
	}
	return f, checkTotal(f.blocks)
}

// LockFile is the name of the file in the directory of a configuration that
// says which builds of its providers may be run. It is no part of the
// configuration.
const LockFile = "driftless.lock.hcl"

// isConfig reports whether a file of a directory is part of the configuration,
// or named like one that is.
func isConfig(name string) bool {
	return name != LockFile && !strings.HasPrefix(name, ".") && (strings.HasSuffix(name, ".hcl") || syntax.Known(name))
}

func readFile(path string) ([]byte, hcl.Diagnostics) {
	info, err := os.Stat(path) // before it is opened: a named pipe would block
	if err != nil {
		return nil, unreadable(path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, pathError(path, "Cannot read the configuration", "%s is not a regular file.", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, unreadable(path, err)
	}
	if len(src) > maxFileSize {
		return nil, pathError(path, "File too large", "A configuration file may have at most 1 MiB. Split it, or move data into files of its own that file() reads.")
	}
	return src, nil
}

func unreadable(path string, err error) hcl.Diagnostics {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err // without the path, which is shown already
	}
	return pathError(path, "Cannot read the configuration", "It can't be read: %s.", err)
}

// pathError is an error about a file as a whole.
func pathError(path, summary, detail string, args ...any) hcl.Diagnostics {
	return hcl.Diagnostics{{
		Severity: hcl.DiagError,
		Summary:  summary,
		Detail:   fmt.Sprintf(detail, args...),
		Subject:  &hcl.Range{Filename: path, Start: hcl.InitialPos, End: hcl.InitialPos},
	}}
}
