package eval

import (
	"slices"

	"github.com/driftless-hq/driftless/config/addr"
)

// OutputDependencies returns the instances that the outputs name, sorted. A
// driver that shows the outputs has to give them values, also those of which
// nothing else makes use.
func (g *Graph) OutputDependencies() []addr.Addr {
	var out []addr.Addr
	for name := range g.root().outputs {
		out = append(out, g.DependenciesOfOutput(name)...)
	}
	slices.SortFunc(out, addr.Compare)
	return slices.Compact(out)
}

// DependenciesOfOutput returns the instances that one output names.
func (g *Graph) DependenciesOfOutput(name string) []addr.Addr {
	var out []addr.Addr
	if o, ok := g.root().outputs[name]; ok {
		for _, a := range o.refs.all {
			out = append(out, g.instancesOf(a)...)
		}
	}
	return out
}
