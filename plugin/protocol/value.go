package protocol

import (
	"errors"
	"fmt"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/json"
	"github.com/zclconf/go-cty/cty/msgpack"

	"github.com/driftless-hq/driftless/plugin/schema"
)

// PackValue packs a value of a type that the other side knows. The value has
// no marks; parts of it may be unknown.
func PackValue(v cty.Value, t cty.Type) ([]byte, error) {
	if v == cty.NilVal {
		return nil, errors.New("pack a value: there is none")
	}
	packed, err := msgpack.Marshal(v, t)
	if err != nil {
		return nil, fmt.Errorf("pack a value: %w", err)
	}
	return packed, nil
}

// UnpackValue reads what [PackValue] has packed. Bytes that are no such value
// are an error.
func UnpackValue(packed []byte, t cty.Type) (v cty.Value, err error) {
	defer unpacked("unpack a value", &err)
	if err := checkMsgpack(packed); err != nil {
		return cty.NilVal, fmt.Errorf("unpack a value: %w", err)
	}
	v, err = msgpack.Unmarshal(packed, t)
	if err != nil {
		return cty.NilVal, fmt.Errorf("unpack a value: %w", err)
	}
	if errs := v.Type().TestConformance(t); len(errs) > 0 { // the library takes an object that lacks attributes
		return cty.NilVal, fmt.Errorf("unpack a value: it is not of its type: %w", errs[0])
	}
	if err := cty.Walk(v, checkNumber); err != nil {
		return cty.NilVal, fmt.Errorf("unpack a value: %w", err)
	}
	return v, nil
}

// maxExponent bounds a number, as a power of two. It has some 3,000 digits.
const maxExponent = 10_000

// checkNumber refuses numbers that are written in a few bytes, and that to show
// takes all of the memory.
func checkNumber(_ cty.Path, v cty.Value) (bool, error) {
	if v.Type() != cty.Number || !v.IsKnown() || v.IsNull() {
		return true, nil
	}
	if f := v.AsBigFloat(); !f.IsInf() {
		if e := f.MantExp(nil); e > maxExponent || e < -maxExponent {
			return false, fmt.Errorf("a number has an exponent of %d, which is beyond any use", e)
		}
	}
	return true, nil
}

// unpacked makes an error of a panic of the library, on bytes that no library
// has written.
func unpacked(doing string, err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%s: %v", doing, p)
	}
}

// PackTyped packs a value together with its type.
func PackTyped(v cty.Value) (packed, typ []byte, err error) {
	if typ, err = PackType(v.Type()); err != nil {
		return nil, nil, err
	}
	packed, err = PackValue(v, v.Type())
	return packed, typ, err
}

// UnpackTyped reads what [PackTyped] has packed.
func UnpackTyped(packed, typ []byte) (cty.Value, error) {
	t, err := UnpackType(typ)
	if err != nil {
		return cty.NilVal, err
	}
	return UnpackValue(packed, t)
}

// WithoutExpressions makes a value one that can be packed with its type: the
// expressions in it become nulls. They say nothing of what a task has learnt.
func WithoutExpressions(v cty.Value) cty.Value {
	plain, err := cty.Transform(v, func(_ cty.Path, part cty.Value) (cty.Value, error) {
		if schema.IsExpr(part.Type()) {
			return cty.NullVal(cty.Bool), nil
		}
		return part, nil
	})
	if err != nil { // of the callback, which has none
		return v
	}
	return plain
}

// PackType packs a type.
func PackType(t cty.Type) ([]byte, error) {
	packed, err := json.MarshalType(t)
	if err != nil {
		return nil, fmt.Errorf("pack a type: %w", err)
	}
	return packed, nil
}

// UnpackType reads what [PackType] has packed.
func UnpackType(packed []byte) (t cty.Type, err error) {
	defer unpacked("unpack a type", &err)
	t, err = json.UnmarshalType(packed)
	if err != nil {
		return cty.NilType, fmt.Errorf("unpack a type: %w", err)
	}
	return t, nil
}

// PackPath packs a path. Steps that no configuration can have are left out
// with all that follows.
func PackPath(path cty.Path) []*Step {
	var steps []*Step
	for _, step := range path {
		switch s := step.(type) {
		case cty.GetAttrStep:
			steps = append(steps, &Step{Step: &Step_Attribute{Attribute: []byte(s.Name)}})
		case cty.IndexStep:
			switch {
			case s.Key.Type() == cty.String && s.Key.IsKnown() && !s.Key.IsNull():
				steps = append(steps, &Step{Step: &Step_Key{Key: []byte(s.Key.AsString())}})
			case s.Key.Type() == cty.Number && s.Key.IsKnown() && !s.Key.IsNull():
				n, _ := s.Key.AsBigFloat().Int64()
				steps = append(steps, &Step{Step: &Step_Index{Index: n}})
			default:
				return steps
			}
		}
	}
	return steps
}

// UnpackPath reads what [PackPath] has packed.
func UnpackPath(steps []*Step) cty.Path {
	var path cty.Path
	for _, step := range steps {
		switch s := step.GetStep().(type) {
		case *Step_Attribute:
			path = path.GetAttr(string(s.Attribute))
		case *Step_Key:
			path = path.IndexString(string(s.Key))
		case *Step_Index:
			path = path.Index(cty.NumberIntVal(s.Index))
		}
	}
	return path
}
