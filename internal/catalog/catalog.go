// Package catalog knows the providers of this process by the types that they
// offer.
//
//	c, err := catalog.New(ctx, files.New(), command.New())
//	t, ok := c.Type(plugin.TypeRef{Kind: plugin.KindTask, Name: "file"})
package catalog

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin"
)

// Catalog is a fixed set of providers. It is safe for concurrent use.
type Catalog struct {
	manifests []plugin.Manifest
	providers []plugin.Provider
	types     map[plugin.TypeRef]entry
	names     map[plugin.Kind][]string
}

type entry struct {
	plugin.Type
	provider plugin.Provider
	name     string // of the provider
}

var (
	_ eval.Types     = (*Catalog)(nil)
	_ eval.Validator = (*Catalog)(nil)
)

// New asks every provider for its manifest and configures it. An error says
// that a manifest is not sound, or that two providers offer the same type.
func New(ctx context.Context, providers ...plugin.Provider) (*Catalog, error) {
	c := &Catalog{
		providers: providers,
		types:     make(map[plugin.TypeRef]entry),
		names:     make(map[plugin.Kind][]string),
	}
	for _, p := range providers {
		m, err := c.add(ctx, p)
		if err != nil {
			return nil, err
		}
		if diags := p.Configure(ctx, cty.NullVal(cty.EmptyObject)); diags.HasErrors() {
			return nil, fmt.Errorf("configure provider %s: %w", m.Name, diags.Err())
		}
	}
	return c, nil
}

// With returns a catalog that has another provider too. That one is configured,
// and closed, by whoever has it.
func (c *Catalog) With(ctx context.Context, p plugin.Provider) (*Catalog, error) {
	more := &Catalog{
		manifests: slices.Clone(c.manifests),
		providers: c.providers,
		types:     maps.Clone(c.types),
		names:     make(map[plugin.Kind][]string, len(c.names)),
	}
	for kind, names := range c.names {
		more.names[kind] = slices.Clone(names)
	}
	_, err := more.add(ctx, p)
	return more, err
}

func (c *Catalog) add(ctx context.Context, p plugin.Provider) (plugin.Manifest, error) {
	m, err := p.Manifest(ctx)
	if err != nil {
		return m, fmt.Errorf("read the manifest of a provider: %w", err)
	}
	for _, t := range m.Types {
		if err := checkType(t); err != nil {
			return m, fmt.Errorf("provider %s: %w", m.Name, err)
		}
		if first, taken := c.types[t.Ref]; taken {
			return m, fmt.Errorf("provider %s: another provider already offers %s: %s", m.Name, t.Ref, first.name)
		}
		c.types[t.Ref] = entry{t, p, m.Name}
		c.names[t.Ref.Kind] = append(c.names[t.Ref.Kind], t.Ref.Name)
	}
	for _, names := range c.names {
		slices.Sort(names)
	}
	c.manifests = append(c.manifests, m)
	return m, nil
}

// Identified is a provider that another can take the place of.
type Identified interface {
	// Identity is another for every build and every configuration.
	Identity() string
}

// Identity stands for the provider of a type: an instance that was opened by
// another is not the same. It is empty for a built-in one.
func (c *Catalog) Identity(ref plugin.TypeRef) string {
	if p, ok := c.types[ref].provider.(Identified); ok {
		return p.Identity()
	}
	return ""
}

// Type returns the type that a provider offers under a reference.
func (c *Catalog) Type(ref plugin.TypeRef) (plugin.Type, bool) {
	e, ok := c.types[ref]
	return e.Type, ok
}

// Names returns the names of all types of a kind, sorted.
func (c *Catalog) Names(kind plugin.Kind) []string { return c.names[kind] }

// Manifests returns what the providers published.
func (c *Catalog) Manifests() []plugin.Manifest { return c.manifests }

// Validate has the provider of a type judge a configuration.
func (c *Catalog) Validate(ctx context.Context, t plugin.TypeRef, cfg cty.Value) (diags plugin.Diagnostics) {
	e, ok := c.types[t]
	if !ok {
		return unknownType(t)
	}
	defer recoverPanic(t, "checked a configuration", &diags)
	return e.provider.Validate(ctx, t, cfg)
}

// Open opens an instance of a type.
func (c *Catalog) Open(ctx context.Context, req plugin.OpenRequest) (instance plugin.Instance, diags plugin.Diagnostics) {
	e, ok := c.types[req.Type]
	if !ok {
		return nil, unknownType(req.Type)
	}
	defer recoverPanic(req.Type, "opened an instance", &diags)
	return e.provider.Open(ctx, req)
}

func unknownType(t plugin.TypeRef) plugin.Diagnostics {
	return plugin.Error(nil, "Unknown type", "No provider offers %s.", t)
}

// recoverPanic turns a panic of a provider into an error, so that one provider
// can't end the process.
func recoverPanic(t plugin.TypeRef, doing string, diags *plugin.Diagnostics) {
	if p := recover(); p != nil {
		*diags = plugin.Error(nil, "Provider failed", "The provider of %s panicked while it %s: %v. This is a bug in the provider.", t, doing, p)
	}
}

// Close closes all providers.
func (c *Catalog) Close() error {
	var errs []error
	for _, p := range c.providers {
		errs = append(errs, p.Close())
	}
	return errors.Join(errs...)
}
