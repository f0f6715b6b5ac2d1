package config

import (
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/config/guard"
	"github.com/driftless-hq/driftless/config/scanner"
	"github.com/driftless-hq/driftless/config/syntax"
)

// maxFileSize bounds one file, in bytes. The other limits of one are those of the
// package guard.
const maxFileSize = 1 << 20

// The limits of all files together.
const (
	maxFiles     = 5000
	maxTotalSize = 16 << 20
)

// checkTotal refuses files that are too many, or too much.
func checkTotal(paths []string) hcl.Diagnostics {
	if len(paths) > maxFiles {
		return pathError(paths[maxFiles], "Too many files", "A configuration may have at most %d files, and this one has %d.", maxFiles, len(paths))
	}
	total := int64(0)
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			continue // said when it is read
		}
		if total += min(info.Size(), maxFileSize); total > maxTotalSize {
			return pathError(path, "Configuration too large", "The files of a configuration may have at most %d MiB together. Move data into files of its own that the tasks read themselves.", maxTotalSize>>20)
		}
	}
	return nil
}

// parse reads one file within the limits. The file is never nil.
func parse(src []byte, path string) (*hcl.File, hcl.Diagnostics) {
	if syntax.Known(path) {
		return syntax.Parser{Root: rootSchema, Guard: guard.Text}.Parse(src, path)
	}
	cuts, diags := guard.Items(src, path, scanner.Config)
	if diags.HasErrors() {
		return &hcl.File{Body: hcl.EmptyBody(), Bytes: src}, diags
	}
	file, diags := parsePieces(src, path, cuts)
	return file, Foremost(diags)
}

// ParseExpression parses an expression that stands alone, such as the value
// of a variable on the command line, within the limits of a file. The name is
// used in positions.
func ParseExpression(src []byte, name string) (hclsyntax.Expression, hcl.Diagnostics) {
	if len(src) > maxFileSize {
		return nil, pathError(name, "Expression too large", "An expression may have at most 1 MiB.")
	}
	if diags := guard.Text(src, name, scanner.Config); diags.HasErrors() {
		return nil, diags
	}
	expr, diags := hclsyntax.ParseExpression(src, name, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, Foremost(diags)
	}
	return expr, diags
}
