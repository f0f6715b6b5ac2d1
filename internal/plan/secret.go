package plan

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Masked stands in every output for a value that must not be shown.
const Masked = "(sensitive value)"

// Mark puts the marks back that an instance must not see, on a value that it
// returned: those of its configuration, and those that its schema asks for.
// What an instance learns from a sensitive configuration is sensitive too.
func Mark(n *eval.Node, v cty.Value, marks []cty.PathValueMarks) cty.Value {
	return v.MarkWithPaths(allMarks(n, marks, fromSensitive(n, marks)))
}

// fromSensitive reports whether one of the marks of a configuration is on an
// argument, and not on what the instance learns anyway.
func fromSensitive(n *eval.Node, marks []cty.PathValueMarks) bool {
	return n.Meta.Sensitive || slices.ContainsFunc(marks, func(m cty.PathValueMarks) bool {
		if len(m.Path) == 0 {
			return true
		}
		step, _ := m.Path[0].(cty.GetAttrStep)
		a, ok := n.Type.Schema.Attribute(step.Name)
		return !ok || !a.Computed
	})
}

func (m member) sensitive() bool { return fromSensitive(m.node, m.Marks) }

// allMarks adds to the marks of a configuration those of the schema, and where
// learnt is set those of all that the instance learns.
func allMarks(n *eval.Node, marks []cty.PathValueMarks, learnt bool) []cty.PathValueMarks {
	all := slices.Clip(marks)
	for i := range n.Type.Schema.Attributes {
		a := &n.Type.Schema.Attributes[i]
		isFound := n.Meta.Sensitive && a.Claim == "" && !schema.IsExpr(a.Type)
		if a.Sensitive || a.Computed && learnt || isFound {
			all = append(all, sensitiveAttr(a.Name))
		}
	}
	return all
}

func sensitiveAttr(name string) cty.PathValueMarks {
	return cty.PathValueMarks{Path: cty.GetAttrPath(name), Marks: cty.NewValueMarks(lang.Sensitive)}
}

// minSecret is the length under which a value is no secret, but a word that
// happens to be in many texts.
const minSecret = 4

// secrets are texts that must not be in what a provider says.
type secrets []string

// secretsOf collects the sensitive texts of configurations.
func secretsOf(configs ...eval.Evaluated) secrets {
	var s secrets
	for _, e := range configs {
		for _, m := range e.Marks {
			if v, err := m.Path.Apply(e.Config); err == nil {
				s.addValue(v)
			}
		}
	}
	// The longest first, so that a secret that is part of another doesn't
	// leave the rest of it to be read.
	slices.SortFunc(s, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(s)
}

func (s *secrets) addValue(v cty.Value) {
	_ = cty.Walk(v, func(_ cty.Path, v cty.Value) (bool, error) { // the callback never fails
		if v.IsKnown() && !v.IsNull() && v.Type() == cty.String {
			s.addText(v.AsString())
		}
		return true, nil
	})
}

// addText adds a text as it is, as it is quoted in messages, and line by line:
// the lines of a key are secret too.
func (s *secrets) addText(text string) {
	s.add(strings.TrimSpace(text))
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		s.add(line)
		if quoted, err := json.Marshal(line); err == nil {
			s.add(strings.Trim(string(quoted), `"`))
		}
	}
}

func (s *secrets) add(text string) {
	if len(text) >= minSecret {
		*s = append(*s, text)
	}
}

func (s secrets) hide(text string) string {
	for _, one := range s {
		text = strings.ReplaceAll(text, one, Masked)
	}
	return text
}

func (s secrets) hideAll(texts []string) []string {
	if len(s) == 0 {
		return texts
	}
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = s.hide(text)
	}
	return out
}

// hideIn keeps the secrets out of what a provider reports of its work.
func (s secrets) hideIn(diags hcl.Diagnostics) hcl.Diagnostics {
	if len(s) > 0 {
		for _, d := range diags {
			d.Summary, d.Detail = s.hide(d.Summary), s.hide(d.Detail)
		}
	}
	return diags
}

// hideFindings returns a copy in which the secrets are not.
func (s secrets) hideFindings(findings []plugin.Finding) []plugin.Finding {
	if len(s) == 0 {
		return findings
	}
	out := slices.Clone(findings)
	for i := range out {
		f := &out[i]
		f.Name, f.Verdict, f.Summary = s.hide(f.Name), s.hide(f.Verdict), s.hide(f.Summary)
		f.Detail = slices.Clone(f.Detail)
		for j := range f.Detail {
			e := &f.Detail[j]
			e.Name, e.Class = s.hide(e.Name), s.hide(e.Class)
			e.Attributes = slices.Clone(e.Attributes)
			for k, a := range e.Attributes {
				e.Attributes[k] = plugin.Differ{Path: s.hide(a.Path), Before: s.hide(a.Before), After: s.hide(a.After)}
			}
		}
	}
	return out
}
