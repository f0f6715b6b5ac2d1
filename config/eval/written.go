package eval

import (
	"maps"
	"slices"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/addr"
)

// Written returns the addresses of all blocks as they are written, so with the
// names of modules and without the keys of instances, in order. Blocks and
// modules of which there are no instances at present are among them; what
// several such modules have in common is so under the name of the first.
func (g *Graph) Written() []addr.Addr {
	found := make(map[addr.Addr]bool)
	read := make(map[*config.Config]bool)
	for _, s := range g.scopes {
		read[s.config] = true
		addBlocks(found, s.config, s.module.Written())
	}
	for _, s := range g.scopes {
		for _, name := range slices.Sorted(maps.Keys(s.calls)) {
			if c := s.calls[name]; len(c.keys) == 0 {
				addUnused(found, read, c.module.Config, s.module.Written().Child(addr.Step{Name: name}))
			}
		}
	}
	return slices.SortedFunc(maps.Keys(found), addr.Compare)
}

func addBlocks(found map[addr.Addr]bool, c *config.Config, in addr.Module) {
	for a := range c.Blocks {
		found[a.In(in)] = true
	}
}

// addUnused adds the blocks of a module without instances and of its modules.
// Each directory is read once: there is no end to the ways that lead to it.
func addUnused(found map[addr.Addr]bool, read map[*config.Config]bool, c *config.Config, in addr.Module) {
	if read[c] {
		return
	}
	read[c] = true
	addBlocks(found, c, in)
	for _, name := range slices.Sorted(maps.Keys(c.Modules)) {
		addUnused(found, read, c.Modules[name].Config, in.Child(addr.Step{Name: name}))
	}
}
