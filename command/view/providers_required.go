package view

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/driftless-hq/driftless/internal/pluginhost"
)

// RequiredProvider is a provider that a configuration requires.
type RequiredProvider struct {
	Name      string   `json:"name"`
	Source    string   `json:"source"`
	Required  string   `json:"required,omitempty"`
	Locked    string   `json:"locked,omitempty"`
	Installed []string `json:"installed"` // versions that fit, the highest first
	Path      string   `json:"path,omitempty"`
	Hash      string   `json:"hash,omitempty"`
	Problem   string   `json:"problem,omitempty"` // why it would not be run
}

// RequiredProviders shows what a configuration requires and what it would get.
func (v *View) RequiredProviders(all []RequiredProvider) {
	if v.json {
		v.document(struct {
			Providers []RequiredProvider `json:"providers"`
		}{append([]RequiredProvider{}, all...)})
		return
	}
	if len(all) == 0 {
		v.Print("The configuration requires no providers but those that are built in.\n")
	}
	for _, p := range all {
		fmt.Fprintf(v.Out, "%s  %s\n", p.Name, cmp.Or(p.Required, "any version"))
		if p.Problem != "" {
			fmt.Fprintf(v.Out, "  %s\n", p.Problem)
			continue
		}
		fmt.Fprintf(v.Out, "  locked     %s\n  installed  %s\n  runs       %s\n  hash       %s\n",
			cmp.Or(p.Locked, "without a number"), strings.Join(p.Installed, ", "), p.Path, p.Hash)
	}
}

// LockedProvider shows a build of a provider that may be run from now on, or
// might before.
func (v *View) LockedProvider(name string, b pluginhost.Binary, added bool) {
	if v.json {
		v.document(builtProvider{"locked_provider", name, b.Version, b.Path, b.Hash, &added})
		return
	}
	state := "unchanged"
	if added {
		state = "locked"
	}
	v.Print("%s %s: %s\n  %s\n  %s\n", name, b.Version, state, b.Path, b.Hash)
}

// InstalledProvider shows a build of a provider that was copied.
func (v *View) InstalledProvider(b pluginhost.Binary) {
	if v.json {
		v.document(builtProvider{"installed_provider", "", b.Version, b.Path, b.Hash, nil})
		return
	}
	v.Print("%s\n  %s\n", b.Path, b.Hash)
}

// builtProvider is a build of a provider in JSON.
type builtProvider struct {
	Type    string `json:"type"`
	Name    string `json:"name,omitempty"`
	Version string `json:"version,omitempty"`
	Path    string `json:"path"`
	Hash    string `json:"hash"`
	News    *bool  `json:"news,omitempty"`
}
