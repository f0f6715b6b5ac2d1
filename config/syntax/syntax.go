// Package syntax reads configuration that is written in JSON, YAML or TOML.
// All three mean what HCL's JSON syntax means: objects are blocks, labels or
// values, as the schema asks for, and strings are templates.
//
//	parser := syntax.Parser{Root: rootSchema, Guard: guard}
//	file, diags := parser.Parse(src, "web.yaml")
//
// Where the syntaxes leave a choice, it is made so that a value is never
// silently another one than what is read on the page. In YAML yes, no, on and
// off are strings, as in YAML 1.2, and so are timestamps and numbers with
// leading zeros, such as the file mode 0644; a merge key (<<) is followed. The
// dates and times of TOML are strings. Numbers are exact. A key is written
// once in an object; several blocks of one type, or type and label, go into a
// list. The key "//" of a block is a comment.
package syntax

import (
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/scanner"
)

// Parser turns files into HCL. Both of its fields are required.
type Parser struct {
	// Root is the schema of a whole file. It says how many labels belong to
	// the header of a block, which the files themselves don't tell.
	Root *hcl.BodySchema
	// Guard returns errors for what the native parser must not see. Every
	// string that holds a template or an expression is shown to it before the
	// native parser descends into it.
	Guard Guard
}

// Guard judges a text before the native parser sees it. The name is used in
// the ranges of its errors.
type Guard func(src []byte, name string, mode scanner.Mode) hcl.Diagnostics

// Known reports whether the name of a file ends in one of the endings that
// Parse reads: .json, .yaml, .yml and .toml.
func Known(name string) bool {
	return readerOf(name) != nil
}

// Parse reads one file. The syntax is chosen by the ending of its name; a file
// of another ending is read as JSON. The file is never nil, but it is empty
// where there are errors. The size of src is for the caller to limit.
func (p Parser) Parse(src []byte, filename string) (*hcl.File, hcl.Diagnostics) {
	s := newSource(src, filename, p.Guard)
	b := &builder{source: s}
	read := readerOf(filename)
	if read == nil {
		read = readJSON
	}
	root := b.read(read)
	start := span{s.first, s.first}
	if root == nil || b.diags.HasErrors() {
		root = &objectNode{span: start}
	}
	top := &body{source: s, node: root, header: start}
	return &hcl.File{Body: top, Bytes: src, Nav: newNavigation(top, p.Root)}, b.diags
}

// A reader turns a source into a tree. It returns nil where an error leaves
// nothing to show.
type reader func(*builder) (node, error)

func readerOf(name string) reader {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json":
		return readJSON
	case ".yaml", ".yml":
		return readYAML
	case ".toml":
		return readTOML
	}
	return nil
}
