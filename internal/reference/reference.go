// Package reference is what the program knows of its own language, as data:
// blocks, types, facts and functions, with all that their schemas say. The
// reference pages, driftless schema and the JSON Schema are drawn from it, so
// that they can't tell different things.
//
//	r, err := reference.New(reference.Input{Manifests: catalog.Manifests(), Examples: examples.Files()})
//	topic, ok := r.Topic("task.file")
package reference

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/version"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// FormatVersion is the version of the JSON form of a [Reference]. Its second
// part grows when something is added, its first when something is changed.
const FormatVersion = "1.0"

// Input is what a reference is made of, beside the language itself.
type Input struct {
	Manifests []plugin.Manifest
	Settings  map[string]*schema.Block // what a provider block can hold, by name
	Facts     []schema.Nested          // the groups of facts
	// Examples holds a directory for each type, named as in "task.file". Nil
	// is for none.
	Examples fs.FS
}

// Reference is all that can be written in a configuration.
type Reference struct {
	FormatVersion string     `json:"format_version"`
	Version       string     `json:"driftless_version"`
	Providers     []Provider `json:"providers"`
	Blocks        []Block    `json:"blocks"`
	Types         []Type     `json:"types"`
	Facts         []Facts    `json:"facts"`
	Functions     []Function `json:"functions"`
}

// Provider is where types come from.
type Provider struct {
	Name    string   `json:"name"`
	Version string   `json:"version,omitempty"`
	Doc     string   `json:"doc,omitempty"`
	Types   []string `json:"types"`
	// Settings is what its provider block holds, nil where it takes none.
	Settings *Body `json:"settings,omitempty"`
}

// Type is a type of source, task, collector, stage or sink.
type Type struct {
	Name       string `json:"name"` // as in "task.file"
	Kind       string `json:"kind"`
	Provider   string `json:"provider"`
	Emits      bool   `json:"emits,omitempty"`       // a source of events
	DetectOnly bool   `json:"detect_only,omitempty"` // a task that only ever reports
	EnforcedBy string `json:"enforced_by,omitempty"` // the block that a task needs to be enforced
	Body
	Meta     Body      `json:"meta_arguments"`
	Examples []Example `json:"examples,omitempty"`

	ref plugin.TypeRef
}

// Ref returns the reference under which a provider offers the type.
func (t Type) Ref() plugin.TypeRef { return t.ref }

// Facts is a group of facts.
type Facts struct {
	Name string `json:"name"`          // as in "os"
	Key  string `json:"key,omitempty"` // what tells the members apart, for a map of objects
	Body
}

// New gathers the reference. It returns an error where a type has no example
// and there are examples.
func New(in Input) (*Reference, error) {
	r := &Reference{
		FormatVersion: FormatVersion,
		Version:       version.Number,
		Blocks:        blocks(),
		Functions:     functions(lang.Functions("", nil)),
	}
	for _, m := range in.Manifests {
		p := Provider{Name: m.Name, Version: m.Version, Doc: m.Doc, Types: []string{}}
		for _, t := range m.Types {
			typ, err := newType(m.Name, t, in.Examples)
			if err != nil {
				return nil, err
			}
			p.Types = append(p.Types, typ.Name)
			r.Types = append(r.Types, typ)
		}
		slices.Sort(p.Types)
		r.Providers = append(r.Providers, p)
	}
	r.addSettings(in.Settings)
	for _, g := range in.Facts {
		r.Facts = append(r.Facts, Facts{Name: g.Name, Key: g.Label, Body: newBody(&g.Block)})
	}
	slices.SortFunc(r.Providers, func(a, b Provider) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(r.Types, func(a, b Type) int {
		return cmp.Or(cmp.Compare(slices.Index(Kinds(), a.ref.Kind), slices.Index(Kinds(), b.ref.Kind)), cmp.Compare(a.Name, b.Name))
	})
	return r, nil
}

// Kinds are the kinds of types, in the order in which they are listed.
func Kinds() []plugin.Kind {
	return []plugin.Kind{plugin.KindSource, plugin.KindTask, plugin.KindCollector, plugin.KindStage, plugin.KindSink}
}

func newType(provider string, t plugin.Type, examples fs.FS) (Type, error) {
	typ := Type{
		Name:       t.Ref.String(),
		Kind:       string(t.Ref.Kind),
		Provider:   provider,
		Emits:      t.Emits,
		DetectOnly: t.DetectOnly,
		EnforcedBy: t.EnforcedBy,
		Body:       newBody(t.Schema),
		Meta:       metaArguments(t.Ref.Kind),
		ref:        t.Ref,
	}
	if examples == nil {
		return typ, nil
	}
	found, err := readExamples(examples, t.Ref)
	typ.Examples = found
	return typ, err
}

// addSettings gives the providers what their blocks can hold. One that offers
// no types is there for its settings alone.
func (r *Reference) addSettings(settings map[string]*schema.Block) {
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		body := newBody(settings[name])
		at := slices.IndexFunc(r.Providers, func(p Provider) bool { return p.Name == name })
		if at < 0 {
			r.Providers = append(r.Providers, Provider{Name: name, Version: version.Number, Types: []string{}})
			at = len(r.Providers) - 1
		}
		r.Providers[at].Settings = &body
	}
}

// Example is one file of the example of a type.
type Example struct {
	Name    string `json:"name"`
	Content string `json:"content"`
}

func readExamples(examples fs.FS, ref plugin.TypeRef) ([]Example, error) {
	entries, err := fs.ReadDir(examples, ref.String())
	if err != nil {
		return nil, fmt.Errorf("read the examples of %s: %w; each type needs one", ref, err)
	}
	var found []Example
	for _, e := range entries {
		content, err := fs.ReadFile(examples, ref.String()+"/"+e.Name())
		if err != nil {
			return nil, fmt.Errorf("read the examples of %s: %w", ref, err)
		}
		found = append(found, Example{e.Name(), string(content)})
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("the folder of examples of %s is empty; each type needs one", ref)
	}
	return found, nil
}
