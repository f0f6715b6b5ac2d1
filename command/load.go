package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/builtin"
	"github.com/driftless-hq/driftless/builtin/logs"
	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/catalog"
	"github.com/driftless-hq/driftless/internal/secret/redact"
)

// tapEntries is how much of its own log the agent keeps for its source "agent".
const tapEntries = 1024

// loaded is a configuration that is valid as far as it can be told without
// looking at the host.
type loaded struct {
	path    string
	given   map[string]eval.Given
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
	given, err := variables(e.flags.StringSlice("var"), os.Environ())
	if err != nil {
		e.Error(err)
		return nil
	}
	l, diags := e.loadLive(ctx, path, given)
	e.Diagnostics(diags)
	return l
}

// loadLive loads a configuration with the facts and the secrets of this host.
// It returns nil when there are errors; else what it returns is to be closed.
func (e env) loadLive(ctx context.Context, path string, given map[string]eval.Given) (*loaded, hcl.Diagnostics) {
	s := e.newSecrets(path)
	l, diags := e.loadFrom(ctx, path, s.hidden, eval.Inputs{Variables: given, Facts: gathered{e.host(), ctx}, Secrets: s.live(ctx)})
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
func (e env) loadFrom(ctx context.Context, path string, hidden *redact.Redactor, in eval.Inputs) (*loaded, hcl.Diagnostics) {
	c, err := e.catalog(ctx, logs.NewTap(tapEntries, time.Now))
	if err != nil {
		return nil, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Provider failed", Detail: err.Error()}}
	}
	log := hclog.New(&hclog.LoggerOptions{Name: "provider", Level: hclog.Warn, Output: hidden.Writer(e.Err)})
	p := e.newPlugins(log, hidden)
	graph, diags := e.buildGraph(ctx, c, p, path, in)
	if graph == nil {
		if err := p.close(); err != nil {
			e.Error(err)
		}
		return nil, diags
	}
	return &loaded{path: path, given: in.Variables, catalog: p.pending.catalog, graph: graph, plugins: p}, diags
}

// buildGraph reads a configuration and finds all that is wrong with it. The
// graph is nil where that is an error.
func (e env) buildGraph(ctx context.Context, c *catalog.Catalog, p *plugins, path string, in eval.Inputs) (*eval.Graph, hcl.Diagnostics) {
	cfg, diags := config.Load(path)
	e.SetFiles(cfg.Files)
	if diags.HasErrors() && len(cfg.Blocks) == 0 {
		return nil, diags
	}
	in.Providers = providers()
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
	return graph, diags
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

const variablePrefix = "DRIFTLESS_VAR_"

// variables collects the values given on the command line, which come before
// those of the environment.
func variables(args, environ []string) (map[string]eval.Given, error) {
	given := make(map[string]eval.Given)
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if variable, ok := strings.CutPrefix(name, variablePrefix); ok {
			given[variable] = eval.Given{Text: value, Origin: "the environment variable " + name, Optional: true}
		}
	}
	for _, arg := range args {
		name, value, found := strings.Cut(arg, "=")
		if !found || name == "" {
			return nil, fmt.Errorf("-var %s doesn't name a variable and its value; write it as -var NAME=VALUE", arg)
		}
		given[name] = eval.Given{Text: value, Origin: "-var " + name}
	}
	return given, nil
}
