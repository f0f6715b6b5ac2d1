package eval

import (
	"cmp"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/lang"
)

// hidden stands in a text for what must not be shown.
const hidden = "(sensitive value)"

// leastSecret is the length of the shortest text that is looked for: shorter
// ones are part of any word.
const leastSecret = 3

// redact hides what is sensitive in a text that a provider made: it may quote
// what a program wrote, and programs write what they were given.
func (g *Graph) redact(n *Node, text string) string {
	secrets := g.secrets()
	if evaluated, ok := g.static().evaluated[n.Addr]; ok {
		secrets = sortSecrets(append(slices.Clone(secrets), sensitiveTexts(evaluated.Marked())...))
	}
	return hide(text, secrets)
}

func hide(text string, secrets []string) string {
	for _, secret := range secrets {
		text = strings.ReplaceAll(text, secret, hidden)
	}
	return text
}

// scopeSecrets are the sensitive texts that any expression can name.
func (g *Graph) scopeSecrets() []string {
	var secrets []string
	for _, s := range g.scopes {
		for _, group := range []map[string]*binding{s.variables, s.locals} {
			for _, b := range group {
				if !b.isDynamic() {
					secrets = append(secrets, sensitiveTexts(b.value)...)
				}
			}
		}
	}
	return sortSecrets(secrets)
}

// sensitiveTexts returns all strings in the marked parts of a value, and the
// lines of those that have several.
func sensitiveTexts(v cty.Value) []string {
	var out []string
	if v.IsMarked() {
		inner, _ := v.UnmarkDeep()
		cty.Walk(inner, func(_ cty.Path, part cty.Value) (bool, error) { //nolint:errcheck // the callback has none
			if part.Type() == cty.String && part.IsKnown() && !part.IsNull() {
				out = append(out, part.AsString())
				out = append(out, strings.Split(part.AsString(), "\n")...)
			}
			return true, nil
		})
		return out
	}
	if lang.IsSensitive(v) && v.CanIterateElements() {
		for it := v.ElementIterator(); it.Next(); {
			_, element := it.Element()
			out = append(out, sensitiveTexts(element)...)
		}
	}
	return out
}

// sortSecrets puts the longest first, as a shorter one may be part of it.
func sortSecrets(secrets []string) []string {
	secrets = slices.DeleteFunc(secrets, func(s string) bool { return len(strings.TrimSpace(s)) < leastSecret })
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return slices.Compact(secrets)
}
