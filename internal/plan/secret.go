package plan

import (
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Masked stands in every output for a value that must not be shown.
const Masked = redact.Placeholder

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

// hideAll keeps what is secret out of texts of a provider.
func hideAll(hidden *redact.Redactor, texts []string) []string {
	out := slices.Clone(texts)
	for i, text := range texts {
		out[i] = hidden.String(text)
	}
	return out
}

// hideFindings returns a copy in which nothing is secret.
func hideFindings(hidden *redact.Redactor, findings []plugin.Finding) []plugin.Finding {
	out := slices.Clone(findings)
	for i := range out {
		f := &out[i]
		f.Name, f.Verdict, f.Summary = hidden.String(f.Name), hidden.String(f.Verdict), hidden.String(f.Summary)
		f.Value = hideTexts(hidden, f.Value)
		f.Detail = slices.Clone(f.Detail)
		for j := range f.Detail {
			e := &f.Detail[j]
			e.Name, e.Class = hidden.String(e.Name), hidden.String(e.Class)
			e.Attributes = slices.Clone(e.Attributes)
			for k, a := range e.Attributes {
				e.Attributes[k] = plugin.Differ{Path: hidden.String(a.Path), Before: hidden.String(a.Before), After: hidden.String(a.After)}
			}
		}
	}
	return out
}

// hideTexts returns a value in whose texts nothing is secret.
func hideTexts(hidden *redact.Redactor, v cty.Value) cty.Value {
	if v == cty.NilVal || !hasSecret(hidden, v) {
		return v
	}
	clean, err := cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if v.Type() != cty.String || !v.IsKnown() || v.IsNull() || v.IsMarked() {
			return v, nil
		}
		return cty.StringVal(hidden.String(v.AsString())), nil
	})
	if err != nil {
		return cty.NilVal // can't be: nothing above fails
	}
	return clean
}

// hasSecret reports whether hideTexts would change a value, which is far quicker
// to tell than to make it anew. What is marked is made anew.
func hasSecret(hidden *redact.Redactor, v cty.Value) bool {
	switch {
	case v.IsMarked():
		return true
	case v.IsNull(), !v.IsKnown():
		return false
	case v.Type() == cty.String:
		return hidden.String(v.AsString()) != v.AsString()
	case !v.CanIterateElements():
		return false
	}
	for _, element := range v.Elements() {
		if hasSecret(hidden, element) {
			return true
		}
	}
	return false
}
