package config

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/config/guard"
	"github.com/driftless-hq/driftless/config/scanner"
)

// Unclosed reports whether an expression ends within brackets, an
// interpolation or a heredoc, so that more lines may belong to it. What is
// beyond the limits is not: [ParseExpression] says why.
func Unclosed(src []byte) bool {
	depth := 0
	tokens, _ := expressionTokens(src)
	for _, token := range tokens {
		switch token.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOHeredoc,
			hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCHeredoc,
			hclsyntax.TokenTemplateSeqEnd:
			depth--
		}
	}
	return depth > 0 && depth <= guard.MaxDepth
}

// Blank reports whether a text has nothing but white space and comments.
func Blank(src []byte) bool {
	tokens, ok := expressionTokens(src)
	return ok && !slices.ContainsFunc(tokens, func(token hclsyntax.Token) bool {
		return token.Type != hclsyntax.TokenNewline && token.Type != hclsyntax.TokenComment && token.Type != hclsyntax.TokenEOF
	})
}

// expressionTokens reports false for what is beyond the limits.
func expressionTokens(src []byte) (hclsyntax.Tokens, bool) {
	if len(src) > maxFileSize || guard.Text(src, "", scanner.Config).HasErrors() {
		return nil, false
	}
	tokens, _ := hclsyntax.LexExpression(src, "", hcl.InitialPos) // the parser reports what is wrong with a token
	return tokens, true
}
