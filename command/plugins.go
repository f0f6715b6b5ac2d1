package command

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/catalog"
	"github.com/driftless-hq/driftless/internal/pluginhost"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// pluginPath is the environment variable that names directories of providers.
const pluginPath = "DRIFTLESS_PLUGIN_PATH"

// plugins are the providers of one process that aren't built in.
type plugins struct {
	host    *pluginhost.Host
	adopted pluginSet // of the configuration that runs
	pending pluginSet // of the one that was read last
}

// pluginSet are the providers that a configuration requires.
type pluginSet struct {
	config    *config.Config
	providers []*pluginhost.Provider
	catalog   *catalog.Catalog // of these and of the built-in ones
}

func (e env) newPlugins(log hclog.Logger) *plugins {
	return &plugins{host: pluginhost.New(pluginhost.Options{Dirs: e.pluginDirs(), Log: log, Redact: e.Hidden.String, Now: time.Now})}
}

// pluginDirs are the directories in which providers are looked for.
func (e env) pluginDirs() []pluginhost.Dir {
	var dirs []pluginhost.Dir
	for _, path := range e.flags.StringSlice("plugin-dir") {
		dirs = append(dirs, pluginhost.Dir{Path: path, Named: true})
	}
	for _, path := range filepath.SplitList(os.Getenv(pluginPath)) {
		if path != "" {
			dirs = append(dirs, pluginhost.Dir{Path: path, Named: true})
		}
	}
	if dir, err := userPluginDir(); err == nil { // a user without a home has no providers there
		dirs = append(dirs, pluginhost.Dir{Path: dir})
	}
	return append(dirs, pluginhost.Dir{Path: systemPluginDir})
}

// systemPluginDir is where the providers of all users are.
const systemPluginDir = "/usr/lib/driftless/plugins"

func userPluginDir() (string, error) {
	dir, err := os.UserConfigDir()
	return filepath.Join(dir, "driftless", "plugins"), err
}

// load launches the providers that a configuration requires, and has them
// configured where it is not only validated. It adds to the inputs what
// expressions and provider blocks can have of them.
func (p *plugins) load(ctx context.Context, cfg *config.Config, builtin *catalog.Catalog, in *eval.Inputs) hcl.Diagnostics {
	p.pending = pluginSet{config: cfg, catalog: builtin}
	in.Installed = p.host.Sources
	if len(cfg.Required) == 0 {
		return nil
	}
	lock, err := pluginhost.ReadLock(cfg.Dir)
	if err != nil {
		return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Invalid lock file", Detail: sentence(err)}}
	}
	in.Providers = maps.Clone(in.Providers)
	in.Functions = make(map[string]function.Function)
	var diags hcl.Diagnostics
	for _, name := range slices.Sorted(maps.Keys(cfg.Required)) {
		diags = append(diags, p.require(ctx, cfg, cfg.Required[name], lock, in)...)
	}
	if diags.HasErrors() {
		p.release()
	}
	return diags
}

// require launches one provider.
func (p *plugins) require(ctx context.Context, cfg *config.Config, r *config.Requirement, lock *pluginhost.Lock, in *eval.Inputs) hcl.Diagnostics {
	if _, builtin := in.Providers[r.Name]; builtin {
		return requirementError(r, "Provider name taken", errors.New("a built-in provider has this name. Give the required one another, and its own as source"))
	}
	spec, diags := p.spec(cfg, r, lock, *in)
	if diags.HasErrors() {
		return diags
	}
	provider, err := p.host.Launch(ctx, spec)
	if err != nil {
		return requirementError(r, "Provider failed", err)
	}
	p.pending.providers = append(p.pending.providers, provider)
	m, err := provider.Manifest(ctx)
	if err == nil {
		err = checkVersion(r, spec.Binary, m.Version)
	}
	if err != nil {
		return requirementError(r, "Provider failed", err)
	}
	block := m.Config
	if block == nil {
		block = &schema.Block{}
	}
	if _, live := in.Secrets.(resolved); live {
		if provider, diags = p.configure(ctx, cfg, r, provider, block, *in); diags.HasErrors() {
			return diags
		}
	}
	in.Providers[r.Name] = block
	maps.Copy(in.Functions, lang.ProviderFunctions(r.Name, m.Functions, func(name string, args []cty.Value) (cty.Value, error) {
		return provider.Call(context.WithoutCancel(ctx), name, args)
	}))
	p.pending.catalog, err = p.pending.catalog.With(ctx, provider)
	if err != nil {
		return requirementError(r, "Provider not usable", err)
	}
	return diags
}

// spec finds out what to run for a provider.
func (p *plugins) spec(cfg *config.Config, r *config.Requirement, lock *pluginhost.Lock, in eval.Inputs) (pluginhost.Spec, hcl.Diagnostics) {
	found, err := p.host.Find(r.Source, r.Version)
	if err != nil {
		return pluginhost.Spec{}, requirementError(r, "Provider not found", err)
	}
	binary, err := lock.Choose(r, found)
	if err != nil {
		return pluginhost.Spec{}, requirementError(r, "Provider not locked", err)
	}
	spec := pluginhost.Spec{Name: r.Name, Source: r.Source, Binary: binary}
	settings, diags := eval.ProcessConfig(cfg, r.Name, in)
	if diags.HasErrors() {
		return spec, diags
	}
	spec.Env = make(map[string]string)
	if env := settings.GetAttr("env"); env.IsKnown() && !env.IsNull() {
		for name, value := range env.AsValueMap() {
			if value.IsKnown() && !value.IsNull() { // a secret that is not looked up, as nothing is but validated
				spec.Env[name] = value.AsString()
			}
		}
	}
	if size := settings.GetAttr("max_memory"); size.IsKnown() && !size.IsNull() {
		most, err := schema.ParseSize(size.AsString())
		if err != nil {
			return spec, requirementError(r, "Invalid settings of a provider", err)
		}
		spec.MaxMemory = int64(most)
	}
	return spec, diags
}

// configure hands a provider its block.
func (p *plugins) configure(ctx context.Context, cfg *config.Config, r *config.Requirement, provider *pluginhost.Provider, block *schema.Block, in eval.Inputs) (*pluginhost.Provider, hcl.Diagnostics) {
	settings, diags := eval.ProviderSettings(cfg, r.Name, block, in)
	if diags.HasErrors() {
		return nil, diags
	}
	configured, said := p.host.Configured(ctx, provider, settings.Value)
	diags = append(diags, settings.Locate(said, r.Range)...)
	if configured != nil && configured != provider {
		p.pending.providers[len(p.pending.providers)-1] = configured
	}
	return configured, diags
}

// checkVersion judges what a provider says of itself where the name of its file
// says nothing.
func checkVersion(r *config.Requirement, b pluginhost.Binary, said string) error {
	if b.Version != "" || len(r.Version) == 0 || pluginhost.Fits(r.Version, said) {
		return nil
	}
	return fmt.Errorf("version %s is required, and the provider says that it is %q", r.Version, said)
}

// catalogOf returns the catalog of a graph: of the one that runs, or of the one
// that was read last.
func (p *plugins) catalogOf(graph *eval.Graph) *catalog.Catalog {
	if graph.Config == p.adopted.config {
		return p.adopted.catalog
	}
	return p.pending.catalog
}

// adopt keeps the providers of the graph that runs, and ends all others.
func (p *plugins) adopt(graph *eval.Graph) error {
	if graph.Config == p.pending.config {
		p.adopted = p.pending
	}
	return p.host.Retain(p.adopted.providers...)
}

// release ends what was launched for a configuration that is not to be used.
func (p *plugins) release() {
	_ = p.host.Retain(p.adopted.providers...) // what it says of its end is of no use to anyone
	p.pending = pluginSet{}
}

func (p *plugins) close() error { return p.host.Close() }

func requirementError(r *config.Requirement, summary string, err error) hcl.Diagnostics {
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: sentence(err), Subject: &r.Range}}
}

// sentence makes one of an error.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
