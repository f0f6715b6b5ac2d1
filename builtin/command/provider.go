// Package command is the provider of tasks that run a program: what no other
// task type can describe. A guard makes such a task converge.
//
//	task "command" "initdb" {
//	  command = ["initdb", "-D", "/var/lib/pg"]
//	  user    = "postgres"
//	  creates = "/var/lib/pg/PG_VERSION"
//	}
package command

import (
	"context"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

type provider struct{}

var _ plugin.Provider = provider{}

// New returns the provider.
func New() plugin.Provider { return provider{} }

// Manifest implements [plugin.Provider].
func (provider) Manifest(context.Context) (plugin.Manifest, error) {
	return plugin.Manifest{
		Name:    "command",
		Version: "1.0.0",
		Doc:     "Runs programs.",
		Types:   []plugin.Type{{Ref: commandRef, Schema: commandSchema()}},
	}, nil
}

// Configure implements [plugin.Provider]. There is nothing to configure.
func (provider) Configure(context.Context, cty.Value) plugin.Diagnostics { return nil }

// Validate implements [plugin.Provider].
func (provider) Validate(_ context.Context, t plugin.TypeRef, cfg cty.Value) plugin.Diagnostics {
	if t != commandRef {
		return unknownType(t)
	}
	return validate(cfg)
}

// Open implements [plugin.Provider].
func (provider) Open(_ context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	if req.Type != commandRef {
		return nil, unknownType(req.Type)
	}
	if diags := validate(req.Config); diags.HasErrors() {
		return nil, diags
	}
	t := &task{value: req.Config, triggered: req.Env.Triggered}
	if err := schema.Decode(req.Config, &t.config); err != nil {
		return nil, plugin.Error(nil, "Invalid configuration", "The configuration of %s can't be read: %s.", req.Addr, err)
	}
	return t, nil
}

// Close implements [plugin.Provider].
func (provider) Close() error { return nil }

func unknownType(t plugin.TypeRef) plugin.Diagnostics {
	return plugin.Error(nil, "Unknown type", "The provider command has no %s; it has %s.", t, commandRef)
}
