package scanner

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// code reads the next token that isn't within a template.
func (s *Scanner) code() Token {
	c := s.src[s.at]
	switch {
	case isDigit(c):
		return s.take(hclsyntax.TokenNumberLit, s.numberLen())
	case c == '#' || s.has("//"):
		return s.lineComment()
	case s.has("/*"):
		return s.comment()
	case c == '\n':
		return s.take(hclsyntax.TokenNewline, 1)
	case s.has("\r\n"):
		return s.take(hclsyntax.TokenNewline, 2)
	case c == '"':
		s.push(frame{kind: quoted})
		return s.take(hclsyntax.TokenOQuote, 1)
	case c == '{':
		s.top().braces++
		return s.take(hclsyntax.TokenOBrace, 1)
	case c == '}':
		return s.closeBrace(hclsyntax.TokenCBrace, 1)
	case s.has("~}"):
		return s.closeBrace(hclsyntax.TokenTemplateSeqEnd, 2)
	}
	if n := s.identifierLen(s.at); n > 0 {
		return s.take(hclsyntax.TokenIdent, n)
	}
	if token, ok := s.openHeredoc(); ok {
		return token
	}
	return s.symbol()
}

// closeBrace reads a brace, which ends a sequence where it is the one that
// belongs to it.
func (s *Scanner) closeBrace(t hclsyntax.TokenType, n int) Token {
	top := s.top()
	if top.kind == sequence && top.braces == 0 {
		s.pop()
		return s.take(hclsyntax.TokenTemplateSeqEnd, n)
	}
	top.braces--
	return s.take(t, n)
}

// numberLen is the length of a number: whatever digits, dots and exponents
// follow each other, up to the last that isn't a dot.
func (s *Scanner) numberLen() int {
	end := 1
	for n := 1; ; {
		c := s.peek(n)
		switch {
		case isDigit(c):
			n++
			end = n
		case c == '.':
			n++
		case c == 'e' || c == 'E':
			n++
			if sign := s.peek(n); sign == '+' || sign == '-' {
				n++
			}
			if !isDigit(s.peek(n)) {
				return end
			}
		default:
			return end
		}
	}
}

func (s *Scanner) lineComment() Token {
	if n := bytes.IndexByte(s.src[s.at:], '\n'); n >= 0 {
		return s.take(hclsyntax.TokenComment, n+1)
	}
	return s.take(hclsyntax.TokenComment, len(s.src)-s.at)
}

func (s *Scanner) comment() Token {
	if n := bytes.Index(s.src[s.at+2:], []byte("*/")); n >= 0 {
		return s.take(hclsyntax.TokenComment, n+4)
	}
	return s.take(hclsyntax.TokenInvalid, len(s.src)-s.at)
}

// openHeredoc reads <<NAME or <<-NAME and the end of its line.
func (s *Scanner) openHeredoc() (Token, bool) {
	if !s.has("<<") {
		return Token{}, false
	}
	n := 2
	if s.peek(n) == '-' {
		n++
	}
	name := s.identifierLen(s.at + n)
	marker := s.src[s.at+n : s.at+n+name]
	n += name
	if s.peek(n) == '\r' {
		n++
	}
	if name == 0 || s.peek(n) != '\n' {
		return Token{}, false
	}
	s.push(frame{kind: heredoc, marker: marker, startOfLine: true})
	return s.take(hclsyntax.TokenOHeredoc, n+1), true
}

// symbols are the tokens of more than one character, each before those that
// it begins with.
var symbols = []struct {
	text  string
	token hclsyntax.TokenType
}{
	{"...", hclsyntax.TokenEllipsis},
	{"==", hclsyntax.TokenEqualOp},
	{"!=", hclsyntax.TokenNotEqual},
	{">=", hclsyntax.TokenGreaterThanEq},
	{"<=", hclsyntax.TokenLessThanEq},
	{"&&", hclsyntax.TokenAnd},
	{"||", hclsyntax.TokenOr},
	{"::", hclsyntax.TokenDoubleColon},
	{"=>", hclsyntax.TokenFatArrow},
}

func (s *Scanner) symbol() Token {
	for _, symbol := range symbols {
		if s.has(symbol.text) {
			return s.take(symbol.token, len(symbol.text))
		}
	}
	c := s.src[s.at]
	if bytes.IndexByte([]byte("[]().,*/%+-=<>!?:&|~^;`'"), c) >= 0 {
		return s.take(hclsyntax.TokenType(c), 1)
	}
	_, n := utf8.DecodeRune(s.src[s.at:])
	return s.take(hclsyntax.TokenInvalid, n)
}

// identifierLen is the length of the name at an offset, zero where there is
// none.
func (s *Scanner) identifierLen(at int) int {
	end := at
	for end < len(s.src) {
		r, n := utf8.DecodeRune(s.src[end:])
		if !startsName(r) && (end == at || !continuesName(r)) {
			break
		}
		end += n
	}
	return end - at
}

func startsName(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
	}
	return (unicode.IsLetter(r) || unicode.In(r, unicode.Nl, unicode.Other_ID_Start)) && !isPattern(r)
}

func continuesName(r rune) bool {
	if r < utf8.RuneSelf {
		return isDigit(byte(r)) || r == '-'
	}
	return isNewContinue(r) || unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue) && !isPattern(r)
}

// isNewContinue reports whether a character has come to be a part of names since
// the version of Unicode that the package unicode has: joiners and middle dots.
func isNewContinue(r rune) bool {
	return r == 0x200C || r == 0x200D || r == 0x30FB || r == 0xFF65
}

// isPattern reports whether Unicode keeps a character from being part of names.
func isPattern(r rune) bool {
	return unicode.In(r, unicode.Pattern_Syntax, unicode.Pattern_White_Space)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
