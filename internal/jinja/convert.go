package jinja

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/zclconf/go-cty/cty"
)

// fromCty returns a value as a template handles it. A number without a
// fraction is an integer.
func (r *run) fromCty(v cty.Value, depth int) (any, error) {
	if depth > maxDepth {
		return nil, limitf("a variable is nested more than %d deep", maxDepth)
	}
	if v.IsMarked() || !v.IsKnown() {
		return nil, fmt.Errorf("a variable is sensitive or not known")
	}
	if err := r.step(1); err != nil {
		return nil, err
	}
	switch t := v.Type(); {
	case v.IsNull():
		return nil, nil
	case t == cty.String:
		return v.AsString(), r.take(len(v.AsString()))
	case t == cty.Bool:
		return v.True(), nil
	case t == cty.Number:
		return numberFromCty(v.AsBigFloat())
	case t.IsObjectType() || t.IsMapType():
		d := newDict()
		for it := v.ElementIterator(); it.Next(); {
			key, element := it.Element()
			value, err := r.fromCty(element, depth+1)
			if err != nil {
				return nil, err
			}
			d.setString(key.AsString(), value)
		}
		return d, r.takeList(d.len())
	case v.CanIterateElements():
		l := newList()
		for it := v.ElementIterator(); it.Next(); {
			_, element := it.Element()
			value, err := r.fromCty(element, depth+1)
			if err != nil {
				return nil, err
			}
			l.items = append(l.items, value)
		}
		return l, r.takeList(len(l.items))
	}
	return nil, fmt.Errorf("a variable of type %s can't be in a template", v.Type().FriendlyName())
}

func numberFromCty(f *big.Float) (any, error) {
	if !f.IsInt() {
		n, _ := f.Float64()
		return n, nil
	}
	n, accuracy := f.Int64()
	if accuracy != big.Exact {
		return nil, errors.New("an integer among the variables has more than 64 bits; give it as a string")
	}
	return n, nil
}
