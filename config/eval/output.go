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
	for _, r := range g.outputRefs {
		for _, a := range r.addrs {
			instances := []addr.Addr{a}
			if !a.Key.IsSet() {
				instances = g.instances[a]
			}
			for _, instance := range instances {
				if _, ok := g.nodes[instance]; ok {
					out = append(out, instance)
				}
			}
		}
	}
	slices.SortFunc(out, addr.Compare)
	return slices.Compact(out)
}
