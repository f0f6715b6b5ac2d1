package config

import (
	"cmp"
	"crypto/sha256"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/config/syntax"
)

// VariableFile is a file of values for variables. As some of them may be
// secret, nothing of it may be shown: errors name places in it, and no text.
type VariableFile struct {
	Path        string
	Digest      [sha256.Size]byte // of its content
	Assignments []Assignment      // in the order of the file
}

// Assignment is the value that a file gives a variable.
type Assignment struct {
	Name  string
	Value cty.Value
	Range hcl.Range // of the value
}

// LoadVariables reads a file of values for variables, in any of the syntaxes
// of a configuration and within the same limits. The assignments are those
// that are sound.
func LoadVariables(path string) (VariableFile, hcl.Diagnostics) {
	f := VariableFile{Path: path}
	src, diags := readFile(path)
	if diags.HasErrors() {
		return f, diags
	}
	f.Digest = sha256.Sum256(src)
	return f, f.parse(src)
}

func (f *VariableFile) parse(src []byte) hcl.Diagnostics {
	file, diags := parse(src, f.Path)
	if diags.HasErrors() {
		return diags // what is left of the file would be taken for the whole
	}
	attrs, diags := file.Body.JustAttributes()
	for _, attr := range slices.SortedFunc(maps.Values(attrs), byPosition) {
		value, valueDiags := literal(attr.Expr)
		if diags = append(diags, valueDiags...); !valueDiags.HasErrors() {
			f.Assignments = append(f.Assignments, Assignment{attr.Name, value, attr.Expr.Range()})
		}
	}
	return diags
}

func byPosition(a, b *hcl.Attribute) int {
	return cmp.Compare(a.NameRange.Start.Byte, b.NameRange.Start.Byte)
}

// literal evaluates an expression that can name nothing. In the syntaxes other
// than the native one a string is itself, and no template.
func literal(expr hcl.Expression) (cty.Value, hcl.Diagnostics) {
	native, isNative := expr.(hclsyntax.Expression)
	if !isNative {
		return lang.Evaluate(expr, nil)
	}
	if diags := checkLiteral(native); diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	lang.Bound(expr)
	return lang.Evaluate(expr, lang.WithAccount(nil))
}

// checkLiteral refuses what is more than a value.
func checkLiteral(expr hclsyntax.Expression) hcl.Diagnostics {
	const valuesOnly = "A file of variables holds values only: it can't refer to anything and calls no functions. Where this is meant to be a text, put it in quotes."
	if names := expr.Variables(); len(names) > 0 {
		return diagError(names[0].SourceRange(), "Reference in a file of variables", valuesOnly)
	}
	return hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics {
		if call, ok := node.(*hclsyntax.FunctionCallExpr); ok {
			return diagError(call.Range(), "Function call in a file of variables", valuesOnly)
		}
		return nil
	})
}

// isVariables reports whether a file that is named like one of a configuration
// holds values for its variables: those that end in .vars.hcl, or in .vars and
// the ending of another syntax.
func isVariables(name string) bool { return strings.HasSuffix(stem(name), ".vars") }

// isAutoVariables reports whether a file of variables is read without being
// asked for.
func isAutoVariables(name string) bool { return strings.HasSuffix(stem(name), ".auto.vars") }

// stem is the name of a file without what tells its syntax.
func stem(name string) string {
	if !strings.HasSuffix(name, ".hcl") && !syntax.Known(name) {
		return name
	}
	return strings.TrimSuffix(strings.TrimSuffix(name, filepath.Ext(name)), ".hcl")
}
