package syntax

// A node is a value of the tree that all syntaxes are read into. Its kinds are
// *objectNode, *arrayNode, *stringNode, *numberNode, *boolNode and *nullNode.
type node interface{ where() span }

type objectNode struct {
	span
	members []member
	// index finds the members of an object that is too large to look through.
	index map[string]int
}

type member struct {
	key   *stringNode
	value node
}

type arrayNode struct {
	span
	items []node
}

// A stringNode is a decoded string. Its span includes the quotes.
type stringNode struct {
	span
	text    string
	content int // the first byte inside of the quotes
	escapes escapes
}

type numberNode struct {
	span
	text string // as cty reads it
}

type boolNode struct {
	span
	value bool
}

type nullNode struct{ span }

// smallObject is the number of members up to which looking through them is as
// good as an index.
const smallObject = 16

func (o *objectNode) find(key string) *member {
	if o.index != nil {
		if i, ok := o.index[key]; ok {
			return &o.members[i]
		}
		return nil
	}
	for i := range o.members {
		if o.members[i].key.text == key {
			return &o.members[i]
		}
	}
	return nil
}

// set adds a member whose key is not there yet.
func (o *objectNode) set(key *stringNode, value node) {
	o.members = append(o.members, member{key, value})
	switch {
	case o.index != nil:
		o.index[key.text] = len(o.members) - 1
	case len(o.members) > smallObject:
		o.index = make(map[string]int, 2*len(o.members))
		for i, m := range o.members {
			o.index[m.key.text] = i
		}
	}
}
