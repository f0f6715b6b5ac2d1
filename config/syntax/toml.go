package syntax

import (
	"errors"

	"github.com/pelletier/go-toml/v2/unstable"
)

// maxTOMLMarks bounds what the TOML parser is given, which takes a hundred
// bytes for a value.
const maxTOMLMarks = 250_000

// tomlReader builds the tables that the expressions of a TOML file add up to.
type tomlReader struct {
	*builder
	parser unstable.Parser
	next   int // the byte after the last expression
	root   *objectNode
	// origins tells which tables may still be added to. The inline ones are
	// not in it.
	origins map[*objectNode]tableOrigin
	lists   map[*arrayNode]bool // those written as [[...]]
	table   *objectNode         // that keys belong to now
	around  []*span             // of the table and all that it is in
}

// tableOrigin is how a table came to be.
type tableOrigin int

const (
	inline  tableOrigin = iota // closed
	implied                    // by the header of a table in it
	headed                     // has its own header
	dotted                     // by a key with dots
)

func readTOML(b *builder) (node, error) {
	b.headed = true
	root := &objectNode{span: span{b.first, b.first}}
	r := &tomlReader{
		builder: b,
		next:    b.first,
		root:    root,
		origins: map[*objectNode]tableOrigin{root: headed},
		lists:   make(map[*arrayNode]bool),
		table:   root,
		around:  []*span{&root.span},
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	r.parser.Reset(r.bytes[r.first:])
	for r.parser.NextExpression() {
		if err := r.expression(r.parser.Expression()); err != nil {
			return nil, err
		}
	}
	if err := r.parser.Error(); err != nil {
		return nil, r.explain(err)
	}
	return root, nil
}

func (r *tomlReader) check() error {
	marks := 0
	for i := r.first; i < len(r.text); i++ {
		switch r.text[i] {
		case ',', '[', '{', '=', '.':
			if marks++; marks > maxTOMLMarks {
				return fault(span{i, i + 1}, "Too many values", "A TOML file may hold about %d values. Split it into several files.", maxTOMLMarks)
			}
		}
	}
	return nil
}

func (r *tomlReader) explain(err error) error {
	var p *unstable.ParserError
	if !errors.As(err, &p) {
		return err
	}
	at := r.parser.Range(p.Highlight)
	start := r.first + int(at.Offset)
	return fault(span{start, start + int(at.Length)}, "Invalid TOML", "The TOML is not well-formed: %s.", p.Message)
}

// expression adds a line of the file, which is a header or a key and a value.
func (r *tomlReader) expression(e *unstable.Node) error {
	start := r.skipSpace(r.next)
	if e.Kind == unstable.KeyValue {
		end, err := r.keyValue(r.table, e, len(r.around)+1)
		r.next = end
		for _, sp := range r.around {
			sp.end = max(sp.end, end)
		}
		return err
	}
	return r.header(e, start)
}

// header opens the table that the lines after it belong to.
func (r *tomlReader) header(e *unstable.Node, start int) error {
	keys, err := r.keys(e.Key())
	if err != nil {
		return err
	}
	last := keys[len(keys)-1]
	r.next = r.skipSpace(last.end) + len("]")
	if e.Kind == unstable.ArrayTable {
		r.next += len("]")
	}
	whole := span{start, r.next}
	r.table, r.around = r.root, []*span{&r.root.span}
	for _, key := range keys[:len(keys)-1] {
		if err := r.step(key, whole); err != nil {
			return err
		}
	}
	if err := r.enter(len(r.around)+1, last.span); err != nil {
		return err
	}
	if e.Kind == unstable.ArrayTable {
		err = r.openList(last, whole)
	} else {
		err = r.open(last, whole)
	}
	for _, sp := range r.around {
		sp.end = max(sp.end, r.next)
	}
	return err
}

// step goes into the table of a name on the way to another, and makes it if
// need be.
func (r *tomlReader) step(key *stringNode, header span) error {
	m := r.table.find(key.text)
	if m == nil {
		if err := r.enter(len(r.around)+1, key.span); err != nil {
			return err
		}
		r.into(r.newTable(header, implied), key)
		return nil
	}
	switch n := m.value.(type) {
	case *objectNode:
		if r.origins[n] != inline {
			r.into(n, nil)
			return nil
		}
	case *arrayNode:
		if r.lists[n] {
			r.around = append(r.around, &n.span)
			r.into(n.items[len(n.items)-1].(*objectNode), nil)
			return nil
		}
	}
	return r.taken(key, m)
}

// taken reports a name that stands for something else already. What follows
// is read into a table that isn't part of the tree.
func (r *tomlReader) taken(key *stringNode, by *member) error {
	r.into(r.newTable(key.span, headed), nil)
	return r.duplicate(key.span, key.text, by.key.span)
}

func (r *tomlReader) newTable(at span, from tableOrigin) *objectNode {
	t := &objectNode{span: at}
	r.origins[t] = from
	return t
}

// into makes a table the current one. With a key it is a new member of the one
// before.
func (r *tomlReader) into(t *objectNode, key *stringNode) {
	if key != nil {
		r.table.set(key, t)
	}
	r.table = t
	r.around = append(r.around, &t.span)
}

// open opens the table of a header [...].
func (r *tomlReader) open(key *stringNode, whole span) error {
	m := r.table.find(key.text)
	if m == nil {
		r.into(r.newTable(whole, headed), key)
		return nil
	}
	if t, ok := m.value.(*objectNode); ok && r.origins[t] == implied {
		r.origins[t] = headed
		t.start, m.key = whole.start, key
		r.into(t, nil)
		return nil
	}
	return r.taken(key, m)
}

// openList opens the next table of a list, under a header [[...]].
func (r *tomlReader) openList(key *stringNode, whole span) error {
	m := r.table.find(key.text)
	if m == nil {
		list := &arrayNode{span: whole}
		r.lists[list] = true
		r.table.set(key, list)
		m = r.table.find(key.text)
	}
	list, ok := m.value.(*arrayNode)
	if !ok || !r.lists[list] {
		return r.taken(key, m)
	}
	t := r.newTable(whole, headed)
	list.items = append(list.items, t)
	r.around = append(r.around, &list.span)
	r.into(t, nil)
	return r.count(1, whole)
}

// keyValue adds a key and its value to a table, and returns the byte after it.
func (r *tomlReader) keyValue(table *objectNode, e *unstable.Node, depth int) (int, error) {
	keys, err := r.keys(e.Key())
	if err != nil {
		return 0, err
	}
	last := keys[len(keys)-1]
	equals := r.skipSpace(last.end)
	value, err := r.value(e.Value(), r.skipSpace(equals+1), depth+len(keys)-1)
	if err != nil {
		return 0, err
	}
	end := value.where().end
	for i, key := range keys[:len(keys)-1] {
		m := table.find(key.text)
		if m == nil {
			if err := r.enter(depth+i, key.span); err != nil {
				return 0, err
			}
			table.set(key, r.newTable(span{keys[0].start, end}, dotted))
			m = table.find(key.text)
		}
		t, ok := m.value.(*objectNode)
		if !ok || r.origins[t] != dotted {
			return end, r.duplicate(key.span, key.text, m.key.span)
		}
		t.end = end
		table = t
	}
	return end, r.add(table, last, value)
}

func (r *tomlReader) keys(it unstable.Iterator) ([]*stringNode, error) {
	var keys []*stringNode
	for it.Next() {
		key, err := r.quoted(it.Node())
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}
