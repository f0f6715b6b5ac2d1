// Package schema says as data what a block may hold. From a schema the core
// decodes and checks a configuration; from the same schema the reference
// pages, the completion and the JSON Schema are drawn.
//
//	&schema.Block{
//		Doc: "Keeps a file as declared.",
//		Attributes: []schema.Attribute{
//			{Name: "path", Type: cty.String, Required: true, Format: schema.AbsolutePath, Claim: schema.Owns, Doc: "..."},
//			{Name: "mode", Type: cty.String, Format: schema.Mode, Doc: "..."},
//			{Name: "checksum", Type: cty.String, Computed: true, Doc: "..."},
//		},
//	}
package schema

import (
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/event"
)

// Block is what the body of a block may hold.
type Block struct {
	Doc        string
	Attributes []Attribute
	Blocks     []Nested
}

// Attribute is one argument of a block, or one value it makes known.
type Attribute struct {
	Name string
	Type cty.Type
	Doc  string

	// At most one of Required, Default and Computed is set. A computed
	// attribute can't be given a value: it is what the instance learns.
	Required bool
	Default  cty.Value
	Computed bool

	Sensitive  bool     // its value is never shown
	Deprecated string   // what to use instead
	Enum       []string // the only values a string may have
	Format     Format   // what a string must look like
	Claim      Claim    // how the path in it is used
}

// Nested is a block within a block.
type Nested struct {
	Name    string
	Nesting Nesting
	Block
	Required bool
	Label    string // what the label of a Map block means, such as "name"
}

// Nesting says how often a nested block may be written and what its value is.
type Nesting int

// The ways to nest.
const (
	Single Nesting = iota // at most once: an object, null when left out
	List                  // any number: a list of objects
	Map                   // any number, each with a label: a map of objects
)

// Format is what a string attribute must look like. The core checks it.
type Format string

// The formats.
const (
	Duration     Format = "duration"      // "30s"; see [ParseDuration]
	Size         Format = "size"          // "8MiB"; see [ParseSize]
	Mode         Format = "mode"          // "0644"; see [ParseMode]
	AbsolutePath Format = "absolute path" // "/etc/motd"
	Regexp       Format = "regexp"        // Go's RE2 syntax
	Glob         Format = "glob"          // with ** for any number of directories
	URL          Format = "url"
	Schedule     Format = "schedule" // a cron expression: "30 3 * * mon-fri"
)

// Claim says what a task does to the path in an attribute, so that the core
// can order the tasks of one path and refuse those that contradict.
type Claim string

// The claims.
const (
	Owns  Claim = "owns"  // decides all that is at the path; one task only
	Edits Claim = "edits" // changes a part of the file's content; many tasks
)

// EventExpr is the type of an attribute that holds an expression over
// event.*. Its value encapsulates an [event.Expr].
var EventExpr = cty.Capsule("event expression", reflectType[event.Expr]())

// EventExprs is the type of an attribute that holds an object of expressions
// over event.*. Its value encapsulates an [event.ExprMap].
var EventExprs = cty.Capsule("map of event expressions", reflectType[event.ExprMap]())

// SelfExpr is the type of an attribute that holds an expression over self.*.
// Its value encapsulates a [Self].
var SelfExpr = cty.Capsule("expression over self", reflectType[Self]())

// Self is an expression over what a task has learnt, to be evaluated by the
// task itself.
type Self struct {
	Eval func(self cty.Value) (cty.Value, error)
	// Text is the expression as it was written.
	Text string
}

// IsExpr reports whether t is one of the types whose value is an expression
// rather than what it evaluates to.
func IsExpr(t cty.Type) bool {
	return t == EventExpr || t == EventExprs || t == SelfExpr
}

// Attribute returns the attribute of that name.
func (b *Block) Attribute(name string) (*Attribute, bool) {
	for i := range b.Attributes {
		if b.Attributes[i].Name == name {
			return &b.Attributes[i], true
		}
	}
	return nil, false
}

// Nested returns the nested block of that name.
func (b *Block) Nested(name string) (*Nested, bool) {
	for i := range b.Blocks {
		if b.Blocks[i].Name == name {
			return &b.Blocks[i], true
		}
	}
	return nil, false
}

// ImpliedType is the type of the value that a block decodes to.
func (b *Block) ImpliedType() cty.Type {
	types := make(map[string]cty.Type, len(b.Attributes)+len(b.Blocks))
	for _, a := range b.Attributes {
		types[a.Name] = a.Type
	}
	for _, n := range b.Blocks {
		types[n.Name] = n.impliedType()
	}
	return cty.Object(types)
}

func (n *Nested) impliedType() cty.Type {
	t := n.Block.ImpliedType()
	switch n.Nesting {
	case List:
		return cty.List(t)
	case Map:
		return cty.Map(t)
	default:
		return t
	}
}
