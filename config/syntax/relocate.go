package syntax

import (
	"reflect"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// relocateDiagnostics makes new ranges, because one diagnostic may have the
// same one twice.
func (o origin) relocateDiagnostics(diags hcl.Diagnostics) {
	for _, d := range diags {
		if d.Subject != nil {
			d.Subject = o.relocate(*d.Subject).Ptr()
		}
		if d.Context != nil {
			d.Context = o.relocate(*d.Context).Ptr()
		}
	}
}

// relocateIn gives all parts of an expression that was parsed out of a string
// their ranges in the file. The tree has ranges in twenty kinds of nodes, and
// in the steps of traversals, so they are looked for rather than listed.
func (o origin) relocateIn(expr hclsyntax.Expression) {
	relocator{o, make(map[any]bool)}.visit(reflect.ValueOf(expr))
}

type relocator struct {
	origin
	seen map[any]bool // pointers, because a splat refers back
}

var rangeType = reflect.TypeFor[hcl.Range]()

func (r relocator) visit(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && !r.seen[v.Interface()] {
			r.seen[v.Interface()] = true
			r.visit(v.Elem())
		}
	case reflect.Interface:
		r.visitInterface(v)
	case reflect.Slice:
		for i := range v.Len() {
			r.visit(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == rangeType {
			v.Set(reflect.ValueOf(r.relocate(v.Interface().(hcl.Range))))
			return
		}
		for _, field := range v.Fields() {
			if field.CanSet() {
				r.visit(field)
			}
		}
	}
}

// visitInterface replaces a structure that is held by value, such as a step of
// a traversal, which can't be changed where it is.
func (r relocator) visitInterface(v reflect.Value) {
	held := v.Elem()
	if held.Kind() != reflect.Struct {
		r.visit(held)
		return
	}
	changed := reflect.New(held.Type()).Elem()
	changed.Set(held)
	r.visit(changed)
	v.Set(changed)
}
