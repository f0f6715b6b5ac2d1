package guard

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/config/scanner"
)

// guard follows the nesting of a text. Brackets that don't match are left for
// the parser to report.
type guard struct {
	src        []byte
	name       string
	tokens     int
	words      int           // and quotes in a row, as in the header of a block
	invalid    int           // tokens that the language has no use for
	unused     scanner.Token // the first of them
	levels     []level
	blocks     int
	operators  int // on all open levels together
	directives int // on all open levels together
	loops      int // on all open levels together
	previous   hclsyntax.TokenType
	cuts       []int
}

// level is what an open bracket or quote encloses.
type level struct {
	operators  int // since the last comma or end of line
	directives int // %{ if } and %{ for } that aren't closed
	loops      int // those that are a for, or one for a for expression
	elements   int // after which a comma was
	statements bool
	block      bool
}

func (g *guard) next(token scanner.Token) hcl.Diagnostics {
	previous := g.previous
	g.previous = token.Type
	if diags := g.count(token); diags != nil {
		return diags
	}
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
		if g.top().elements++; g.top().elements > maxElements {
			return g.limitError(token, "Value too large", "A list, an object or a call may be written with at most %d elements. Large data belongs into files that the tasks read themselves.", maxElements)
		}
	case hclsyntax.TokenNewline:
		if g.top().statements || len(g.levels) == 1 {
			g.endExpression()
		}
		g.cut(token)
	case hclsyntax.TokenComment:
		if g.src[token.End-1] == '\n' {
			g.cut(token)
		}
	case hclsyntax.TokenNumberLit:
		return g.checkNumber(token)
	case hclsyntax.TokenInvalid, hclsyntax.TokenQuotedNewline:
		return g.invalidToken(token)
	case hclsyntax.TokenIdent:
		switch previous {
		case hclsyntax.TokenTemplateControl:
			return g.directive(token)
		case hclsyntax.TokenOBrack, hclsyntax.TokenOBrace:
			if !g.top().block && string(g.text(token)) == "for" {
				return g.loop(g.top(), token)
			}
		}
	default:
		if isOperator(token.Type) {
			return g.operator(token)
		}
	}
	return nil
}

// count counts a token. HCL breaks literal text at each dollar and percent
// sign.
func (g *guard) count(token scanner.Token) hcl.Diagnostics {
	g.tokens++
	switch token.Type {
	case hclsyntax.TokenIdent, hclsyntax.TokenOQuote, hclsyntax.TokenQuotedLit, hclsyntax.TokenCQuote:
		if g.words++; g.words > maxLabels {
			return g.limitError(token, "Too many labels", "No block has more than two labels, and here are %d words and quotes in a row.", maxLabels)
		}
	default:
		g.words = 0
	}
	if token.Type == hclsyntax.TokenQuotedLit || token.Type == hclsyntax.TokenStringLit {
		text := g.text(token)
		g.tokens += bytes.Count(text, []byte("$")) + bytes.Count(text, []byte("%"))
	}
	if g.tokens > maxTokens {
		return g.limitError(token, "Too many tokens", "A file may hold at most %d words and punctuation marks. Split it, or move data into files of its own that file() reads.", maxTokens)
	}
	return nil
}

// cut notes the end of an argument or block of the file, not too often: to
// begin anew has its price, too. HCL would pass over a byte order mark at a
// beginning.
func (g *guard) cut(token scanner.Token) {
	last := 0
	if n := len(g.cuts); n > 0 {
		last = g.cuts[n-1]
	}
	if len(g.levels) == 1 && token.End-last >= MinPiece && !bytes.HasPrefix(g.src[token.End:], []byte("\uFEFF")) {
		g.cuts = append(g.cuts, token.End)
	}
}

// invalidToken counts what is no part of the language. The parser reports each
// of them, and there may be as many as the file has bytes.
func (g *guard) invalidToken(token scanner.Token) hcl.Diagnostics {
	if bytes.HasPrefix(g.text(token), []byte("/*")) {
		token.End = token.Start + 2
		return g.limitError(token, "Unterminated comment", "There is no */ that closes this comment. Write it where the comment ends, or begin each of its lines with #.")
	}
	if g.invalid == 0 {
		g.unused = token
	}
	if g.invalid++; g.invalid > maxInvalid {
		return g.limitError(g.unused, "Not a configuration file", "From here on there are more than %d characters that the language has no use for. Is the file of another kind, or a quote missing?", maxInvalid)
	}
	return nil
}

func (g *guard) text(token scanner.Token) []byte { return g.src[token.Start:token.End] }

func (g *guard) limitError(token scanner.Token, summary, detail string, args ...any) hcl.Diagnostics {
	return limitError(rangeOf(g.src, g.name, token.Start, token.End), summary, detail, args...)
}

func (g *guard) top() *level { return &g.levels[len(g.levels)-1] }

func (g *guard) open(token scanner.Token, l level) hcl.Diagnostics {
	if len(g.levels)+g.directives > MaxDepth {
		return g.tooDeep(token)
	}
	if l.block {
		if g.blocks++; g.blocks > maxBlockDepth {
			return g.limitError(token, "Nesting too deep", "Blocks may be nested at most %d deep.", maxBlockDepth)
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
	g.loops -= g.top().loops
	if g.top().block {
		g.blocks--
	}
	g.levels = g.levels[:len(g.levels)-1]
}

// directive counts the directives that enclose others. Its own level is that
// of the sequence %{...}; what it opens is on the level of the template.
func (g *guard) directive(token scanner.Token) hcl.Diagnostics {
	template := &g.levels[len(g.levels)-2]
	switch word := string(g.text(token)); word {
	case "if", "for":
		template.directives++
		if g.directives++; len(g.levels)+g.directives > MaxDepth {
			return g.tooDeep(token)
		}
		if word == "for" {
			return g.loop(template, token)
		}
	case "endif", "endfor":
		if template.directives > 0 {
			template.directives--
			g.directives--
		}
		if word == "endfor" && template.loops > 0 {
			template.loops--
			g.loops--
		}
	}
	return nil
}

// loop counts the loops that are within each other: each multiplies the work.
func (g *guard) loop(l *level, token scanner.Token) hcl.Diagnostics {
	l.loops++
	if g.loops++; g.loops > maxForDepth {
		return g.limitError(token, "Nesting too deep", "For expressions may be nested at most %d deep. Name parts of it with locals.", maxForDepth)
	}
	return nil
}

func (g *guard) tooDeep(token scanner.Token) hcl.Diagnostics {
	return g.limitError(token, "Nesting too deep", "Brackets, quotes and template directives may be nested at most %d deep.", MaxDepth)
}

func (g *guard) endExpression() {
	g.operators -= g.top().operators
	g.top().operators = 0
}

func (g *guard) operator(token scanner.Token) hcl.Diagnostics {
	g.top().operators++
	if g.operators++; g.operators > maxOperators {
		return g.limitError(token, "Expression too long", "An expression may have at most %d operators and indexes. Name parts of it with locals.", maxOperators)
	}
	return nil
}

// checkNumber refuses a number that would fill the memory with its digits when
// it is written out.
func (g *guard) checkNumber(token scanner.Token) hcl.Diagnostics {
	digits := g.text(token)
	at := bytes.IndexAny(digits, "eE")
	if len(digits) > maxDigits || at >= 0 && len(bytes.TrimLeft(digits[at+1:], "+-")) > maxExponentDigits {
		return g.limitError(token, "Number too large", "A number may have at most %d digits, and an exponent of at most %d.", maxDigits, maxExponentDigits)
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
