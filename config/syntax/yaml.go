package syntax

import (
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxYAMLMarks bounds what the YAML parser is given. It takes two hundred
// bytes for a value, and there are at most two values to each mark.
const maxYAMLMarks = 80_000

// yamlReader turns the nodes of the YAML parser into the tree.
type yamlReader struct {
	*builder
	lines  []int // where each begins
	cursor struct{ line, column, offset int }
	last   int // the byte after the scalar before
	// anchored holds what an alias stands for, and how many values that is.
	// A value is not in it before it is complete, so none holds itself.
	anchored map[*yaml.Node]expansion
}

type expansion struct {
	node  node
	nodes int
	depth int
}

func readYAML(b *builder) (node, error) {
	r := &yamlReader{builder: b, anchored: make(map[*yaml.Node]expansion)}
	if err := r.check(); err != nil {
		return nil, err
	}
	document, err := r.parse()
	if err != nil {
		return nil, err
	}
	if document == nil {
		return &nullNode{span{b.first, b.first}}, nil
	}
	root, _, err := r.value(document, 1)
	return root, err
}

// check finds the lines, and refuses what the parser would see others in or
// would need too much memory for.
func (r *yamlReader) check() error {
	r.lines = []int{r.first}
	marks := 0
	for i := r.first; i < len(r.text); i++ {
		switch c := r.text[i]; c {
		case '\n':
			r.lines = append(r.lines, i+1)
		case ',', '[', '{', '-', '?', ':', '#':
			if isYAMLMark(r.text, i) {
				marks++
			}
			if marks > maxYAMLMarks {
				return fault(span{i, i + 1}, "Too many values", "A YAML file may hold about %d values. Split it into several files.", maxYAMLMarks)
			}
		case 0xC2, 0xE2:
			for _, separator := range []string{"\u0085", "\u2028", "\u2029"} {
				if strings.HasPrefix(r.text[i:], separator) {
					return fault(span{i, i + len(separator)}, "Invalid character", "YAML takes this separator for the end of a line. Write it as an escape in double quotes.")
				}
			}
		}
	}
	return nil
}

// isYAMLMark reports whether a character may begin or separate values. It
// doesn't know what is inside of a string, and so may count too many.
func isYAMLMark(text string, i int) bool {
	if i+1 == len(text) || strings.IndexByte(" \t\r\n,[]{}", text[i+1]) >= 0 {
		return true
	}
	switch text[i] {
	case '-', '?':
		return false
	case ':':
		return i > 0 && strings.IndexByte("\"'[]{},", text[i-1]) >= 0
	case '#':
		return i == 0 || isSpace(text[i-1])
	}
	return true
}

// parse returns the only document of the file, and nil where there is none.
func (r *yamlReader) parse() (*yaml.Node, error) {
	text := r.text[r.first:]
	if strings.HasPrefix(text, "%YAML 1.2") {
		text = "#" + text[1:] // the parser knows the version 1.1 only, and refuses to try
	}
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var document, second yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, r.explain(err)
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, fault(r.lineOf(max(second.Line, document.Line)), "Several YAML documents", "A configuration file holds one YAML document. Put each into a file of its own.")
	}
	return document.Content[0], nil
}

// value turns a node and what is in it into the tree. It also returns how deep
// that is.
func (r *yamlReader) value(n *yaml.Node, depth int) (node, int, error) {
	if n.Kind == yaml.AliasNode {
		return r.alias(n, depth)
	}
	before := r.nodes
	value, deep, err := r.written(n, depth)
	if err == nil && n.Anchor != "" {
		r.anchored[n] = expansion{value, r.nodes - before, deep}
	}
	return value, deep, err
}

func (r *yamlReader) written(n *yaml.Node, depth int) (node, int, error) {
	at := r.start(n)
	if err := r.checkTag(n, at); err != nil {
		return nil, 0, err
	}
	switch n.Kind {
	case yaml.MappingNode:
		return r.mapping(n, at, depth)
	case yaml.SequenceNode:
		return r.sequence(n, at, depth)
	}
	value, err := r.scalar(n, at)
	return value, 0, err
}

// alias returns what was read at the anchor. The tree holds it once, but
// whoever walks through the tree meets it again, and so it counts again.
func (r *yamlReader) alias(n *yaml.Node, depth int) (node, int, error) {
	at := r.offset(n)
	sp := span{at, at + len("*") + len(n.Value)}
	known, ok := r.anchored[n.Alias]
	if !ok {
		return nil, 0, fault(sp, "Invalid alias", "The alias stands for a value that it is a part of.")
	}
	if depth+known.depth > maxDepth+1 {
		return nil, 0, fault(sp, "Nesting too deep", "Values may be nested at most %d deep.", maxDepth)
	}
	return known.node, known.depth, r.count(known.nodes, sp)
}

func (r *yamlReader) sequence(n *yaml.Node, start, depth int) (node, int, error) {
	a := &arrayNode{span: span{start, start + 1}}
	if err := r.enter(depth, a.span); err != nil {
		return nil, 0, err
	}
	deepest, end := 0, start+1
	for _, item := range n.Content {
		value, deep, err := r.value(item, depth+1)
		if err != nil {
			return nil, 0, err
		}
		a.items = append(a.items, value)
		deepest, end = max(deepest, deep), r.endOf(item, value, end)
	}
	a.end = r.close(n, end)
	return a, deepest + 1, nil
}

func (r *yamlReader) mapping(n *yaml.Node, start, depth int) (node, int, error) {
	o := &objectNode{span: span{start, start + 1}}
	if err := r.enter(depth, o.span); err != nil {
		return nil, 0, err
	}
	var merged []node
	deepest, end := 0, start+1
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, err := r.key(n.Content[i])
		if err != nil {
			return nil, 0, err
		}
		value, deep, err := r.value(n.Content[i+1], depth+1)
		if err != nil {
			return nil, 0, err
		}
		deepest, end = max(deepest, deep), r.endOf(n.Content[i+1], value, key.end)
		if isMergeKey(n.Content[i]) {
			merged = append(merged, value)
		} else if err := r.add(o, key, value); err != nil {
			return nil, 0, err
		}
	}
	o.end = r.close(n, end)
	return o, deepest + 1, r.merge(o, merged)
}

// merge adds the members of other mappings that a mapping doesn't have itself.
func (r *yamlReader) merge(o *objectNode, merged []node) error {
	for _, from := range merged {
		switch from := from.(type) {
		case *objectNode:
			for _, m := range from.members {
				if o.find(m.key.text) == nil {
					o.set(m.key, m.value)
				}
			}
		case *arrayNode:
			if err := r.merge(o, from.items); err != nil {
				return err
			}
		default:
			return fault(from.where(), "Invalid merge key", "The value of << must be a mapping, or a list of mappings.")
		}
	}
	return nil
}

func isMergeKey(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "<<" && n.Style == 0
}
