package schema

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/event"
)

// The options that may follow the name in the tag schema of a field.
const (
	optionRequired  = "required"
	optionComputed  = "computed"
	optionSensitive = "sensitive"
	optionLabel     = "label"
)

// field is one field of a struct that stands for an attribute, a nested block
// or a label.
type field struct {
	reflect.StructField
	name    string // as it is written in a configuration
	options []string
	index   []int // from the struct that was asked, through those embedded in it
}

func (f field) has(option string) bool { return slices.Contains(f.options, option) }

// isLabel reports whether the field holds the label of its block, and so no
// attribute of it.
func (f field) isLabel() bool { return f.has(optionLabel) }

// fieldsOf returns the fields of a struct that have the tag schema. Those of a
// struct that is embedded without one count as its own.
func fieldsOf(t reflect.Type) []field {
	var all []field
	for f := range t.Fields() {
		tag, ok := f.Tag.Lookup("schema")
		switch {
		case ok:
			parts := strings.Split(tag, ",")
			all = append(all, field{StructField: f, name: parts[0], options: parts[1:], index: f.Index})
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			for _, inner := range fieldsOf(f.Type) {
				inner.index = append(slices.Clone(f.Index), inner.index...)
				all = append(all, inner)
			}
		}
	}
	return all
}

// isValue reports whether a struct stands for the value of an attribute, and
// not for a block.
func isValue(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[cty.Value](), reflect.TypeFor[event.Expr](), reflect.TypeFor[event.ExprMap](), reflect.TypeFor[Self]():
		return true
	}
	return false
}

// blockOf returns the struct of a nested block and how it is nested, and false
// where the type is that of an attribute.
func blockOf(t reflect.Type) (inner reflect.Type, nesting Nesting, ok bool) {
	switch {
	case isValue(t):
		return nil, Single, false
	case t.Kind() == reflect.Slice:
		nesting, t = List, t.Elem()
	case t.Kind() == reflect.Map:
		nesting, t = Map, t.Elem()
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t, nesting, t.Kind() == reflect.Struct && !isValue(t)
}

// attributeType returns the type of the attribute that a Go type stands for,
// and the format that it implies.
func attributeType(t reflect.Type) (cty.Type, Format, bool) {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return cty.String, Duration, true
	case reflect.TypeFor[Bytes]():
		return cty.String, Size, true
	case reflect.TypeFor[cty.Value]():
		return cty.DynamicPseudoType, "", true
	case reflect.TypeFor[event.Expr]():
		return EventExpr, "", true
	case reflect.TypeFor[event.ExprMap]():
		return EventExprs, "", true
	case reflect.TypeFor[Self]():
		return SelfExpr, "", true
	}
	switch t.Kind() {
	case reflect.String:
		return cty.String, "", true
	case reflect.Bool:
		return cty.Bool, "", true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return cty.Number, "", true
	case reflect.Pointer:
		return attributeType(t.Elem())
	case reflect.Slice:
		element, format, ok := elementType(t)
		return cty.List(element), format, ok
	case reflect.Map:
		element, format, ok := elementType(t)
		return cty.Map(element), format, ok && t.Key().Kind() == reflect.String
	}
	return cty.NilType, "", false
}

// elementType is [attributeType] of what a slice or map holds, which has to be
// of one type and can be no expression. Bytes would be a list of numbers, which
// nobody wants.
func elementType(t reflect.Type) (cty.Type, Format, bool) {
	element, format, ok := attributeType(t.Elem())
	if !ok || element.HasDynamicTypes() || IsExpr(element) || t.Elem().Kind() == reflect.Uint8 {
		return cty.DynamicPseudoType, "", false
	}
	return element, format, true
}
