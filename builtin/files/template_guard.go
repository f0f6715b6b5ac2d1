package files

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Limits of what the parser and the evaluator are given. Both go one call
// deeper for every bracket, quote and operator, and a stack that runs out ends
// the process.
const (
	maxTemplateDepth     = 200
	maxTemplateOperators = 1000 // of one interpolation
	maxTemplateLoops     = 3    // one within another
)

// guardTemplate refuses a template that is nested too deep. It looks at the
// tokens only, which takes no recursion.
func guardTemplate(path string, text []byte) error {
	tokens, _ := hclsyntax.LexTemplate(text, path, hcl.InitialPos) // the parser reports what is wrong with them
	g := guard{}
	for i, token := range tokens {
		if limit := g.add(token, tokens[i+1:]); limit != "" {
			start := token.Range.Start
			return &templateError{summary: "Template too deep", path: path, line: start.Line, column: start.Column, detail: limit}
		}
	}
	return nil
}

type guard struct {
	open      int // brackets, quotes, interpolations and heredocs
	blocks    int // %{if} and %{for} that no %{endif} or %{endfor} has closed
	loops     int // those of them that are %{for}
	operators int // since the outermost interpolation began
}

// add counts a token. It returns what limit is passed, "" for none.
func (g *guard) add(token hclsyntax.Token, rest hclsyntax.Tokens) string {
	switch token.Type {
	case hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
		if g.open == 0 {
			g.operators = 0
		}
		g.open++
		if token.Type == hclsyntax.TokenTemplateControl {
			g.addControl(rest)
		}
	case hclsyntax.TokenOBrace, hclsyntax.TokenOParen, hclsyntax.TokenOBrack, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
		g.open++
		g.operators++
	case hclsyntax.TokenTemplateSeqEnd, hclsyntax.TokenCBrace, hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
		g.open = max(0, g.open-1)
	case hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenStringLit, hclsyntax.TokenQuotedLit,
		hclsyntax.TokenNewline, hclsyntax.TokenComment, hclsyntax.TokenComma, hclsyntax.TokenEOF:
	default:
		g.operators++
	}
	return g.passed()
}

// addControl counts the word that begins a %{...} sequence.
func (g *guard) addControl(rest hclsyntax.Tokens) {
	if len(rest) == 0 || rest[0].Type != hclsyntax.TokenIdent {
		return
	}
	switch string(rest[0].Bytes) {
	case "for":
		g.loops++
		g.blocks++
	case "if":
		g.blocks++
	case "endfor":
		g.loops = max(0, g.loops-1)
		g.blocks = max(0, g.blocks-1)
	case "endif":
		g.blocks = max(0, g.blocks-1)
	}
}

func (g *guard) passed() string {
	switch {
	case g.open+g.blocks > maxTemplateDepth:
		return fmt.Sprintf("brackets, quotes and %%{} blocks lie more than %d deep in each other", maxTemplateDepth)
	case g.operators > maxTemplateOperators:
		return fmt.Sprintf("one interpolation has more than %d operators", maxTemplateOperators)
	case g.loops > maxTemplateLoops:
		return fmt.Sprintf("%%{for} loops lie more than %d deep in each other", maxTemplateLoops)
	}
	return ""
}
