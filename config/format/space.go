package format

import "github.com/hashicorp/hcl/v2/hclsyntax"

// space puts no more than one space between the pieces of each line.
func space(lines []line) {
	var s spacer
	for i := range lines {
		pieces := lines[i].pieces
		for j := range pieces {
			var next hclsyntax.TokenType
			if j+1 < len(pieces) {
				next = pieces[j+1].kind
			}
			if j > 0 && s.between(pieces[j-1].kind, pieces[j].kind, next) {
				pieces[j].spaces = 1
			}
			s.pass(pieces[j], next)
		}
		s.endLine()
	}
}

// spacer goes through the pieces of a file and knows what the brackets and
// words that it has passed make of the next.
type spacer struct {
	open    []hclsyntax.TokenType // brackets
	last    hclsyntax.TokenType   // passed, comments aside; TokenNil where a statement begins
	operand bool                  // an operand ends with last
	keyword bool                  // last is for, in or if
	unary   bool                  // last is the sign of the operand that follows
}

// between reports whether there is a space between two pieces of a line.
func (s *spacer) between(before, after, next hclsyntax.TokenType) bool {
	switch {
	case endsTemplateText(before) || beginsTemplateText(after):
		return false
	case after == hclsyntax.TokenDot:
		return before == hclsyntax.TokenNumberLit && next == hclsyntax.TokenNumberLit // "1 .5" is not "1.5"
	case before == hclsyntax.TokenDot || before == hclsyntax.TokenDoubleColon || after == hclsyntax.TokenDoubleColon:
		return false
	case after == hclsyntax.TokenComma || after == hclsyntax.TokenEllipsis:
		return false
	case before == hclsyntax.TokenComma:
		return true
	case s.unary && before == s.last:
		return false
	case after == hclsyntax.TokenOParen && before == hclsyntax.TokenIdent:
		return s.keyword
	case after == hclsyntax.TokenOBrack && s.operand:
		return false
	case before == hclsyntax.TokenOBrace:
		return after != hclsyntax.TokenCBrace
	case after == hclsyntax.TokenCBrace:
		return true
	case isTemplateOpener(before):
		return after == hclsyntax.TokenOBrace // "${ {", lest the two be read as one
	case after == hclsyntax.TokenTemplateSeqEnd:
		return before == hclsyntax.TokenCBrace
	}
	return !isOpener(before) && !isCloser(after)
}

// pass goes on to the next piece.
func (s *spacer) pass(p piece, next hclsyntax.TokenType) {
	switch {
	case p.kind == hclsyntax.TokenComment:
		return
	case isOpener(p.kind):
		s.open = append(s.open, p.kind)
	case isCloser(p.kind):
		s.open = s.open[:len(s.open)-1]
	}
	s.unary = !s.operand && (p.kind == hclsyntax.TokenMinus || p.kind == hclsyntax.TokenBang)
	s.keyword = p.kind == hclsyntax.TokenIdent && s.isKeyword(string(p.text), next)
	s.operand = s.endsOperand(p.kind)
	s.last = p.kind
}

// endLine goes on to the next line. It begins a statement, unless it is
// within brackets that take no notice of newlines.
func (s *spacer) endLine() {
	if n := len(s.open); n == 0 || s.open[n-1] == hclsyntax.TokenOBrace {
		*s = spacer{open: s.open}
	}
}

// isKeyword reports whether a word is one of the syntax where it stands, and
// not the name of a function or a variable.
func (s *spacer) isKeyword(word string, next hclsyntax.TokenType) bool {
	switch word {
	case "for":
		return isOpener(s.last) && next == hclsyntax.TokenIdent
	case "in":
		return s.last == hclsyntax.TokenIdent && s.operand
	case "if":
		return s.operand || s.last == hclsyntax.TokenEllipsis || s.last == hclsyntax.TokenTemplateControl
	}
	return false
}

func (s *spacer) endsOperand(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenIdent:
		return !s.keyword
	case hclsyntax.TokenNumberLit, hclsyntax.TokenCQuote, hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenCBrace, hclsyntax.TokenOHeredoc:
		return true
	case hclsyntax.TokenStar:
		return s.last == hclsyntax.TokenDot // a splat
	}
	return false
}

// endsTemplateText reports whether what follows is the text of a template.
func endsTemplateText(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenOQuote, hclsyntax.TokenQuotedLit, hclsyntax.TokenTemplateSeqEnd:
		return true
	}
	return false
}

// beginsTemplateText reports whether what comes before is the text of a
// template.
func beginsTemplateText(t hclsyntax.TokenType) bool {
	return t == hclsyntax.TokenQuotedLit || t == hclsyntax.TokenCQuote || isTemplateOpener(t)
}

func isTemplateOpener(t hclsyntax.TokenType) bool {
	return t == hclsyntax.TokenTemplateInterp || t == hclsyntax.TokenTemplateControl
}
