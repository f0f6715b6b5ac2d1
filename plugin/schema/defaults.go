package schema

import "github.com/zclconf/go-cty/cty"

// Defaults is the value of a block in which nothing is written: its defaults,
// and null for all else, be it required or not.
func (b *Block) Defaults() cty.Value {
	values := make(map[string]cty.Value, len(b.Attributes)+len(b.Blocks))
	for _, a := range b.Attributes {
		values[a.Name] = a.Default
		if a.Default == cty.NilVal {
			values[a.Name] = cty.NullVal(a.Type)
		}
	}
	for i := range b.Blocks {
		values[b.Blocks[i].Name] = b.Blocks[i].Absent()
	}
	return cty.ObjectVal(values)
}

// Absent is the value of a nested block that is not written.
func (n *Nested) Absent() cty.Value {
	t := n.Block.ImpliedType()
	switch n.Nesting {
	case List:
		return cty.ListValEmpty(t)
	case Map:
		return cty.MapValEmpty(t)
	}
	return cty.NullVal(t)
}

// Required returns the names of the attributes and blocks that have to be
// written.
func (b *Block) Required() []string {
	var names []string
	for _, a := range b.Attributes {
		if a.Required {
			names = append(names, a.Name)
		}
	}
	for _, n := range b.Blocks {
		if n.Required {
			names = append(names, n.Name)
		}
	}
	return names
}
