package secret

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/driftless-hq/driftless/internal/secret/vault"
)

// toCty makes a value of the language of what JSON was decoded to. The error
// doesn't hold the value.
func toCty(value any) (cty.Value, error) {
	switch v := value.(type) {
	case nil:
		return cty.NullVal(cty.DynamicPseudoType), nil
	case string:
		return cty.StringVal(v), nil
	case bool:
		return cty.BoolVal(v), nil
	case json.Number:
		number, err := cty.ParseNumberVal(v.String())
		if err != nil {
			return cty.NilVal, fmt.Errorf("it is a number out of range")
		}
		return number, nil
	case []any:
		items := make([]cty.Value, len(v))
		for i, item := range v {
			var err error
			if items[i], err = toCty(item); err != nil {
				return cty.NilVal, err
			}
		}
		return cty.TupleVal(items), nil
	case map[string]any:
		attributes := make(map[string]cty.Value, len(v))
		for name, item := range v {
			var err error
			if attributes[name], err = toCty(item); err != nil {
				return cty.NilVal, err
			}
		}
		return cty.ObjectVal(attributes), nil
	}
	return cty.NilVal, fmt.Errorf("it is of a kind that JSON doesn't have")
}

// texts calls f with every string and number in a value, as text.
func texts(value any, f func(string)) {
	switch v := value.(type) {
	case string:
		f(v)
	case json.Number:
		f(v.String())
	case []any:
		for _, item := range v {
			texts(item, f)
		}
	case map[string]any:
		for _, item := range v {
			texts(item, f)
		}
	}
}

// hide makes the redactor know a value.
func (r *Resolver) hide(value any) {
	texts(value, func(text string) {
		for _, spelling := range spellings(text) {
			r.opts.Redactor.Add(spelling)
		}
	})
}

// retire says that a value has been replaced by another.
func (r *Resolver) retire(value any) {
	texts(value, func(text string) {
		for _, spelling := range spellings(text) {
			r.opts.Redactor.Retire(spelling)
		}
	})
}

// spellings returns a text as Vault has written it and as an expression makes
// it: cty brings strings into a normal form of Unicode, and numbers out of the
// form with an exponent.
func spellings(text string) []string {
	all := []string{text, cty.StringVal(text).AsString()}
	if number, err := cty.ParseNumberVal(text); err == nil {
		if plain, err := convert.Convert(number, cty.String); err == nil {
			all = append(all, plain.AsString())
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// supersede remembers a lease that nobody renews any more, to revoke it at the
// end: what was made with its value may be in use until then.
func (r *Resolver) supersede(old vault.Secret) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for lease, end := range r.past {
		if !now.Before(end) {
			delete(r.past, lease)
		}
	}
	if end := old.Life.End(); old.Lease != "" && now.Before(end) {
		r.past[old.Lease] = end
	}
}
