package syntax

import (
	"math/big"
	"strings"
)

// A number longer than this takes long to read, and one with a larger exponent
// much space to write.
const (
	maxDigits         = 1000
	maxExponentDigits = 4
)

// number makes a node of a number in the notation that the syntaxes share with
// cty, or of a whole one in base 2, 8 or 16 with its prefix.
func (b *builder) number(at span, text string) (node, error) {
	if err := b.count(1, at); err != nil {
		return nil, err
	}
	if len(text) > maxDigits {
		return nil, fault(at, "Number too long", "A number may have at most %d digits. Write it as a string.", maxDigits)
	}
	if len(text) > 2 && text[0] == '0' && strings.IndexByte("box", text[1]) >= 0 {
		i, ok := new(big.Int).SetString(text, 0)
		if !ok {
			return nil, fault(at, "Invalid number", "%q is not a whole number in base 2, 8 or 16.", text)
		}
		return &numberNode{at, i.String()}, nil
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		if exponent := strings.TrimLeft(text[i+1:], "+-0"); len(exponent) > maxExponentDigits {
			return nil, fault(at, "Number out of range", "The exponent of a number may have at most %d digits.", maxExponentDigits)
		}
	}
	return &numberNode{at, text}, nil
}
