package plugintest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Config is what a block of a configuration holds, by name. An argument is a
// string, bool, number, [time.Duration], slice, map with string keys,
// [cty.Value] or expression: an [event.Expr], [event.ExprMap] or
// [schema.Self]. A nested block is a Config, a []Config or a map[string]Config,
// as its nesting is.
type Config map[string]any

// Value returns the value that the core makes of the block: with defaults,
// unknown for what is computed, and null for all else that is left out. An error names what doesn't fit the
// schema.
func (c Config) Value(b *schema.Block) (cty.Value, error) {
	rest := maps.Clone(c)
	values := make(map[string]cty.Value)
	for i := range b.Attributes {
		a := &b.Attributes[i]
		given, ok := rest[a.Name]
		delete(rest, a.Name)
		v, err := argument(a, given, ok)
		if err != nil {
			return cty.NilVal, fmt.Errorf("%s: %w", a.Name, err)
		}
		values[a.Name] = v
	}
	for i := range b.Blocks {
		n := &b.Blocks[i]
		given, ok := rest[n.Name]
		delete(rest, n.Name)
		if n.Required && !ok {
			return cty.NilVal, fmt.Errorf("%s: it is required", n.Name)
		}
		v, err := nested(n, given)
		if err != nil {
			return cty.NilVal, fmt.Errorf("%s: %w", n.Name, err)
		}
		values[n.Name] = v
	}
	if len(rest) > 0 {
		return cty.NilVal, fmt.Errorf("the schema has no %q", slices.Sorted(maps.Keys(rest))[0])
	}
	return cty.ObjectVal(values), nil
}

func argument(a *schema.Attribute, given any, ok bool) (cty.Value, error) {
	switch {
	case ok && a.Computed:
		return cty.NilVal, fmt.Errorf("it is computed and can't be given")
	case ok && given != nil:
		v, err := valueOf(given)
		if err != nil {
			return cty.NilVal, err
		}
		return convert.Convert(v, a.Type)
	case a.Computed:
		return cty.UnknownVal(a.Type), nil
	case a.Required:
		return cty.NilVal, fmt.Errorf("it is required")
	case a.Default != cty.NilVal && !ok:
		return a.Default, nil
	}
	return cty.NullVal(a.Type), nil
}

func nested(n *schema.Nested, given any) (cty.Value, error) {
	switch blocks := given.(type) {
	case nil:
		return n.Absent(), nil
	case Config:
		if n.Nesting == schema.Single {
			return blocks.Value(&n.Block)
		}
	case []Config:
		var list []cty.Value
		for i, one := range blocks {
			v, err := one.Value(&n.Block)
			if err != nil {
				return cty.NilVal, fmt.Errorf("block %d: %w", i, err)
			}
			list = append(list, v)
		}
		if n.Nesting == schema.List && len(list) > 0 {
			return cty.ListVal(list), nil
		}
	case map[string]Config:
		labelled := make(map[string]cty.Value)
		for label, one := range blocks {
			v, err := one.Value(&n.Block)
			if err != nil {
				return cty.NilVal, fmt.Errorf("%s: %w", label, err)
			}
			labelled[label] = v
		}
		if n.Nesting == schema.Map && len(labelled) > 0 {
			return cty.MapVal(labelled), nil
		}
	}
	return cty.NilVal, fmt.Errorf("a %T is not what the block is given as: see Config", given)
}

// valueOf returns a Go value as one of cty, of the type that it has by itself.
func valueOf(given any) (cty.Value, error) {
	switch v := given.(type) {
	case cty.Value:
		return v, nil
	case time.Duration:
		return cty.StringVal(v.String()), nil
	case event.Expr:
		return cty.CapsuleVal(schema.EventExpr, &v), nil
	case event.ExprMap:
		return cty.CapsuleVal(schema.EventExprs, &v), nil
	case schema.Self:
		return cty.CapsuleVal(schema.SelfExpr, &v), nil
	}
	return reflected(reflect.ValueOf(given))
}

func reflected(v reflect.Value) (cty.Value, error) {
	switch {
	case v.Kind() == reflect.String:
		return cty.StringVal(v.String()), nil
	case v.Kind() == reflect.Bool:
		return cty.BoolVal(v.Bool()), nil
	case v.CanInt():
		return cty.NumberIntVal(v.Int()), nil
	case v.CanUint():
		return cty.NumberUIntVal(v.Uint()), nil
	case v.CanFloat():
		return cty.NumberFloatVal(v.Float()), nil
	case v.Kind() == reflect.Slice:
		var items []cty.Value
		for i := range v.Len() {
			item, err := valueOf(v.Index(i).Interface())
			if err != nil {
				return cty.NilVal, err
			}
			items = append(items, item)
		}
		return cty.TupleVal(items), nil
	case v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String:
		members := make(map[string]cty.Value)
		for it := v.MapRange(); it.Next(); {
			member, err := valueOf(it.Value().Interface())
			if err != nil {
				return cty.NilVal, err
			}
			members[it.Key().String()] = member
		}
		return cty.ObjectVal(members), nil
	}
	return cty.NilVal, fmt.Errorf("a %s is not what an argument is given as: see Config", v.Type())
}
