// Package console evaluates expressions over a configuration, one after the
// other, as somebody types them or a pipe brings them.
//
//	var lines console.Lines
//	if expr, ok := lines.Add("upper(var.name)"); ok {
//		value, diags := console.New(graph, graph.Static()).Eval(expr, "input")
//	}
package console

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/eval"
)

// Session evaluates expressions over one graph. It is not safe for concurrent
// use.
type Session struct {
	graph  *eval.Graph
	values eval.Values
}

// New returns a session in which blocks have the given values.
func New(g *eval.Graph, values eval.Values) *Session { return &Session{g, values} }

// Eval parses and evaluates an expression within the limits of a
// configuration. The name is that of the input, for positions.
func (s *Session) Eval(e Expression, name string) (cty.Value, hcl.Diagnostics) {
	expr, diags := config.ParseExpression(e.Source, name)
	if diags.HasErrors() {
		return cty.DynamicVal, e.locate(diags, name)
	}
	v, valueDiags := s.graph.Expression(expr, s.values, functions())
	return v, e.locate(append(diags, valueDiags...), name)
}

// locate moves diagnostics about the expression to where it is in the input.
func (e Expression) locate(diags hcl.Diagnostics, name string) hcl.Diagnostics {
	for _, d := range diags {
		if d.Subject == nil || d.Subject.Filename != name {
			continue
		}
		at := *d.Subject // others may share it
		at.Start.Line += e.Line - 1
		at.End.Line += e.Line - 1
		d.Subject = &at
	}
	return diags
}
