package guard

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Tokens returns an error for the first token beyond a limit.
func Tokens(tokens hclsyntax.Tokens) hcl.Diagnostics {
	g := guard{levels: make([]level, 1, MaxDepth+2)}
	for _, token := range tokens {
		if diags := g.next(token); diags != nil {
			return diags
		}
	}
	return nil
}

// guard follows the nesting of a file. Brackets that don't match are left for
// the parser to report.
type guard struct {
	levels     []level
	blocks     int
	operators  int // on all open levels together
	directives int // on all open levels together
	previous   hclsyntax.TokenType
}

// level is what an open bracket or quote encloses.
type level struct {
	operators  int // since the last comma or end of line
	directives int // %{ if } and %{ for } that aren't closed
	statements bool
	block      bool
}

func (g *guard) next(token hclsyntax.Token) hcl.Diagnostics {
	previous := g.previous
	g.previous = token.Type
	switch token.Type {
	case hclsyntax.TokenOBrace:
		// In an expression no brace ever follows a name or a string.
		block := previous == hclsyntax.TokenIdent || previous == hclsyntax.TokenCQuote
		return g.open(token, level{statements: true, block: block})
	case hclsyntax.TokenOBrack:
		if diags := g.operator(token); diags != nil { // it may be an index
			return diags
		}
		return g.open(token, level{})
	case hclsyntax.TokenOParen, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
		return g.open(token, level{})
	case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote,
		hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
		g.close()
	case hclsyntax.TokenComma:
		g.endExpression()
	case hclsyntax.TokenNewline:
		if g.top().statements || len(g.levels) == 1 {
			g.endExpression()
		}
	case hclsyntax.TokenNumberLit:
		return checkNumber(token)
	case hclsyntax.TokenIdent:
		if previous == hclsyntax.TokenTemplateControl {
			return g.directive(token)
		}
	default:
		if isOperator(token.Type) {
			return g.operator(token)
		}
	}
	return nil
}

func (g *guard) top() *level { return &g.levels[len(g.levels)-1] }

func (g *guard) open(token hclsyntax.Token, l level) hcl.Diagnostics {
	if len(g.levels)+g.directives > MaxDepth {
		return tooDeep(token)
	}
	if l.block {
		if g.blocks++; g.blocks > maxBlockDepth {
			return limitError(token.Range, "Nesting too deep", "Blocks may be nested at most %d deep.", maxBlockDepth)
		}
	}
	g.levels = append(g.levels, l)
	return nil
}

func (g *guard) close() {
	if len(g.levels) == 1 {
		return
	}
	g.endExpression()
	g.directives -= g.top().directives
	if g.top().block {
		g.blocks--
	}
	g.levels = g.levels[:len(g.levels)-1]
}

// directive counts the directives that enclose others. Its own level is that
// of the sequence %{...}; what it opens is on the level of the template.
func (g *guard) directive(token hclsyntax.Token) hcl.Diagnostics {
	template := &g.levels[len(g.levels)-2]
	switch string(token.Bytes) {
	case "if", "for":
		template.directives++
		if g.directives++; len(g.levels)+g.directives > MaxDepth {
			return tooDeep(token)
		}
	case "endif", "endfor":
		if template.directives > 0 {
			template.directives--
			g.directives--
		}
	}
	return nil
}

func tooDeep(token hclsyntax.Token) hcl.Diagnostics {
	return limitError(token.Range, "Nesting too deep", "Brackets, quotes and template directives may be nested at most %d deep.", MaxDepth)
}

func (g *guard) endExpression() {
	g.operators -= g.top().operators
	g.top().operators = 0
}

func (g *guard) operator(token hclsyntax.Token) hcl.Diagnostics {
	g.top().operators++
	if g.operators++; g.operators > maxOperators {
		return limitError(token.Range, "Expression too long", "An expression may have at most %d operators and indexes. Name parts of it with locals.", maxOperators)
	}
	return nil
}

// checkNumber refuses a number that would fill the memory with its digits when
// it is written out.
func checkNumber(token hclsyntax.Token) hcl.Diagnostics {
	at := bytes.IndexAny(token.Bytes, "eE")
	if len(token.Bytes) > maxDigits || at >= 0 && len(bytes.TrimLeft(token.Bytes[at+1:], "+-")) > maxExponentDigits {
		return limitError(token.Range, "Number too large", "A number may have at most %d digits, and an exponent of at most %d.", maxDigits, maxExponentDigits)
	}
	return nil
}

func isOperator(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenPlus, hclsyntax.TokenMinus, hclsyntax.TokenStar, hclsyntax.TokenSlash, hclsyntax.TokenPercent,
		hclsyntax.TokenBang, hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenQuestion,
		hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual, hclsyntax.TokenDot,
		hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq:
		return true
	}
	return false
}
