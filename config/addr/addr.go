// Package addr names the blocks of a configuration. An address is a typed
// value, comparable and ordered; its text is made for people and is read back
// by [Parse].
//
//	a := addr.Addr{Kind: addr.Task, Type: "file", Name: "motd"}
//	a.String()                // task.file.motd
//	a.Instance("a").String()  // task.file.motd["a"]
//
// A block of a module has the path of the module before it:
// module.web["a"].task.file.motd.
package addr

import (
	"cmp"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// Kind is the keyword of a block that has an address.
type Kind string

// The kinds of blocks. A pipeline has no type.
const (
	Source    Kind = "source"
	Task      Kind = "task"
	Collector Kind = "collector"
	Pipeline  Kind = "pipeline"
	Sink      Kind = "sink"
)

// Kinds lists them in the order in which they are shown.
func Kinds() []Kind { return []Kind{Source, Task, Collector, Pipeline, Sink} }

// HasType reports whether blocks of this kind have a type beside their name.
func (k Kind) HasType() bool { return k != Pipeline }

// Valid reports whether k is one of [Kinds].
func (k Kind) Valid() bool {
	switch k {
	case Source, Task, Collector, Pipeline, Sink:
		return true
	}
	return false
}

// Addr is the address of a block, of one instance of a block that has
// for_each, or where it has no kind of a module as a whole.
type Addr struct {
	Module Module
	Kind   Kind
	Type   string // empty for a pipeline
	Name   string
	Key    Key
}

// Key tells the instances of one block apart. The zero Key is that of a block
// without for_each.
type Key struct {
	text string
	set  bool
}

// InstanceKey returns the key of the instance that for_each names so.
func InstanceKey(text string) Key { return Key{text, true} }

// IsSet reports whether the key is that of an instance.
func (k Key) IsSet() bool { return k.set }

func (k Key) index() string {
	if !k.set {
		return ""
	}
	return "[" + string(hclwrite.TokensForValue(cty.StringVal(k.text)).Bytes()) + "]"
}

// Text returns the each.key of the instance.
func (k Key) Text() string { return k.text }

// Instance returns the address of an instance of the block a.
func (a Addr) Instance(key string) Addr {
	a.Key = InstanceKey(key)
	return a
}

// Block returns the address without the key of an instance.
func (a Addr) Block() Addr {
	a.Key = Key{}
	return a
}

// Written returns the address as a configuration has it, without any key of an
// instance.
func (a Addr) Written() Addr {
	a = a.Block()
	a.Module = a.Module.Written()
	return a
}

// IsModule reports whether a stands for a module as a whole.
func (a Addr) IsModule() bool { return a.Kind == "" }

// In returns the address, which is given as seen from a module, as seen from
// the configuration itself.
func (a Addr) In(m Module) Addr {
	a.Module = m.Join(a.Module)
	return a
}

// String returns the address as it is written in a configuration.
func (a Addr) String() string {
	text := a.Module.String()
	if a.IsModule() {
		return text
	}
	if text != "" {
		text += "."
	}
	text += string(a.Kind) + "."
	if a.Kind.HasType() {
		text += a.Type + "."
	}
	return text + a.Name + a.Key.index()
}

// MarshalText makes addresses appear as text in JSON.
func (a Addr) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// Compare orders addresses by module, kind, type, name and key.
func Compare(a, b Addr) int {
	return cmp.Or(
		cmp.Compare(a.Module.text, b.Module.text),
		cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Type, b.Type),
		cmp.Compare(a.Name, b.Name),
		compareBool(a.Key.set, b.Key.set),
		cmp.Compare(a.Key.text, b.Key.text),
	)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// Parse reads an address from its text.
func Parse(text string) (Addr, error) {
	traversal, diags := hclsyntax.ParseTraversalAbs([]byte(text), "address", hcl.InitialPos)
	if diags.HasErrors() {
		return Addr{}, fmt.Errorf("%q is not an address; write it as in task.file.motd or task.file.motd[\"key\"]", text)
	}
	a, rest, ok := FromReference(traversal)
	if !ok || len(rest) > 0 {
		return Addr{}, fmt.Errorf("%q is not an address; write it as in task.file.motd or task.file.motd[\"key\"]", text)
	}
	return a, nil
}

// FromReference reads the address at the start of a reference as
// [FromTraversal] does, and those of modules and of blocks in modules too.
func FromReference(t hcl.Traversal) (a Addr, rest hcl.Traversal, ok bool) {
	steps, rest := takeSteps(t)
	for _, s := range steps {
		a.Module = a.Module.Child(s)
	}
	if len(rest) == 0 || !Kind(stepName(rest[0])).Valid() {
		return a, rest, len(steps) > 0
	}
	block, rest, ok := takeBlock(rest)
	if !ok {
		return Addr{}, t, false
	}
	block.Module = a.Module
	return block, rest, true
}

// FromTraversal reads the address at the start of a reference, and returns
// what follows it: task.file.motd["a"].path is the address
// task.file.motd["a"] and the rest .path. It reports false where the
// reference isn't one to a block.
func FromTraversal(t hcl.Traversal) (a Addr, rest hcl.Traversal, ok bool) {
	if root, isRoot := t[0].(hcl.TraverseRoot); !isRoot || !Kind(root.Name).Valid() {
		return Addr{}, t, false
	}
	return takeBlock(t)
}

// takeBlock takes an address that begins with the kind of a block.
func takeBlock(t hcl.Traversal) (a Addr, rest hcl.Traversal, ok bool) {
	a.Kind, rest = Kind(stepName(t[0])), t[1:]
	if a.Kind.HasType() {
		if a.Type, rest, ok = takeName(rest); !ok {
			return Addr{}, t, false
		}
	}
	if a.Name, rest, ok = takeName(rest); !ok {
		return Addr{}, t, false
	}
	if key, isIndex := firstIndex(rest); isIndex {
		a.Key, rest = InstanceKey(key), rest[1:]
	}
	return a, rest, true
}

func takeName(t hcl.Traversal) (string, hcl.Traversal, bool) {
	if len(t) == 0 {
		return "", t, false
	}
	step, ok := t[0].(hcl.TraverseAttr)
	if !ok {
		return "", t, false
	}
	return step.Name, t[1:], true
}

func firstIndex(t hcl.Traversal) (string, bool) {
	if len(t) == 0 {
		return "", false
	}
	step, ok := t[0].(hcl.TraverseIndex)
	if !ok || step.Key.IsNull() || !step.Key.IsKnown() || step.Key.Type() != cty.String {
		return "", false
	}
	return step.Key.AsString(), true
}
