// Package sinks holds the built-in sinks: console, file and http. Batching,
// retries, time limits and back-pressure are the core's; a sink delivers one
// batch and says what became of it.
//
//	provider := sinks.New(os.Stdout, os.Stderr)
package sinks

import (
	"context"
	"io"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// New returns the provider of the built-in sinks. A console sink writes to
// one of the two writers; several may share one.
func New(stdout, stderr io.Writer) plugin.Provider {
	return &provider{consoles: map[string]io.Writer{
		"stdout": &sharedWriter{w: stdout},
		"stderr": &sharedWriter{w: stderr},
	}}
}

type provider struct {
	consoles map[string]io.Writer // by target
}

// sinkType is one row of the table of sinks.
type sinkType struct {
	name     string
	schema   *schema.Block
	validate func(cfg cty.Value) plugin.Diagnostics
	open     func(ctx context.Context, req plugin.OpenRequest) (plugin.Sink, plugin.Diagnostics)
}

func (p *provider) types() []sinkType {
	return []sinkType{
		{"console", consoleSchema(), validateNothing, p.openConsole},
		{"file", fileSchema(), validateFile, openFile},
		{"http", httpSchema(), validateHTTP, openHTTP},
	}
}

func validateNothing(cty.Value) plugin.Diagnostics { return nil }

func (p *provider) find(ref plugin.TypeRef) (sinkType, plugin.Diagnostics) {
	for _, t := range p.types() {
		if ref.Kind == plugin.KindSink && ref.Name == t.name {
			return t, nil
		}
	}
	return sinkType{}, plugin.Error(nil, "Unknown sink", "The provider \"sinks\" has no %s. It has sink.console, sink.file and sink.http.", ref)
}

// Manifest implements [plugin.Provider].
func (p *provider) Manifest(context.Context) (plugin.Manifest, error) {
	m := plugin.Manifest{
		Name:    "sinks",
		Version: "1.0.0",
		Doc:     "Where events go to: the console, files, HTTP endpoints.",
	}
	for _, t := range p.types() {
		m.Types = append(m.Types, plugin.Type{
			Ref:    plugin.TypeRef{Kind: plugin.KindSink, Name: t.name},
			Schema: t.schema,
		})
	}
	return m, nil
}

// Configure implements [plugin.Provider]. There is nothing to configure.
func (p *provider) Configure(context.Context, cty.Value) plugin.Diagnostics { return nil }

// Validate implements [plugin.Provider].
func (p *provider) Validate(_ context.Context, ref plugin.TypeRef, cfg cty.Value) plugin.Diagnostics {
	t, diags := p.find(ref)
	if diags.HasErrors() {
		return diags
	}
	return t.validate(cfg)
}

// Open implements [plugin.Provider].
func (p *provider) Open(ctx context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	t, diags := p.find(req.Type)
	if diags.HasErrors() {
		return nil, diags
	}
	if diags = t.validate(req.Config); diags.HasErrors() {
		return nil, diags
	}
	sink, diags := t.open(ctx, req)
	if diags.HasErrors() {
		return nil, diags
	}
	return sink, nil
}

// Close implements [plugin.Provider]. The instances hold all there is to release.
func (p *provider) Close() error { return nil }

var _ plugin.Provider = (*provider)(nil)
