package jinja

import (
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// fromYAML reads YAML 1.1, in which yes is True. What is no string is read
// already.
func fromYAML(r *run, v any, all bool) (any, error) {
	s, ok := v.(string)
	if !ok {
		return v, nil
	}
	if err := r.take(4 * len(s)); err != nil {
		return nil, err
	}
	d := yaml.NewDecoder(strings.NewReader(s))
	documents := newList()
	for {
		var node yaml.Node
		err := d.Decode(&node)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("the string is not valid YAML%s", yamlLine.FindString(err.Error()))
		}
		value, err := r.readYAML(&node, 0)
		if err != nil {
			return nil, err
		}
		documents.items = append(documents.items, value)
	}
	switch {
	case all:
		return documents, nil
	case len(documents.items) > 1:
		return nil, errors.New("the string has several documents; use from_yaml_all")
	}
	return firstOf(documents.items), nil
}

// yamlLine is where in a text an error is.
var yamlLine = regexp.MustCompile(` line \d+`)

// readYAML makes a value of a node. An alias is paid for as what it stands
// for.
func (r *run) readYAML(n *yaml.Node, depth int) (any, error) {
	if depth > maxDepth {
		return nil, limitf("the YAML is nested more than %d deep", maxDepth)
	}
	if err := r.takeList(1); err != nil {
		return nil, err
	}
	if err := r.step(1); err != nil {
		return nil, err
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return r.readYAML(n.Content[0], depth+1)
	case yaml.AliasNode:
		return r.readYAML(n.Alias, depth+1)
	case yaml.SequenceNode:
		l := newList()
		for _, item := range n.Content {
			v, err := r.readYAML(item, depth+1)
			if err != nil {
				return nil, err
			}
			l.items = append(l.items, v)
		}
		return l, nil
	case yaml.MappingNode:
		return r.readYAMLDict(n, depth)
	}
	return yamlScalar(n)
}

func (r *run) readYAMLDict(n *yaml.Node, depth int) (any, error) {
	out := newDict()
	var merged []any
	for i := 0; i+1 < len(n.Content); i += 2 {
		value, err := r.readYAML(n.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		if n.Content[i].Tag == "!!merge" {
			merged = append(merged, value)
			continue
		}
		key, err := r.readYAML(n.Content[i], depth+1)
		if err != nil {
			return nil, err
		}
		if err := out.set(key, value); err != nil {
			return nil, err
		}
	}
	return r.mergeYAML(out, merged)
}

// mergeYAML puts what << names before the entries of a dict, which win. Of
// several the first wins.
func (r *run) mergeYAML(own *dict, merged []any) (any, error) {
	if len(merged) == 0 {
		return own, nil
	}
	var all []any
	for _, from := range merged {
		if l, ok := from.(*list); ok {
			all = append(all, l.items...)
		} else {
			all = append(all, from)
		}
	}
	slices.Reverse(all)
	out := newDict()
	for _, one := range append(all, own) {
		d, err := asDict(one)
		if err != nil {
			return nil, err
		}
		if err := r.updateDict(out, d); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func yamlScalar(n *yaml.Node) (any, error) {
	quoted := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	if n.Tag == "!!str" && (quoted || n.Style&yaml.TaggedStyle != 0) || quoted {
		return n.Value, nil
	}
	switch {
	case n.Style&yaml.TaggedStyle == 0, n.Tag == "!!int", n.Tag == "!!float", n.Tag == "!!bool", n.Tag == "!!null":
		return plainScalar(n.Value)
	}
	return nil, errors.New("the YAML has a tag that is not supported")
}

// The plain scalars of YAML 1.1 that are no strings.
var (
	yamlNull    = regexp.MustCompile(`^(~|null|Null|NULL|)$`)
	yamlTruth   = regexp.MustCompile(`^(yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$`)
	yamlInt     = regexp.MustCompile(`^([-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$`)
	yamlDecimal = regexp.MustCompile(`^([-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$`)
)

// maxPlainForm bounds the length of what is looked at for being no string.
const maxPlainForm = 64

func plainScalar(s string) (any, error) {
	if len(s) > maxPlainForm {
		return s, nil
	}
	switch {
	case yamlNull.MatchString(s):
		return nil, nil
	case yamlTruth.MatchString(s):
		switch strings.ToLower(s) {
		case "yes", "true", "on":
			return true, nil
		}
		return false, nil
	case yamlInt.MatchString(s):
		return yamlInteger(strings.ReplaceAll(s, "_", ""))
	case yamlDecimal.MatchString(s):
		return yamlFloat(strings.ToLower(strings.ReplaceAll(s, "_", "")))
	}
	return s, nil
}

func yamlInteger(s string) (any, error) {
	if strings.Contains(s, ":") {
		f, err := sexagesimal(s)
		return int64(f), err
	}
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil {
		return nil, errOverflow
	}
	return n, nil
}

func yamlFloat(s string) (any, error) {
	switch {
	case strings.HasSuffix(s, "nan"):
		return math.NaN(), nil
	case strings.HasPrefix(s, "-.inf"):
		return math.Inf(-1), nil
	case strings.HasSuffix(s, "inf"):
		return math.Inf(1), nil
	case strings.Contains(s, ":"):
		return sexagesimal(s)
	}
	return strconv.ParseFloat(s, 64)
}

// sexagesimal reads 1:30:00 as a number of seconds.
func sexagesimal(s string) (float64, error) {
	sign := 1.0
	if s[0] == '-' {
		sign = -1
	}
	total := 0.0
	for part := range strings.SplitSeq(strings.TrimLeft(s, "+-"), ":") {
		f, err := strconv.ParseFloat(part, 64)
		if err != nil {
			return 0, err
		}
		total = total*60 + f
	}
	return sign * total, nil
}
