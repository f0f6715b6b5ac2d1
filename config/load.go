package config

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/config/addr"
)

// Load reads a directory, or one file, and all problems of all its files.
// The configuration is as good as could be read, for what it is worth to show
// more problems: it must not be used when there are errors.
func Load(path string) (*Config, hcl.Diagnostics) {
	c := &Config{
		Files:     make(map[string]*hcl.File),
		Providers: make(map[string]*Section),
		Variables: make(map[string]*Variable),
		Locals:    make(map[string]*Local),
		Outputs:   make(map[string]*Output),
		Blocks:    make(map[addr.Addr]*Block),
	}
	paths, diags := c.find(path)
	if diags.HasErrors() {
		return c, diags
	}
	digest := sha256.New()
	for _, p := range paths {
		src, readDiags := readFile(p)
		diags = append(diags, readDiags...)
		fmt.Fprintf(digest, "%d %s\n%d\n", len(filepath.Base(p)), filepath.Base(p), len(src))
		digest.Write(src)
		if !readDiags.HasErrors() {
			diags = append(diags, c.parse(p, src)...)
		}
	}
	digest.Sum(c.Digest[:0])
	return c, append(diags, c.decode()...)
}

// find returns the files to read and sets c.Dir.
func (c *Config) find(path string) ([]string, hcl.Diagnostics) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, pathError(path, "Configuration not found", "There is no %s. Name a directory or a file with -config.", path)
	case err != nil:
		return nil, pathError(path, "Cannot read the configuration", "%s.", err)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, pathError(path, "Cannot read the configuration", "%s.", err)
	}
	if !info.IsDir() {
		c.Dir = filepath.Dir(absolute)
		return []string{path}, nil
	}
	c.Dir = absolute
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, pathError(path, "Cannot read the configuration", "%s.", err)
	}
	var paths []string
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), ".hcl") && !strings.HasPrefix(e.Name(), ".") {
			paths = append(paths, filepath.Join(path, e.Name()))
		}
	}
	if len(paths) == 0 {
		return nil, pathError(path, "No configuration files", "%s has no file whose name ends in .hcl.", path)
	}
	return paths, nil
}

func readFile(path string) ([]byte, hcl.Diagnostics) {
	f, err := os.Open(path)
	if err != nil {
		return nil, pathError(path, "Cannot read the file", "%s.", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		return nil, pathError(path, "Cannot read the file", "%s is not a regular file.", path)
	}
	src, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, pathError(path, "Cannot read the file", "%s.", err)
	}
	if len(src) > maxFileSize {
		return nil, pathError(path, "File too large", "A configuration file may have at most 1 MiB. Split it into several files.")
	}
	return src, nil
}

func (c *Config) parse(path string, src []byte) hcl.Diagnostics {
	tokens, _ := hclsyntax.LexConfig(src, path, hcl.InitialPos) // what is wrong with a token is the parser's to say
	if diags := checkLimits(tokens); diags.HasErrors() {
		c.Files[path] = &hcl.File{Body: hcl.EmptyBody(), Bytes: src}
		return diags
	}
	file, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos)
	c.Files[path] = file
	return diags
}

// names returns the names of the files, sorted.
func (c *Config) names() []string {
	names := make([]string, 0, len(c.Files))
	for name := range c.Files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
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
