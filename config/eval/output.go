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
	for _, o := range g.root().outputs {
		for _, a := range o.refs.all {
			out = append(out, g.instancesOf(a)...)
		}
	}
	slices.SortFunc(out, addr.Compare)
	return slices.Compact(out)
}
