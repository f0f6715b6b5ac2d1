package pluginhost

import (
	"context"
	"fmt"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// Name returns what the configuration calls the provider.
func (p *Provider) Name() string { return p.spec.Name }

// Identity implements [catalog.Identified]: it is another for every launch: an instance that was opened by another
// build, or with other settings, is not the same.
func (p *Provider) Identity() string { return fmt.Sprintf("%s#%d", p.spec.Name, p.number) }

// Manifest implements [plugin.Provider].
func (p *Provider) Manifest(context.Context) (plugin.Manifest, error) { return p.manifest, nil }

// Configure implements [plugin.Provider]. Every later process gets the same
// configuration, before anything else is asked of it.
func (p *Provider) Configure(ctx context.Context, cfg cty.Value) plugin.Diagnostics {
	g, err := p.live(ctx)
	if err != nil {
		return unavailable(err)
	}
	diags := g.wire.Configure(ctx, cfg)
	if !diags.HasErrors() {
		p.mu.Lock()
		p.config = cfg
		p.mu.Unlock()
	}
	return diags
}

// Validate implements [plugin.Provider].
func (p *Provider) Validate(ctx context.Context, t plugin.TypeRef, cfg cty.Value) plugin.Diagnostics {
	g, err := p.live(ctx)
	if err != nil {
		return unavailable(err)
	}
	return g.wire.Validate(ctx, t, cfg)
}

// Open implements [plugin.Provider]. The instance is lost with the process that
// has opened it.
func (p *Provider) Open(ctx context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	g, err := p.live(ctx)
	if err != nil {
		return nil, unavailable(err)
	}
	return g.wire.Open(ctx, req)
}

// Call implements [plugin.Caller].
func (p *Provider) Call(ctx context.Context, function string, args []cty.Value) (cty.Value, error) {
	g, err := p.live(ctx)
	if err != nil {
		return cty.DynamicVal, err
	}
	return g.wire.Call(ctx, function, args)
}

func unavailable(err error) plugin.Diagnostics {
	return plugin.Error(nil, "Provider not available", "%s.", err)
}

// Close implements [plugin.Provider]. It ends the process.
func (p *Provider) Close() error {
	p.stop()
	<-p.ended
	p.mu.Lock()
	g := p.current
	p.current = nil
	p.mu.Unlock()
	if g == nil {
		return nil
	}
	if err := g.close(); err != nil {
		return fmt.Errorf("close the provider %s: %w", p.spec.Name, err)
	}
	return nil
}
