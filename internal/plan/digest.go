package plan

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/msgpack"
)

// digest covers all that decides what applying the step would do. The key
// keeps what is secret in it from being guessed.
func (s *Step) digest(key []byte) string {
	d := newDigest(key)
	d.text("%s %v %s %t %t %t", s.Addr, s.With, s.State, s.DetectOnly, s.Conditional, s.Idle)
	for _, m := range s.members {
		d.text("%+v", m.node.Meta)
	}
	if s.DetectOnly {
		return d.sum() // nothing is applied, whatever is found
	}
	for _, v := range s.declared {
		d.value(v)
	}
	c := s.Change
	d.text("%s %s", c.Action, c.Fidelity)
	d.value(c.Before)
	d.value(c.After)
	if t := c.Text; t != nil {
		d.text("%q %t", t.Path, t.Unknown)
		d.bytes(t.Before)
		d.bytes(t.After)
	}
	for _, f := range c.Findings {
		d.text("%q %q %q %q", f.Name, f.Verdict, f.Summary, f.Detail)
	}
	d.bytes(c.Payload)
	return d.sum()
}

// inputsDigest covers what the configuration says, and nothing of the host.
func (s *Step) inputsDigest(key []byte) string {
	d := newDigest(key)
	d.text("%s %v", s.Addr, s.With)
	for _, v := range s.declared {
		d.value(v)
	}
	return d.sum()
}

// keyedDigest is a hash of parts, each told apart from the next by its length.
type keyedDigest struct{ hash.Hash }

func newDigest(key []byte) keyedDigest { return keyedDigest{hmac.New(sha256.New, key)} }

func (d keyedDigest) sum() string { return hex.EncodeToString(d.Sum(nil)) }

func (d keyedDigest) text(format string, args ...any) {
	d.bytes(fmt.Appendf(nil, format, args...))
}

func (d keyedDigest) bytes(p []byte) {
	// A hash never fails.
	_, _ = fmt.Fprintf(d, "%d:", len(p))
	_, _ = d.Write(p)
}

func (d keyedDigest) value(v cty.Value) {
	if v == cty.NilVal {
		d.bytes(nil)
		return
	}
	v = withoutExprs(v)
	packed, err := msgpack.Marshal(v, v.Type())
	if err != nil {
		// Without marks and expressions every value has a form. Should one
		// have none, it is told apart by how it prints.
		packed = fmt.Appendf(nil, "%#v", v)
	}
	d.bytes(packed)
}

var _ io.Writer = keyedDigest{}

// withoutExprs replaces the expressions in a value, which have no form of
// their own outside the process: what they name is an input too.
func withoutExprs(v cty.Value) cty.Value {
	if !hasExprs(v.Type()) {
		return v
	}
	plain, err := cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if v.Type().IsCapsuleType() {
			return cty.BoolVal(v.IsNull()), nil
		}
		return v, nil
	})
	if err != nil {
		return v
	}
	return plain
}

func hasExprs(t cty.Type) bool {
	switch {
	case t.IsCapsuleType():
		return true
	case t.IsCollectionType():
		return hasExprs(t.ElementType())
	case t.IsTupleType():
		return slices.ContainsFunc(t.TupleElementTypes(), hasExprs)
	case t.IsObjectType():
		for _, e := range t.AttributeTypes() {
			if hasExprs(e) {
				return true
			}
		}
	}
	return false
}
