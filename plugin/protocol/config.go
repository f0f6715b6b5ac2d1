package protocol

import (
	"errors"
	"fmt"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Expressions are those of a packed configuration, in their order on the wire:
// [event.Expr], [event.ExprMap] and [schema.Self].
type Expressions []any

// hasExpressions reports whether a block can hold an expression anywhere.
func hasExpressions(b *schema.Block) bool {
	return slices.ContainsFunc(b.Attributes, func(a schema.Attribute) bool { return schema.IsExpr(a.Type) }) ||
		slices.ContainsFunc(b.Blocks, func(n schema.Nested) bool { return hasExpressions(&n.Block) })
}

// WireType is the type of a block's value on the wire. An attribute that holds
// an expression is a null of type bool.
func WireType(b *schema.Block) cty.Type {
	if !hasExpressions(b) {
		return b.ImpliedType()
	}
	types := make(map[string]cty.Type, len(b.Attributes)+len(b.Blocks))
	for _, a := range b.Attributes {
		types[a.Name] = a.Type
		if schema.IsExpr(a.Type) {
			types[a.Name] = cty.Bool
		}
	}
	for i := range b.Blocks {
		types[b.Blocks[i].Name] = nestedType(b.Blocks[i].Nesting, WireType(&b.Blocks[i].Block))
	}
	return cty.Object(types)
}

func nestedType(nesting schema.Nesting, inner cty.Type) cty.Type {
	switch nesting {
	case schema.List:
		return cty.List(inner)
	case schema.Map:
		return cty.Map(inner)
	}
	return inner
}

// PackConfig packs the value of a block. What it says in expressions is
// evaluated on this side: they are returned.
func PackConfig(b *schema.Block, v cty.Value) (*Config, Expressions, error) {
	if err := conforms(b, v); err != nil {
		return nil, nil, err
	}
	out := &Config{}
	var found Expressions
	stripped := rebuild(b, v, WireType(b), nil, func(path cty.Path, attribute cty.Value) cty.Value {
		if attribute.IsKnown() && !attribute.IsNull() {
			packed := &Expression{Path: PackPath(path)}
			switch e := attribute.EncapsulatedValue().(type) {
			case *event.Expr:
				packed.Text, found = ValidText(e.Text), append(found, *e)
			case *event.ExprMap:
				for _, one := range *e {
					packed.Names = append(packed.Names, []byte(one.Name))
				}
				found = append(found, *e)
			case *schema.Self:
				packed.Text, found = ValidText(e.Text), append(found, *e)
			}
			out.Expressions = append(out.Expressions, packed)
		}
		return cty.NullVal(cty.Bool)
	})
	var err error
	out.Value, err = PackValue(stripped, WireType(b))
	return out, found, err
}

// UnpackConfig reads what [PackConfig] has packed. The function makes the value
// of the attribute that the i-th expression stands in.
func UnpackConfig(b *schema.Block, packed *Config, expression func(i int, t cty.Type, e *Expression) cty.Value) (out cty.Value, err error) {
	defer unpacked("unpack a configuration", &err)
	v, err := UnpackValue(packed.GetValue(), WireType(b))
	if err != nil {
		return cty.NilVal, err
	}
	used := 0
	out = rebuild(b, v, b.ImpliedType(), nil, func(path cty.Path, attribute cty.Value) cty.Value {
		t := attributeType(b, path)
		for i, e := range packed.GetExpressions() {
			if UnpackPath(e.GetPath()).Equals(path) {
				used++
				return expression(i, t, e)
			}
		}
		return cty.NullVal(t)
	})
	if used != len(packed.GetExpressions()) {
		return cty.NilVal, fmt.Errorf("unpack a configuration: %d of its expressions stand in no attribute", len(packed.GetExpressions())-used)
	}
	return out, nil
}

// attributeType follows a path, which is one of the schema, to an attribute.
func attributeType(b *schema.Block, path cty.Path) cty.Type {
	for i, step := range path {
		named, ok := step.(cty.GetAttrStep)
		if !ok {
			continue
		}
		if a, ok := b.Attribute(named.Name); ok && i == len(path)-1 {
			return a.Type
		}
		n, ok := b.Nested(named.Name)
		if !ok {
			break
		}
		b = &n.Block
	}
	return cty.NilType
}

// rebuild makes a value of another type by giving the attributes that hold
// expressions other values.
func rebuild(b *schema.Block, v cty.Value, want cty.Type, path cty.Path, replace func(cty.Path, cty.Value) cty.Value) cty.Value {
	switch {
	case !hasExpressions(b):
		return v
	case !v.IsKnown():
		return cty.UnknownVal(want)
	case v.IsNull():
		return cty.NullVal(want)
	}
	values := make(map[string]cty.Value, len(b.Attributes)+len(b.Blocks))
	for _, a := range b.Attributes {
		values[a.Name] = v.GetAttr(a.Name)
		if schema.IsExpr(a.Type) {
			values[a.Name] = replace(append(slices.Clone(path), cty.GetAttrStep{Name: a.Name}), v.GetAttr(a.Name))
		}
	}
	for i := range b.Blocks {
		n := &b.Blocks[i]
		at := append(slices.Clone(path), cty.GetAttrStep{Name: n.Name})
		values[n.Name] = rebuildNested(n, v.GetAttr(n.Name), want.AttributeType(n.Name), at, replace)
	}
	return cty.ObjectVal(values)
}

func rebuildNested(n *schema.Nested, v cty.Value, want cty.Type, path cty.Path, replace func(cty.Path, cty.Value) cty.Value) cty.Value {
	switch {
	case n.Nesting == schema.Single:
		return rebuild(&n.Block, v, want, path, replace)
	case !v.IsKnown():
		return cty.UnknownVal(want)
	case v.IsNull():
		return cty.NullVal(want)
	}
	var list []cty.Value
	labelled := make(map[string]cty.Value)
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		element = rebuild(&n.Block, element, want.ElementType(), append(slices.Clone(path), cty.IndexStep{Key: key}), replace)
		list = append(list, element)
		if n.Nesting == schema.Map {
			labelled[key.AsString()] = element
		}
	}
	switch {
	case n.Nesting == schema.List && len(list) == 0:
		return cty.ListValEmpty(want.ElementType())
	case n.Nesting == schema.List:
		return cty.ListVal(list)
	case len(list) == 0:
		return cty.MapValEmpty(want.ElementType())
	}
	return cty.MapVal(labelled)
}

// Columns evaluates the expressions over the events of a batch, one column for
// each: the members of an object have one each. Those over self have none.
func (list Expressions) Columns(b *event.Batch) []*Column {
	var columns []*Column
	for _, one := range list {
		switch e := one.(type) {
		case event.Expr:
			columns = append(columns, column(e, b))
		case event.ExprMap:
			for _, member := range e {
				columns = append(columns, column(member.Expr, b))
			}
		}
	}
	return columns
}

func column(e event.Expr, b *event.Batch) *Column {
	var packed []byte
	for i := range b.Len() {
		packed = event.AppendValues(packed, e.Eval(b, i))
	}
	return &Column{Values: packed}
}

// PackBlock packs a value of a block's type without its expressions.
func PackBlock(b *schema.Block, v cty.Value) ([]byte, error) {
	if err := conforms(b, v); err != nil {
		return nil, err
	}
	stripped := rebuild(b, v, WireType(b), nil, func(cty.Path, cty.Value) cty.Value { return cty.NullVal(cty.Bool) })
	return PackValue(stripped, WireType(b))
}

// conforms returns an error unless a value is one of a block.
func conforms(b *schema.Block, v cty.Value) error {
	if v == cty.NilVal {
		return errors.New("pack a value: there is none")
	}
	if errs := v.Type().TestConformance(b.ImpliedType()); len(errs) > 0 {
		return fmt.Errorf("pack a value: it is not of the type of its schema: %w", errs[0])
	}
	return nil
}

// UnpackBlock reads what [PackBlock] has packed. The expressions are those of a
// configuration of the same block.
func UnpackBlock(b *schema.Block, packed []byte, config cty.Value) (out cty.Value, err error) {
	defer unpacked("unpack a value", &err)
	v, err := UnpackValue(packed, WireType(b))
	if err != nil {
		return cty.NilVal, err
	}
	return rebuild(b, v, b.ImpliedType(), nil, func(path cty.Path, _ cty.Value) cty.Value {
		t := attributeType(b, path)
		if like, err := path.Apply(config); err == nil && like.Type() == t {
			return like
		}
		return cty.NullVal(t)
	}), nil
}
