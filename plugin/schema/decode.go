package schema

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"
)

// Decode copies a block's value into the struct that out points to. A field
// takes the attribute or nested block that its tag names:
//
//	type config struct {
//		Path    string         `schema:"path"`
//		Mode    *string        `schema:"mode"`    // nil when null
//		Timeout time.Duration  `schema:"timeout"` // a Duration attribute
//		Retry   *retry         `schema:"retry"`   // a Single block
//	}
//
// [For] makes the schema of such a struct. What else its tags say means nothing
// here, but that a field which is a label takes the label of its block.
//
// A null becomes the zero value, and so does a computed attribute, which isn't
// known when an instance is opened. All else must be known and carry no marks.
// An error means that the struct and the schema don't fit.
func Decode(v cty.Value, out any) error {
	target := reflect.ValueOf(out)
	if target.Kind() != reflect.Pointer || target.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("decode into %T: want a pointer to a struct", out)
	}
	return decodeStruct(v, target.Elem())
}

func decodeStruct(v cty.Value, out reflect.Value) error {
	if !v.Type().IsObjectType() {
		return fmt.Errorf("cannot decode %s into %s", v.Type().FriendlyName(), out.Type())
	}
	for _, f := range fieldsOf(out.Type()) {
		switch {
		case f.isLabel():
			continue
		case !f.IsExported():
			return fmt.Errorf("%s.%s: the field is not exported", out.Type(), f.Name)
		case !v.Type().HasAttribute(f.name):
			return fmt.Errorf("%s.%s: the schema has no %q", out.Type(), f.Name, f.name)
		}
		given := v.GetAttr(f.name)
		if f.has(optionComputed) && !given.IsKnown() {
			given = cty.NullVal(given.Type())
		}
		err := decodeValue(given, out.FieldByIndex(f.index))
		if err != nil && f.has(optionSensitive) {
			err = errors.New("the value doesn't fit") // which one, nobody may see
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

func decodeValue(v cty.Value, out reflect.Value) error {
	if out.Type() == reflect.TypeFor[cty.Value]() {
		out.Set(reflect.ValueOf(v))
		return nil
	}
	if !v.IsKnown() {
		return fmt.Errorf("the value is not known")
	}
	if v.IsNull() {
		out.SetZero()
		return nil
	}
	if v.Type().IsCapsuleType() {
		return decodeCapsule(v, out)
	}
	switch out.Interface().(type) {
	case time.Duration:
		d, err := ParseDuration(v.AsString())
		out.SetInt(int64(d))
		return err
	case Bytes:
		n, err := ParseSize(v.AsString())
		out.SetInt(int64(n))
		return err
	}
	return decodeKind(v, out)
}

func decodeKind(v cty.Value, out reflect.Value) error {
	switch out.Kind() {
	case reflect.Pointer:
		out.Set(reflect.New(out.Type().Elem()))
		return decodeValue(v, out.Elem())
	case reflect.Struct:
		return decodeStruct(v, out)
	case reflect.Slice:
		return decodeSlice(v, out)
	case reflect.Map:
		return decodeMap(v, out)
	}
	return decodeScalar(v, out)
}

func decodeScalar(v cty.Value, out reflect.Value) error {
	switch {
	case out.Kind() == reflect.String && v.Type() == cty.String:
		out.SetString(v.AsString())
	case out.Kind() == reflect.Bool && v.Type() == cty.Bool:
		out.SetBool(v.True())
	case out.CanInt() && v.Type() == cty.Number:
		n, accuracy := v.AsBigFloat().Int64()
		if accuracy != big.Exact || out.OverflowInt(n) {
			return fmt.Errorf("%s is not a whole number in range", v.AsBigFloat().String())
		}
		out.SetInt(n)
	case out.CanUint() && v.Type() == cty.Number:
		n, accuracy := v.AsBigFloat().Uint64()
		if accuracy != big.Exact || out.OverflowUint(n) {
			return fmt.Errorf("%s is not a whole number in range", v.AsBigFloat().String())
		}
		out.SetUint(n)
	case out.CanFloat() && v.Type() == cty.Number:
		f, _ := v.AsBigFloat().Float64()
		out.SetFloat(f)
	default:
		return fmt.Errorf("cannot decode %s into %s", v.Type().FriendlyName(), out.Type())
	}
	return nil
}

func decodeSlice(v cty.Value, out reflect.Value) error {
	if !v.CanIterateElements() {
		return fmt.Errorf("cannot decode %s into %s", v.Type().FriendlyName(), out.Type())
	}
	out.Set(reflect.MakeSlice(out.Type(), 0, v.LengthInt()))
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		item := reflect.New(out.Type().Elem()).Elem()
		if err := decodeValue(element, item); err != nil {
			return err
		}
		out.Set(reflect.Append(out, item))
	}
	return nil
}

func decodeMap(v cty.Value, out reflect.Value) error {
	if !v.CanIterateElements() || out.Type().Key().Kind() != reflect.String {
		return fmt.Errorf("cannot decode %s into %s", v.Type().FriendlyName(), out.Type())
	}
	out.Set(reflect.MakeMapWithSize(out.Type(), v.LengthInt()))
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		item := reflect.New(out.Type().Elem()).Elem()
		if err := decodeValue(element, item); err != nil {
			return fmt.Errorf("%s: %w", key.AsString(), err)
		}
		setLabel(item, key.AsString())
		out.SetMapIndex(reflect.ValueOf(key.AsString()).Convert(out.Type().Key()), item)
	}
	return nil
}

// setLabel tells a block its label, where it has a field for it.
func setLabel(block reflect.Value, label string) {
	if block.Kind() == reflect.Pointer {
		block = block.Elem()
	}
	if block.Kind() != reflect.Struct || isValue(block.Type()) {
		return
	}
	for _, f := range fieldsOf(block.Type()) {
		if f.isLabel() && f.IsExported() && f.Type.Kind() == reflect.String {
			block.FieldByIndex(f.index).SetString(label)
		}
	}
}

func decodeCapsule(v cty.Value, out reflect.Value) error {
	inside := reflect.ValueOf(v.EncapsulatedValue())
	switch {
	case inside.Type() == out.Type():
		out.Set(inside)
	case inside.Kind() == reflect.Pointer && inside.Type().Elem() == out.Type():
		out.Set(inside.Elem())
	default:
		return fmt.Errorf("cannot decode %s into %s", v.Type().FriendlyName(), out.Type())
	}
	return nil
}

// Check reports where the schema and the struct that a value of it is decoded
// into don't agree: a tag without an attribute, an attribute that nothing
// reads. Computed attributes need no field.
func Check(b *Block, config any) error {
	var problems []string
	checkStruct(b, reflect.TypeOf(config), "", &problems)
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("schema and struct differ: %s", strings.Join(problems, "; "))
}

func checkStruct(b *Block, t reflect.Type, prefix string, problems *[]string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t == reflect.TypeFor[cty.Value]() {
		return
	}
	fields := map[string]reflect.Type{}
	for _, f := range fieldsOf(t) {
		if !f.isLabel() {
			fields[f.name] = f.Type
		}
	}
	for _, a := range b.Attributes {
		if _, ok := fields[a.Name]; !ok && !a.Computed {
			*problems = append(*problems, fmt.Sprintf("no field for %s%s", prefix, a.Name))
		}
		delete(fields, a.Name)
	}
	for _, n := range b.Blocks {
		if f, ok := fields[n.Name]; ok {
			checkStruct(&n.Block, f, prefix+n.Name+".", problems)
		} else {
			*problems = append(*problems, fmt.Sprintf("no field for block %s%s", prefix, n.Name))
		}
		delete(fields, n.Name)
	}
	for name := range fields {
		*problems = append(*problems, fmt.Sprintf("no attribute for %s%s", prefix, name))
	}
}
