// Package host measures the machine that driftless runs on. Its collectors
// have the names of node_exporter's, and so do their metrics: dashboards and
// alerts that were made for node_exporter work unchanged.
//
//	collector "host" "this" {
//	  exclude = ["uname"]
//	}
package host

import (
	"context"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Options are what a provider is made with.
type Options struct {
	Version string // of the program, shown in the manifest
}

type provider struct{ version string }

var _ plugin.Provider = provider{}

// New returns the provider "host".
func New(o Options) plugin.Provider { return provider{o.Version} }

func (p provider) Manifest(context.Context) (plugin.Manifest, error) {
	return plugin.Manifest{
		Name:    "host",
		Version: p.version,
		Doc:     "Measures this host, under node_exporter's names.",
		Types:   append(types(), execType()),
	}, nil
}

func (provider) Configure(context.Context, cty.Value) plugin.Diagnostics { return nil }

func (provider) Validate(_ context.Context, t plugin.TypeRef, cfg cty.Value) plugin.Diagnostics {
	switch t.Name {
	case typeHost:
		return validateExclude(cfg.GetAttr("exclude"))
	case partFilesystem:
		return validateMountTimeout(cfg.GetAttr("mount_timeout"))
	case partNetdev:
		return validateDevices(cfg)
	case typeExec:
		return validateExec(cfg)
	}
	return nil
}

func (provider) Open(_ context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	if req.Type.Name == typeExec {
		return openExec(req)
	}
	set, diags := configure(req)
	if diags.HasErrors() {
		return nil, diags
	}
	c, err := open(set, environment{log: req.Env.Log, statfs: statfs}, req.Env.Now)
	if err != nil {
		return nil, plugin.Error(nil, "Cannot open the collector", "%s: %s.", req.Addr, err)
	}
	return c, nil
}

func (provider) Close() error { return nil }

// settings is the configuration of any type of collector.
type settings struct {
	parts      []string // what to measure
	path       paths
	filesystem filesystemConfig
	netdev     netdevConfig
}

// configure decodes the configuration of the type that is to be opened.
func configure(req plugin.OpenRequest) (settings, plugin.Diagnostics) {
	set := settings{parts: []string{req.Type.Name}, path: defaultPaths(), filesystem: defaultFilesystem()}
	path, err := decodeInto(&set, req)
	if err != nil {
		return settings{}, plugin.Error(nil, "Cannot read the configuration", "%s: %s.", req.Addr, err)
	}
	if path != nil {
		set.path = *path
	}
	return set, nil
}

func decodeInto(set *settings, req plugin.OpenRequest) (*paths, error) {
	switch req.Type.Name {
	case typeHost:
		var cfg hostConfig
		err := schema.Decode(req.Config, &cfg)
		set.parts = without(minimal(), cfg.Exclude)
		return cfg.Path, err
	case partFilesystem:
		err := schema.Decode(req.Config, &set.filesystem)
		return set.filesystem.Path, err
	case partNetdev:
		err := schema.Decode(req.Config, &set.netdev)
		return set.netdev.Path, err
	default:
		var cfg plainConfig
		err := schema.Decode(req.Config, &cfg)
		return cfg.Path, err
	}
}
