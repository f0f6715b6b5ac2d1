package eval

import (
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/secret/redact"
)

// Hidden returns the redactor that has learned every sensitive value of the
// graph as it was evaluated. Whatever a provider says is to go through it: a
// provider may quote what a program wrote, and programs write what they were
// given.
func (g *Graph) Hidden() *redact.Redactor { return g.hidden }

// learn makes the redactor know what is sensitive in a value. What was settled
// is learned again with it, so that no number of other values makes it
// forgotten.
func (g *Graph) learn(v cty.Value) {
	g.hidden.Learn(g.sensitive...)
	g.hidden.Learn(sensitiveTexts(v)...)
}

// learnSettled makes the redactor know what is sensitive in a value that
// expressions can name from now on.
func (g *Graph) learnSettled(v cty.Value) {
	found := sensitiveTexts(v)
	g.sensitive = append(g.sensitive, found...)
	g.hidden.Learn(found...)
}

// learnGiven makes the redactor know the variables before anything is done with
// them: a value that can't be converted is in the error as it was given.
func (g *Graph) learnGiven(given map[string]Given) {
	for name, declared := range g.Config.Variables {
		if declared.Sensitive {
			g.sensitive = append(g.sensitive, given[name].Text)
			if v := given[name].Value; v != cty.NilVal {
				g.sensitive = append(g.sensitive, texts(v)...)
			}
		}
	}
	g.hidden.Learn(g.sensitive...)
}

// learning is the function sensitive that tells the redactor of its argument,
// because an evaluation that fails returns no value to learn from.
func (g *Graph) learning(sensitive function.Function) function.Function {
	return function.New(&function.Spec{
		Description: sensitive.Description(),
		Params:      sensitive.Params(),
		Type:        sensitive.ReturnTypeForValues,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			g.hidden.Learn(texts(args[0])...)
			return sensitive.Call(args)
		},
	})
}

// sensitiveTexts returns all strings and numbers in the marked parts of a value.
func sensitiveTexts(v cty.Value) []string {
	switch {
	case v == cty.NilVal || !lang.IsSensitive(v):
		return nil
	case v.IsMarked():
		return texts(v)
	}
	var out []string
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		out = append(out, sensitiveTexts(element)...)
	}
	return out
}

// texts returns all strings and numbers in a value.
func texts(v cty.Value) []string {
	var out []string
	inner, _ := v.UnmarkDeep()
	cty.Walk(inner, func(_ cty.Path, part cty.Value) (bool, error) { //nolint:errcheck // the callback has none
		switch {
		case !part.IsKnown() || part.IsNull():
		case part.Type() == cty.String:
			out = append(out, part.AsString())
		case part.Type() == cty.Number:
			out = append(out, part.AsBigFloat().Text('f', -1))
		}
		return true, nil
	})
	return out
}
