package command

import (
	"cmp"
	"context"
	"slices"

	"github.com/driftless-hq/driftless/command/view"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/version"
	"github.com/driftless-hq/driftless/plugin"
)

func runProviders(ctx context.Context, e env) int {
	e.OneDocument()
	l, diags, err := e.loadDeclared(ctx)
	if err != nil {
		e.Error(err)
		return exitError
	}
	e.Diagnostics(diags)
	if diags.HasErrors() {
		return exitError
	}
	e.Providers(usedProviders(l.graph, l.catalog.Manifests()))
	return exitOK
}

// usedProviders returns the providers that a configuration uses, by name.
func usedProviders(g *eval.Graph, manifests []plugin.Manifest) []view.Provider {
	offers := make(map[plugin.TypeRef]string)
	found := make(map[string]*view.Provider)
	for _, m := range manifests {
		found[m.Name] = &view.Provider{Name: m.Name, Version: m.Version}
		for _, t := range m.Types {
			offers[t.Ref] = m.Name
		}
	}
	for block, types := range usedTypes(g) {
		for _, t := range types {
			if p := found[offers[t]]; p != nil {
				p.Use(t.String(), block.String())
			}
		}
	}
	for name := range g.Config.Providers {
		if found[name] == nil {
			found[name] = &view.Provider{Name: name, Version: version.Number}
		}
		found[name].Configured = true
	}
	used := []view.Provider{}
	for _, p := range found {
		if p.Configured || len(p.Types) > 0 {
			p.Source = view.BuiltIn
			if r := g.Config.Required[p.Name]; r != nil {
				p.Source = r.Source
			}
			used = append(used, *p)
		}
	}
	slices.SortFunc(used, func(a, b view.Provider) int { return cmp.Compare(a.Name, b.Name) })
	return used
}

// usedTypes returns the types of each block, of a pipeline those of its
// stages, whichever instances of them and of their modules there are. A block
// counts also where it has none at present.
func usedTypes(g *eval.Graph) map[addr.Addr][]plugin.TypeRef {
	used := make(map[addr.Addr][]plugin.TypeRef)
	for _, a := range g.Written() {
		if a.Kind.HasType() {
			used[a] = []plugin.TypeRef{{Kind: plugin.Kind(a.Kind), Name: a.Type}}
		}
	}
	for _, n := range g.Order() {
		for _, stage := range n.Stages {
			block := n.Addr.Written()
			used[block] = append(used[block], stage.Type.Ref)
		}
	}
	return used
}
