package guard

import (
	"bytes"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
)

// Source refuses text that is not UTF-8, and what would cost the lexer too much
// memory, as it keeps all tokens of a file at once. A word or another character
// is at most one token, so counting them never counts too few; what it counts
// too many, in comments and in quotes, matters only in a file that is full of
// punctuation.
func Source(src []byte, path string) hcl.Diagnostics {
	if !utf8.Valid(src) {
		at := firstInvalid(src)
		return limitError(rangeAt(src, at, path), "Invalid character encoding", "A configuration is written in UTF-8, and this byte, 0x%02x, is not part of it.", src[at])
	}
	count, inWord := 0, false
	for i, c := range src {
		word := isWord(c)
		isMore := c == ' ' || c == '\t' || c == '\r' || c&0xc0 == 0x80 || word && inWord
		inWord = word
		if isMore {
			continue
		}
		if count++; count > maxTokens {
			return limitError(rangeAt(src, i, path), "Too many tokens", "A file may hold at most %d words and punctuation marks. Split it, or move data into files of its own that file() reads.", maxTokens)
		}
	}
	return nil
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

func firstInvalid(src []byte) int {
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(src)
}

// rangeAt is the range of the character at an offset.
func rangeAt(src []byte, at int, path string) hcl.Range {
	line := src[bytes.LastIndexByte(src[:at], '\n')+1 : at]
	start := hcl.Pos{Line: bytes.Count(src[:at], []byte("\n")) + 1, Column: utf8.RuneCount(line) + 1, Byte: at}
	end := hcl.Pos{Line: start.Line, Column: start.Column + 1, Byte: at + 1}
	return hcl.Range{Filename: path, Start: start, End: end}
}
