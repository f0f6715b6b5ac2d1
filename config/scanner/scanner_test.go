package scanner_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/config/scanner"
)

// token is a token with its text, for comparisons.
type token struct {
	Type hclsyntax.TokenType
	Text string
}

func scan(src []byte, mode scanner.Mode) []token {
	var out []token
	for s := scanner.New(src, mode); ; {
		t := s.Next()
		out = add(out, token{t.Type, string(src[t.Start:t.End])})
		if t.Type == hclsyntax.TokenEOF {
			return out
		}
	}
}

// add makes a run of literal text one token. Where it is broken is of no
// account.
func add(tokens []token, t token) []token {
	last := len(tokens) - 1
	if last >= 0 && tokens[last].Type == t.Type && isText(t.Type) {
		tokens[last].Text += t.Text
		return tokens
	}
	return append(tokens, t)
}

// theirs are the tokens of HCL. It reports false where HCL gives up, which it
// does at some characters and at the end of what isn't closed, and in a
// template at a carriage return.
func theirs(src []byte, mode scanner.Mode) ([]token, bool) {
	lex := hclsyntax.LexConfig
	if mode == scanner.Template {
		lex = hclsyntax.LexTemplate
	}
	if mode == scanner.Template && bytes.ContainsRune(src, '\r') {
		return nil, false
	}
	tokens, _ := lex(src, "", hcl.InitialPos)
	var out []token
	for _, t := range tokens {
		text := string(t.Bytes)
		isLast := t.Range.End.Byte == len(src)
		if t.Type == hclsyntax.TokenInvalid && (isLast || utf8.RuneCountInString(text) > 1 || strings.Contains(text, "\r")) {
			return nil, false
		}
		out = add(out, token{t.Type, text})
	}
	return out, true
}

func isText(t hclsyntax.TokenType) bool {
	return t == hclsyntax.TokenQuotedLit || t == hclsyntax.TokenStringLit
}

var texts = []string{
	"task \"file\" \"a\" {\n  path = \"/a\" # why\n}\n",
	"a = 1.5e3 + .5 - 1..2 * 1.e2 / 2e+ % 3e-1.\n",
	"a = b[*].c[0].*.d ? e : f...\nx = !y == z != a >= b <= c > d < e && f || g => h :: i\n",
	"a = \"x ${b} $${c} %{ if d ~} %%{ e } %{~ endif } $ % $$ %% $$${f} \\\" \\\\ \\\n",
	"a = <<E\n one ${two}\n  E E\n %{ for x in y }$\nE${z}\nE\nb = <<-FOO\r\n  x\r\n  FOO\r\nc = << E\n",
	"a = { b = { c = \"${ { d = \"${ {} }\" } }\" } } ~} }\n",
	"/* a\n b */ c // d\n# e\r\nf \r g /* h",
	"é_ü-1 = ϐ℘ᧀ·x 日本 ‿ → \u200d \x00 ; ` ' ^ ~ & |\n",
	"\uFEFFa = 1\n\uFEFFb = 2",
	"${a} b\n%{ if c }\n$${d}\n%{ endif }$",
}

func TestTheTokensAreThoseOfHCL(t *testing.T) {
	for _, mode := range []scanner.Mode{scanner.Config, scanner.Template} {
		for _, text := range texts {
			compare(t, []byte(text), mode)
		}
	}
}

func compare(t *testing.T, src []byte, mode scanner.Mode) {
	t.Helper()
	if !utf8.Valid(src) || bytes.ContainsFunc(src, isUnassigned) {
		return
	}
	got := scan(src, mode)
	if slices.ContainsFunc(got, func(t token) bool { return strings.HasPrefix(t.Text, "/*") && t.Type == hclsyntax.TokenInvalid }) {
		return // see TestACommentThatIsNeverClosedIsReadOnce
	}
	if want, ok := theirs(src, mode); ok && !slices.Equal(got, want) {
		t.Errorf("%q in mode %d (-HCL +scanner):\n%s", src, mode, cmp.Diff(want, got))
	}
}

// isUnassigned reports whether a character is none in the version of Unicode that
// the package unicode has. HCL may have a later one.
func isUnassigned(r rune) bool { return unicode.Is(unicode.Cn, r) }

func TestACommentThatIsNeverClosedIsReadOnce(t *testing.T) {
	got := scan([]byte("a /* b /* c"), scanner.Config)
	want := []token{{hclsyntax.TokenIdent, "a"}, {hclsyntax.TokenInvalid, "/* b /* c"}, {hclsyntax.TokenEOF, ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzTokensAreThoseOfHCL(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text), false)
		f.Add([]byte(text), true)
	}
	f.Fuzz(func(t *testing.T, src []byte, template bool) {
		mode := scanner.Config
		if template {
			mode = scanner.Template
		}
		compare(t, bytes.TrimSpace(src), mode)
	})
}
