package view

import (
	"slices"
	"strings"
)

// BuiltIn is the source of a provider that is part of the program.
const BuiltIn = "built in"

// Provider is a provider that a configuration uses.
type Provider struct {
	Name       string   `json:"name"`
	Source     string   `json:"source"` // where it comes from
	Version    string   `json:"version,omitempty"`
	Configured bool     `json:"configured"` // it has a provider block
	Types      []string `json:"types"`      // that are used
	Blocks     []string `json:"blocks"`     // that use them
}

// Use notes that a block is of a type of the provider. The lists stay sorted.
func (p *Provider) Use(typ, block string) {
	p.Types = insert(p.Types, typ)
	p.Blocks = insert(p.Blocks, block)
}

func insert(list []string, s string) []string {
	at, found := slices.BinarySearch(list, s)
	if found {
		return list
	}
	return slices.Insert(list, at, s)
}

// Providers shows the providers that a configuration uses.
func (v *View) Providers(used []Provider) {
	if v.json {
		for i := range used {
			used[i].Types, used[i].Blocks = orEmpty(used[i].Types), orEmpty(used[i].Blocks)
		}
		v.document(struct {
			FormatVersion string     `json:"format_version"`
			Providers     []Provider `json:"providers"`
		}{FormatVersion, used})
		return
	}
	if len(used) == 0 {
		v.Print("The configuration uses no providers.\n")
		return
	}
	m := &manual{style: v.out}
	for _, p := range used {
		m.separate()
		m.lines(0, v.out.paint(bold, p.Name)+" "+v.out.paint(dim, strings.TrimSpace(p.Version+" ("+p.Source+")")))
		if p.Configured {
			m.lines(indent, "settings: provider \""+p.Name+"\"")
		}
		if len(p.Types) > 0 {
			m.lines(indent, "types:    "+strings.Join(p.Types, ", "))
			m.lines(indent, "used by:  "+strings.Join(p.Blocks, ", "))
		}
	}
	v.Print("%s", m.text.String())
}

// orEmpty makes a list that is none an empty one, for JSON.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
