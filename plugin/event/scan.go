package event

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"strconv"
	"unsafe"
)

// What can be wrong with a JSON text. They are values without a position, so
// that a log full of lines that aren't JSON costs no allocation.
var (
	errNoText      = errors.New("no text to parse")
	errNotObject   = errors.New("not a JSON object")
	errEnd         = errors.New("unexpected end of JSON")
	errCharacter   = errors.New("unexpected character in JSON")
	errControl     = errors.New("control character in a JSON string")
	errEscape      = errors.New("invalid escape in a JSON string")
	errNumber      = errors.New("invalid number in JSON")
	errDepth       = errors.New("JSON is nested deeper than 64 levels")
	errAfterObject = errors.New("unexpected text after the JSON object")
)

const maxDepth = 64

// Each of these repeats one byte eight times, to compare eight bytes at once.
const (
	ones    = 0x0101010101010101
	highs   = 0x80 * ones
	quotes  = '"' * ones
	slashes = '\\' * ones
	spaces  = ' ' * ones
)

// special has the high bit of every byte of w that is a quote, a backslash or
// a control character. Only the lowest bit set is reliable: a borrow may set
// those above it.
func special(w uint64) uint64 {
	quote, slash := w^quotes, w^slashes
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-spaces)&^w) & highs
}

// plainEnd returns where the first quote, backslash or control character at
// or after k stands, or the length of p.
func plainEnd(p []byte, k int) int {
	for ; k+8 <= len(p); k += 8 {
		if found := special(binary.LittleEndian.Uint64(p[k:])); found != 0 {
			return k + bits.TrailingZeros64(found)/8
		}
	}
	for k < len(p) && p[k] != '"' && p[k] != '\\' && p[k] >= ' ' {
		k++
	}
	return k
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// skipSpace returns where the next character stands that is not white space.
func skipSpace(p []byte, k int) int {
	for k < len(p) && isSpace(p[k]) {
		k++
	}
	return k
}

// scanString checks the string that begins at k and returns where it ends,
// and whether anything in it is escaped.
func scanString(p []byte, k int) (end int, escaped bool, err error) {
	if k >= len(p) {
		return 0, false, errEnd
	}
	if p[k] != '"' {
		return 0, false, errCharacter
	}
	for k++; ; {
		k = plainEnd(p, k)
		switch {
		case k >= len(p):
			return 0, false, errEnd
		case p[k] == '"':
			return k + 1, escaped, nil
		case p[k] != '\\':
			return 0, false, errControl
		}
		escaped = true
		if k, err = skipEscape(p, k+1); err != nil {
			return 0, false, err
		}
	}
}

// skipEscape checks what stands behind a backslash.
func skipEscape(p []byte, k int) (int, error) {
	if k >= len(p) {
		return 0, errEnd
	}
	switch p[k] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return k + 1, nil
	case 'u':
		if _, ok := hex4(p[k+1:]); ok {
			return k + 5, nil
		}
	}
	return 0, errEscape
}

func skipDigits(p []byte, k int) int {
	for k < len(p) && p[k]-'0' <= 9 {
		k++
	}
	return k
}

// scanNumber checks the number that begins at k and returns where it ends,
// and whether it has neither a fraction nor an exponent.
func scanNumber(p []byte, k int) (end int, whole bool, err error) {
	if k < len(p) && p[k] == '-' {
		k++
	}
	start := k
	k = skipDigits(p, k)
	if k == start || p[start] == '0' && k > start+1 {
		return 0, false, errNumber
	}
	whole = true
	if k < len(p) && p[k] == '.' {
		start, whole = k+1, false
		if k = skipDigits(p, start); k == start {
			return 0, false, errNumber
		}
	}
	if k < len(p) && p[k]|0x20 == 'e' {
		start, whole = k+1, false
		if start < len(p) && (p[start] == '+' || p[start] == '-') {
			start++
		}
		if k = skipDigits(p, start); k == start {
			return 0, false, errNumber
		}
	}
	return k, whole, nil
}

// numberValue returns the value of a valid number: an Int if it is whole and
// fits, else the nearest Float, an infinity where there is none. Only a Float
// can be -0.
func numberValue(text []byte, whole bool) Value {
	whole = whole && string(text) != "-0"
	if whole && len(text) <= 18 {
		return IntValue(smallInt(text))
	}
	s := unsafe.String(unsafe.SliceData(text), len(text))
	if whole {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return IntValue(n)
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return Value{}
	}
	return FloatValue(f)
}

func smallInt(text []byte) int64 {
	negative := text[0] == '-'
	if negative {
		text = text[1:]
	}
	var n int64
	for _, c := range text {
		n = n*10 + int64(c-'0')
	}
	if negative {
		return -n
	}
	return n
}

// skipLiteral returns where the word true, false or null at k ends.
func skipLiteral(p []byte, k int) (int, error) {
	word := "null"
	switch p[k] {
	case 't':
		word = "true"
	case 'f':
		word = "false"
	}
	if len(p)-k < len(word) {
		return 0, errEnd
	}
	if string(p[k:k+len(word)]) != word {
		return 0, errCharacter
	}
	return k + len(word), nil
}

// skipValue checks the value that begins at k and returns where it ends.
// Depth is the number of arrays and objects that it stands in.
func skipValue(p []byte, k, depth int) (end int, err error) {
	if k >= len(p) {
		return 0, errEnd
	}
	switch c := p[k]; {
	case c == '"':
		end, _, err = scanString(p, k)
	case c == '{' || c == '[':
		end, err = skipNested(p, k, depth+1)
	case c == 't' || c == 'f' || c == 'n':
		end, err = skipLiteral(p, k)
	case c == '-' || c-'0' <= 9:
		end, _, err = scanNumber(p, k)
	default:
		err = errCharacter
	}
	return end, err
}

// skipNested is skipValue for an array or object.
func skipNested(p []byte, k, depth int) (int, error) {
	if depth > maxDepth {
		return 0, errDepth
	}
	isObject := p[k] == '{'
	closing := p[k] + 2 // in ASCII both kinds of brackets are two apart
	k = skipSpace(p, k+1)
	if k < len(p) && p[k] == closing {
		return k + 1, nil
	}
	for {
		var err error
		if isObject {
			if _, k, _, err = scanName(p, k); err != nil {
				return 0, err
			}
		}
		if k, err = skipValue(p, k, depth); err != nil {
			return 0, err
		}
		k = skipSpace(p, k)
		if k >= len(p) {
			return 0, errEnd
		}
		if p[k] == closing {
			return k + 1, nil
		}
		if p[k] != ',' {
			return 0, errCharacter
		}
		k = skipSpace(p, k+1)
	}
}

// scanName checks the name of an object's member at k, and the colon behind
// it. It returns where the name ends and where the member's value begins.
func scanName(p []byte, k int) (end, value int, escaped bool, err error) {
	end, escaped, err = scanString(p, k)
	if err != nil {
		return 0, 0, false, err
	}
	k = skipSpace(p, end)
	if k >= len(p) {
		return 0, 0, false, errEnd
	}
	if p[k] != ':' {
		return 0, 0, false, errCharacter
	}
	return end, skipSpace(p, k+1), escaped, nil
}
