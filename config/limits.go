package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The limits of one file. The parser descends recursively and a stack that
// overflows ends the process, so a file is judged on its tokens before the
// parser sees it.
const (
	maxFileSize   = 1 << 20
	maxTokens     = 500_000
	maxDepth      = 200 // brackets, quotes and interpolations
	maxBlockDepth = 32
	maxOperators  = 1000 // in one expression
)

// checkLimits returns an error for the first token beyond a limit.
func checkLimits(tokens hclsyntax.Tokens) hcl.Diagnostics {
	g := guard{levels: make([]level, 1, maxDepth+2)}
	for i, token := range tokens {
		if i >= maxTokens {
			return limitError(token.Range, "Too many tokens", "A file may hold at most %d tokens. Split it into several files.", maxTokens)
		}
		if diags := g.next(token); diags != nil {
			return diags
		}
	}
	return nil
}

// guard follows the nesting of a file. Brackets that don't match are left for
// the parser to report.
type guard struct {
	levels    []level
	blocks    int
	operators int // on all open levels together
	previous  hclsyntax.TokenType
}

// level is what an open bracket or quote encloses.
type level struct {
	operators  int // since the last comma or end of line
	statements bool
	block      bool
}

func (g *guard) next(token hclsyntax.Token) hcl.Diagnostics {
	defer func() { g.previous = token.Type }()
	switch token.Type {
	case hclsyntax.TokenOBrace:
		return g.open(token, level{statements: true, block: g.startsBlock()})
	case hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc,
		hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
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
	default:
		if isOperator(token.Type) {
			return g.operator(token)
		}
	}
	return nil
}

// startsBlock reports whether a brace opens a block: in an expression no
// brace ever follows a name or a string.
func (g *guard) startsBlock() bool {
	return g.previous == hclsyntax.TokenIdent || g.previous == hclsyntax.TokenCQuote
}

func (g *guard) top() *level { return &g.levels[len(g.levels)-1] }

func (g *guard) open(token hclsyntax.Token, l level) hcl.Diagnostics {
	if len(g.levels) > maxDepth {
		return limitError(token.Range, "Nesting too deep", "Brackets and quotes may be nested at most %d deep.", maxDepth)
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
	if g.top().block {
		g.blocks--
	}
	g.levels = g.levels[:len(g.levels)-1]
}

func (g *guard) endExpression() {
	g.operators -= g.top().operators
	g.top().operators = 0
}

func (g *guard) operator(token hclsyntax.Token) hcl.Diagnostics {
	g.top().operators++
	if g.operators++; g.operators > maxOperators {
		return limitError(token.Range, "Expression too long", "An expression may have at most %d operators. Name parts of it with locals.", maxOperators)
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

func limitError(r hcl.Range, summary, detail string, args ...any) hcl.Diagnostics {
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(detail, args...), Subject: r.Ptr()}}
}

// CheckExpression judges the tokens of an expression that stands alone, such
// as the value of a variable on the command line.
func CheckExpression(src []byte, name string) hcl.Diagnostics {
	if len(src) > maxFileSize {
		return pathError(name, "Expression too large", "An expression may have at most 1 MiB.")
	}
	tokens, _ := hclsyntax.LexExpression(src, name, hcl.InitialPos)
	return checkLimits(tokens)
}
