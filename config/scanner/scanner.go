// Package scanner finds the tokens of the native syntax one after the other
// and keeps none of them, so that a file can be judged before HCL's own lexer,
// which keeps all, spends memory and time on it.
//
//	s := scanner.New(src, scanner.Config)
//	for token := s.Next(); token.Type != hclsyntax.TokenEOF; token = s.Next() {
//		...
//	}
//
// The tokens are those of HCL, with two exceptions. A run of literal text in a
// template is one token, where HCL breaks it at each dollar and percent sign.
// And a comment that is never closed is one invalid token: HCL goes back to
// its start and reads it again as something else, which takes hours where a
// file is full of them.
package scanner

import (
	"bytes"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Mode is what a text is to be read as.
type Mode int

// The modes.
const (
	// Config is a file, or an expression.
	Config Mode = iota
	// Template is text with interpolations and directives in it.
	Template
)

// Token is a part of a text, as offsets in bytes.
type Token struct {
	Type       hclsyntax.TokenType
	Start, End int
}

// Scanner reads a text, which must be valid UTF-8.
type Scanner struct {
	src     []byte
	at      int
	frames  []frame
	newline *Token // what follows the end of a heredoc
}

// frame is what the scanner is in: code, or a template within quotes, a
// heredoc or the whole text.
type frame struct {
	kind        kind
	braces      int    // that are open in code
	marker      []byte // that ends a heredoc
	startOfLine bool   // in a heredoc
}

type kind int

const (
	code     kind = iota // of a file, which a brace doesn't end
	sequence             // code between ${ or %{ and }
	quoted
	heredoc
	bare
)

var byteOrderMark = []byte("\uFEFF")

// New returns a scanner at the start of a text.
func New(src []byte, mode Mode) *Scanner {
	s := &Scanner{src: src, frames: []frame{{kind: code}}}
	if mode == Template {
		s.frames[0].kind = bare
	}
	if bytes.HasPrefix(src, byteOrderMark) {
		s.at = len(byteOrderMark)
	}
	return s
}

// Next returns the next token. At the end that is one of the type TokenEOF,
// however often it is asked for.
func (s *Scanner) Next() Token {
	if s.newline != nil {
		token := *s.newline
		s.newline = nil
		return token
	}
	top := s.top()
	inCode := top.kind == code || top.kind == sequence
	for inCode && s.at < len(s.src) && (s.src[s.at] == ' ' || s.src[s.at] == '\t') {
		s.at++
	}
	switch {
	case s.at == len(s.src):
		return Token{hclsyntax.TokenEOF, s.at, s.at}
	case inCode:
		return s.code()
	default:
		return s.template()
	}
}

func (s *Scanner) top() *frame { return &s.frames[len(s.frames)-1] }

func (s *Scanner) push(f frame) { s.frames = append(s.frames, f) }

func (s *Scanner) pop() { s.frames = s.frames[:len(s.frames)-1] }

// take makes a token of the next n bytes.
func (s *Scanner) take(t hclsyntax.TokenType, n int) Token {
	token := Token{t, s.at, s.at + n}
	s.at += n
	return token
}

func (s *Scanner) has(prefix string) bool {
	rest := s.src[s.at:]
	return len(rest) >= len(prefix) && string(rest[:len(prefix)]) == prefix
}

// peek returns the byte at some distance, and zero beyond the end.
func (s *Scanner) peek(distance int) byte {
	if s.at+distance < len(s.src) {
		return s.src[s.at+distance]
	}
	return 0
}
