// Package config reads the driftless configuration language into a model of
// its blocks. It checks the shape of the files and nothing more: what a block
// of some type may hold is the business of the package eval, which knows the
// schemas.
//
//	cfg, diags := config.Load("/etc/driftless")
package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/lang"
)

// Config is all blocks of a configuration.
type Config struct {
	// Dir is the directory of the configuration, absolute.
	Dir string
	// Files are the files that were read, those of the modules too, by the
	// names used in ranges.
	Files map[string]*hcl.File
	// VariableFiles are the files of values for variables that belong to the
	// configuration, in the order of their names: a later one counts.
	VariableFiles []VariableFile
	// Digest is the SHA-256 of the names and contents of all files, of the
	// configuration itself those of the modules too.
	Digest [32]byte
	// Incomplete says that a file, or a module, could not be read whole, so
	// that what seems to be missing may well be in it. That goes for the values
	// of variables too.
	Incomplete bool

	Required  map[string]*Requirement // the providers that aren't built in
	Agent     *Section                // nil where there is no agent block
	Providers map[string]*Section
	Variables map[string]*Variable
	Locals    map[string]*Local
	Outputs   map[string]*Output
	Modules   map[string]*Module
	Blocks    map[addr.Addr]*Block

	isModule    bool
	unsupported bool   // it is for another version, and nothing of it was decoded
	path        string // the directory, as the names of the files have it
}

// Section is a block without an address, to be decoded against a schema.
type Section struct {
	Body  hcl.Body
	Range hcl.Range
}

// Variable is an input of the configuration.
type Variable struct {
	Name      string
	Type      cty.Type
	Optional  *typeexpr.Defaults // of the optional attributes in Type; nil where there are none
	Default   cty.Value          // cty.NilVal where the variable is required
	Doc       string
	Sensitive bool
	Rules     []Rule
	Range     hcl.Range
}

// Convert makes v a value of the variable's type.
func (v *Variable) Convert(value cty.Value) (cty.Value, error) {
	if v.Optional != nil && !value.IsNull() {
		value = v.Optional.Apply(value)
	}
	return lang.Convert(value, v.Type)
}

// Rule is a validation block of a variable.
type Rule struct {
	Condition hcl.Expression
	Message   hcl.Expression // for whoever gives a value that doesn't fulfil it
}

// Local is a named expression.
type Local struct {
	Name string
	Expr hcl.Expression
}

// Output is a value that the configuration makes known after a run.
type Output struct {
	Name      string
	Expr      hcl.Expression
	Doc       string
	Sensitive bool
	Range     hcl.Range
}

// Block is a source, task, collector, pipeline or sink.
type Block struct {
	Addr addr.Addr // as seen from its own directory, and never with a key
	// Body holds the arguments that belong to the kind and the type.
	Body  hcl.Body
	Range hcl.Range // the header of the block

	// The meta-arguments common to all. An expression is nil where it isn't
	// written.
	ForEach   hcl.Expression
	When      hcl.Expression
	DependsOn []Reference
	// TriggeredBy are the tasks without whose change this one is not applied.
	TriggeredBy []Reference
}

// Reference is a block or a module that an argument names, as seen from the
// directory of the block that the argument is in.
type Reference struct {
	Addr  addr.Addr
	Range hcl.Range
}
