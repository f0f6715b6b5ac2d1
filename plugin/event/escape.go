package event

import (
	"unicode/utf16"
	"unicode/utf8"
)

func hex4(p []byte) (rune, bool) {
	if len(p) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range p[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unescape appends what p, the inside of a valid string, stands for.
func unescape(dst, p []byte) []byte {
	for k := 0; k < len(p); {
		start := k
		for k < len(p) && p[k] != '\\' {
			k++
		}
		dst = append(dst, p[start:k]...)
		if k+1 >= len(p) {
			break
		}
		if p[k+1] == 'u' {
			var r rune
			r, k = unescapeRune(p, k)
			dst = utf8.AppendRune(dst, r)
			continue
		}
		dst = append(dst, unescapeByte(p[k+1]))
		k += 2
	}
	return dst
}

func unescapeByte(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// unescapeRune decodes the \u at k, together with the other half of a pair.
// Half a pair alone becomes U+FFFD.
func unescapeRune(p []byte, k int) (r rune, end int) {
	r, ok := hex4(p[k+2:])
	if !ok {
		return utf8.RuneError, len(p)
	}
	k += 6
	if !utf16.IsSurrogate(r) {
		return r, k
	}
	if k+1 < len(p) && p[k] == '\\' && p[k+1] == 'u' {
		low, _ := hex4(p[k+2:])
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, k + 6
		}
	}
	return utf8.RuneError, k
}
