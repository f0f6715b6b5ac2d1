// Package logs is the provider of sources that read logs, and of the stages
// that take their lines apart, choose among them and change them.
//
//	source "file" "app" {
//	  paths = ["/var/log/app/*.log*"]
//	}
//
//	pipeline "app" {
//	  from = [source.file.app]
//	  stage "parse" { format = "json" }
//	  to   = [sink.file.archive]
//	}
package logs

import (
	"context"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

type provider struct {
	tap *Tap
}

var _ plugin.Provider = (*provider)(nil)

// New returns the provider. The tap is where its source "agent" reads from.
func New(tap *Tap) plugin.Provider { return &provider{tap} }

// Manifest implements [plugin.Provider].
func (p *provider) Manifest(context.Context) (plugin.Manifest, error) {
	types := []plugin.Type{fileType(), agentType()}
	return plugin.Manifest{
		Name:    "logs",
		Version: "1.0.0",
		Doc:     "Sources that read logs, and stages for their events.",
		Types:   append(types, StageTypes()...),
	}, nil
}

// Configure implements [plugin.Provider]. There is nothing to configure.
func (p *provider) Configure(context.Context, cty.Value) plugin.Diagnostics { return nil }

// Validate implements [plugin.Provider].
func (p *provider) Validate(_ context.Context, t plugin.TypeRef, cfg cty.Value) plugin.Diagnostics {
	switch {
	case t.Kind == plugin.KindStage:
		return ValidateStage(t, cfg)
	case t == fileType().Ref:
		return validateFile(cfg)
	}
	return nil
}

// Open implements [plugin.Provider].
func (p *provider) Open(_ context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	switch {
	case req.Type.Kind == plugin.KindStage:
		return OpenStage(req)
	case req.Type == fileType().Ref:
		return openFile(req)
	case req.Type == agentType().Ref:
		return openAgent(p.tap, req)
	}
	return nil, plugin.Error(nil, "Unknown type", "The provider \"logs\" has no type %s.", req.Type)
}

// Close implements [plugin.Provider].
func (p *provider) Close() error { return nil }
