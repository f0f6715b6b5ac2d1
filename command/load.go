package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/builtin"
	"github.com/driftless-hq/driftless/builtin/logs"
	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/catalog"
)

// tapEntries is how much of its own log the agent keeps for its source "agent".
const tapEntries = 1024

// loaded is a configuration that is valid as far as it can be told without
// looking at the host.
type loaded struct {
	path    string
	given   givenVariables
	catalog *catalog.Catalog
	graph   *eval.Graph
	secrets *secrets // nil for validate
	plugins *plugins
}

// load reads the configuration that the flags name and shows what is wrong
// with it. It returns nil when that is an error.
func (e env) load(ctx context.Context) *loaded {
	path, err := configPath(e.flags.String("config"))
	if err != nil {
		e.Error(err)
		return nil
	}
	l, diags := e.loadLive(ctx, path)
	e.Diagnostics(diags)
	return l
}

// loadLive loads a configuration with the facts and the secrets of this host.
// It returns nil when there are errors; else what it returns is to be closed.
func (e env) loadLive(ctx context.Context, path string) (*loaded, hcl.Diagnostics) {
	s := e.newSecrets(path, e.warnings())
	l, diags := e.loadFrom(ctx, path, eval.Inputs{Facts: gathered{e.host(), ctx}, Secrets: s.live(ctx)})
	if l == nil || diags.HasErrors() {
		if err := s.close(); err != nil {
			e.Error(err)
		}
		return nil, diags
	}
	l.secrets = s
	return l, diags
}

func (l *loaded) close(e env) {
	if err := errors.Join(l.plugins.close(), l.secrets.close()); err != nil {
		e.Error(err)
	}
}

// loadFrom returns nil where there are errors; else the plugins of what it
// returns are to be closed.
func (e env) loadFrom(ctx context.Context, path string, in eval.Inputs) (*loaded, hcl.Diagnostics) {
	c, err := e.catalog(ctx, logs.NewTap(tapEntries, time.Now))
	if err != nil {
		return nil, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Provider failed", Detail: err.Error()}}
	}
	p := e.newPlugins(e.warnings().Named("provider"))
	l, diags := e.build(ctx, c, p, path, in)
	if l == nil {
		if err := p.close(); err != nil {
			e.Error(err)
		}
		return nil, diags
	}
	l.plugins = p
	return l, diags
}

// build reads a configuration, with the values of its variables, and finds all
// that is wrong with it. It returns nil where that is an error.
func (e env) build(ctx context.Context, c *catalog.Catalog, p *plugins, path string, in eval.Inputs) (*loaded, hcl.Diagnostics) {
	cfg, diags := config.Load(path)
	e.pointHere(diags)
	e.SetFiles(cfg.Files)
	given := e.variables(cfg)
	diags = append(diags, given.diags...)
	if diags.HasErrors() && len(cfg.Blocks)+len(cfg.Modules) == 0 {
		return nil, diags
	}
	cfg.Incomplete = cfg.Incomplete || given.diags.HasErrors()
	in.Variables, in.Providers, in.Hidden = given.given, providers(), e.Hidden
	if live, ok := in.Secrets.(resolved); ok {
		diags = append(diags, live.prepare(cfg, in)...)
	}
	pluginDiags := p.load(ctx, cfg, c, &in)
	if diags = append(diags, pluginDiags...); pluginDiags.HasErrors() {
		return nil, diags // what else is wrong may well be right with the providers that are missing
	}
	graph, graphDiags := eval.Check(ctx, cfg, p.pending.catalog, in, p.pending.catalog)
	if diags = append(diags, graphDiags...); diags.HasErrors() {
		p.release()
		return nil, diags
	}
	return &loaded{path: path, given: given, catalog: p.pending.catalog, graph: graph}, diags
}

// pointHere adds what may have been meant to the error that there is no
// configuration in the default place: the current directory, as in Terraform.
func (e env) pointHere(diags hcl.Diagnostics) {
	if e.flags.String("config") != "" || len(diags) != 1 || diags[0].Summary != "Configuration not found" {
		return
	}
	if here, err := filepath.Glob("*.hcl"); err == nil && len(here) > 0 {
		diags[0].Detail += " For the files in the current directory, write -config=."
	}
}

func (e env) catalog(ctx context.Context, tap *logs.Tap) (*catalog.Catalog, error) {
	return catalog.New(ctx, builtin.Providers(builtin.Parts{Stdout: e.Out, Stderr: e.Err, Tap: tap})...)
}

// configPath returns the path that was given, or the default one.
func configPath(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	if os.Geteuid() == 0 {
		if _, err := os.Stat("/etc/driftless"); !errors.Is(err, fs.ErrNotExist) {
			return "/etc/driftless", nil
		}
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the configuration: %w; name it with -config", err)
	}
	return filepath.Join(dir, "driftless", "config"), nil
}
