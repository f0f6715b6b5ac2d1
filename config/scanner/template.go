package scanner

import (
	"bytes"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// template reads the next token of a template.
func (s *Scanner) template() Token {
	top := s.top()
	if top.kind == heredoc && top.startOfLine {
		if token, ok := s.heredocEnd(top.marker); ok {
			return token
		}
	}
	c := s.src[s.at]
	switch {
	case (c == '$' || c == '%') && s.peek(1) == '{':
		return s.openSequence(c)
	case top.kind == quoted && c == '"':
		s.pop()
		return s.take(hclsyntax.TokenCQuote, 1)
	case top.kind == quoted && isNewline(c):
		n := 1
		for isNewline(s.peek(n)) {
			n++
		}
		return s.take(hclsyntax.TokenQuotedNewline, n)
	case top.kind == quoted:
		return s.quotedText()
	default:
		return s.text(top)
	}
}

func (s *Scanner) openSequence(c byte) Token {
	s.top().startOfLine = false
	n := 2
	if s.peek(2) == '~' {
		n = 3
	}
	s.push(frame{kind: sequence})
	if c == '$' {
		return s.take(hclsyntax.TokenTemplateInterp, n)
	}
	return s.take(hclsyntax.TokenTemplateControl, n)
}

// escape is the length of an escaped ${ or %{, or 1.
func (s *Scanner) escape(distance int) int {
	c := s.peek(distance)
	if (c == '$' || c == '%') && s.peek(distance+1) == c && s.peek(distance+2) == '{' {
		return 3
	}
	return 1
}

// endsText reports whether an interpolation or a directive begins.
func (s *Scanner) endsText(distance int) bool {
	c := s.peek(distance)
	return (c == '$' || c == '%') && s.peek(distance+1) == '{'
}

// quotedText reads up to what isn't literal. The next byte is none that ends
// it.
func (s *Scanner) quotedText() Token {
	n := 0
	for s.at+n < len(s.src) && !s.endsText(n) {
		c := s.peek(n)
		if c == '"' || isNewline(c) {
			break
		}
		if c != '\\' {
			n += s.escape(n)
			continue
		}
		if s.at+n+1 == len(s.src) || isNewline(s.peek(n+1)) {
			if n == 0 {
				return s.take(hclsyntax.TokenInvalid, 1)
			}
			break
		}
		n += 2 // of a longer character the rest follows
	}
	return s.take(hclsyntax.TokenQuotedLit, n)
}

// text reads up to the end of the line, or to what isn't literal before it.
func (s *Scanner) text(top *frame) Token {
	n := 0
	for s.at+n < len(s.src) && !s.endsText(n) {
		if s.peek(n) == '\n' {
			n++
			top.startOfLine = true
			return s.take(hclsyntax.TokenStringLit, n)
		}
		n += s.escape(n)
	}
	top.startOfLine = false
	return s.take(hclsyntax.TokenStringLit, n)
}

// heredocEnd reads the marker that ends a heredoc, which has a line of its
// own. The end of the line is a token of its own, as it ends the argument.
func (s *Scanner) heredocEnd(marker []byte) (Token, bool) {
	n := bytes.IndexByte(s.src[s.at:], '\n')
	if n < 0 || !bytes.Equal(bytes.TrimSpace(s.src[s.at:s.at+n]), marker) {
		return Token{}, false
	}
	start := s.at + n
	if n > 0 && s.src[start-1] == '\r' {
		start--
	}
	s.newline = &Token{hclsyntax.TokenNewline, start, s.at + n + 1}
	end := Token{hclsyntax.TokenCHeredoc, s.at, start}
	s.at += n + 1
	s.pop()
	return end, true
}

func isNewline(c byte) bool { return c == '\n' || c == '\r' }
