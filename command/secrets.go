package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/secret"
	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/internal/secret/vault"
	"github.com/driftless-hq/driftless/internal/state"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// providers describes the provider blocks that a configuration can have.
func providers() map[string]*schema.Block {
	return map[string]*schema.Block{"vault": vault.Schema()}
}

// secrets finds the secrets of one process, and hides them from its logs.
type secrets struct {
	hidden   *redact.Redactor
	resolver *secret.Resolver

	mu        sync.Mutex
	settings  cty.Value // of the block provider "vault"
	dataDir   string    // empty for the default one
	connected bool      // whether the settings are in use
	// used are the secrets of the configuration that was read last; nil: none was.
	used map[secret.Ref]bool
}

// newSecrets reads nothing before a configuration asks for something.
func (e env) newSecrets(configPath string, log hclog.Logger) *secrets {
	s := &secrets{hidden: e.Hidden, settings: cty.NullVal(vault.Schema().ImpliedType())}
	s.resolver = secret.New(secret.Options{
		Log:       log.Named("secrets"),
		Redactor:  s.hidden,
		EnvFile:   e.envFile(configPath),
		LookupEnv: os.LookupEnv,
		Vault:     s.vaultConfig,
		Issue:     e.issues,
		Memory:    s.memory,
	})
	return s
}

// envFile is the file that -env-file names, or the user's own.
func (e env) envFile(configPath string) *secret.EnvFile {
	f := &secret.EnvFile{Path: e.flags.String("env-file"), Required: e.flags.IsSet("env-file"), ConfigDir: configPath}
	if info, err := os.Stat(configPath); err == nil && !info.IsDir() {
		f.ConfigDir = filepath.Dir(configPath)
	}
	if f.Path == "" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return nil // a user without a home has no file there
		}
		f.Path = filepath.Join(dir, "driftless", "env")
	}
	return f
}

// prepare takes over the settings of a configuration, before its blocks are
// evaluated.
func (r resolved) prepare(cfg *config.Config, in eval.Inputs) hcl.Diagnostics {
	s := r.secrets
	r.noVault = true
	in.Secrets = r
	v, diags := eval.ProviderConfig(cfg, "vault", vault.Schema(), in)
	if diags.HasErrors() {
		return diags
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connected && !s.settings.RawEquals(v) {
		return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Settings of Vault changed",
			Detail: "The agent is logged in to Vault with the settings that it was started with. Start it anew to use others.", Subject: subject(cfg, "vault")}}
	}
	s.settings = v
	s.dataDir = eval.DataDir(cfg, in)
	return nil
}

func subject(cfg *config.Config, provider string) *hcl.Range {
	if section := cfg.Providers[provider]; section != nil {
		return &section.Range
	}
	return nil
}

// vaultConfig is called when a value from Vault is first asked for.
func (s *secrets) vaultConfig(context.Context) (vault.Config, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connected = true
	c := vault.Defaults()
	if !s.settings.IsNull() {
		if err := schema.Decode(s.settings, &c); err != nil {
			return c, fmt.Errorf("read the settings of Vault: %w", err)
		}
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = "" // then there is no token of the user's
	}
	c = c.WithEnvironment(vault.Environment{Lookup: os.LookupEnv, Home: home})
	return c, c.Validate()
}

// memory keeps what Vault has issued in the data directory.
func (s *secrets) memory() (secret.Memory, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	dir := s.dataDir
	if dir == "" {
		var err error
		if dir, err = state.DefaultDir(); err != nil {
			return nil, err
		}
	}
	if err := state.MakeDir(dir); err != nil {
		return nil, err
	}
	return state.OpenSealed(dir)
}

// follow asks for the configuration to be read again whenever a secret that it
// uses has changed.
func (s *secrets) follow(ctx context.Context, reload chan<- os.Signal) {
	for range s.resolver.Watch(ctx) {
		select {
		case reload <- syscall.SIGHUP:
		default: // one is waiting already, and will see all changes
		}
	}
}

// close ends what was leased.
func (s *secrets) close() error { return s.resolver.Close(context.Background()) }

// resolved are secrets as a configuration sees them when it is planned.
type resolved struct {
	*secrets
	ctx     context.Context
	scope   *secret.Scope // notes what is used
	noVault bool          // for the settings of Vault itself
	patient bool          // what can't be had for now may be had later
}

// live returns the secrets for one reading of a configuration.
func (s *secrets) live(ctx context.Context) resolved {
	return resolved{secrets: s, ctx: ctx, scope: s.resolver.Scope()}
}

// patience is [secrets.live] for an agent, which needs none of them at once.
func (s *secrets) patience(ctx context.Context) resolved {
	r := s.live(ctx)
	r.patient = true
	return r
}

// adopt takes over a configuration that was read with the secrets r: what it
// doesn't use is given up.
func (s *secrets) adopt(r resolved) {
	refs := r.scope.Used()
	s.resolver.Retain(refs)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used = make(map[secret.Ref]bool, len(refs))
	for _, ref := range refs {
		s.used[ref] = true
	}
}

// canWait reports whether a secret that can't be had is no mistake in the
// configuration. What Vault refuses is one where a reload is the first to ask
// for it. What was in use before is refused because something has changed in
// Vault; and at the start of an agent there is nothing that could go on instead.
func (s *secrets) canWait(ref secret.Ref, err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return secret.IsAway(err) || secret.IsRefused(err) && (s.used == nil || s.used[ref])
}

// Secret implements [lang.Secrets].
func (r resolved) Secret(name string) (cty.Value, error) {
	text, err := r.scope.Secret(r.ctx, name)
	return cty.StringVal(text), err
}

// Vault implements [lang.Secrets].
func (r resolved) Vault(path, key string, parameters cty.Value) (cty.Value, error) {
	if r.noVault {
		return cty.NilVal, fmt.Errorf("the settings of Vault can't come from Vault; use secret")
	}
	v, err := r.scope.Vault(r.ctx, path, key, parameters)
	if err == nil || !r.patient {
		return v, err
	}
	ref, refErr := secret.VaultRef(path, key, parameters)
	if refErr == nil && r.canWait(ref, err) {
		err = &lang.AbsentError{Secret: ref.String(), Err: err}
	}
	return v, err
}

// named are secrets as validate sees them: it checks how they are named and
// looks nowhere.
type named struct{}

// Secret implements [lang.Secrets].
func (named) Secret(name string) (cty.Value, error) {
	return cty.UnknownVal(cty.String), secret.CheckName(name)
}

// Vault implements [lang.Secrets].
func (named) Vault(path, _ string, parameters cty.Value) (cty.Value, error) {
	return cty.DynamicVal, secret.CheckVault(path, parameters)
}

var (
	_ lang.Secrets = resolved{}
	_ lang.Secrets = named{}
)

// hiding hands log entries on without the secrets in them.
type hiding struct {
	hclog.SinkAdapter
	hidden *redact.Redactor
}

// Accept implements [hclog.SinkAdapter].
func (h hiding) Accept(name string, level hclog.Level, message string, args ...any) {
	clean := make([]any, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case string:
			clean[i] = h.hidden.String(v)
		case bool, int, int64, uint64, float64:
			clean[i] = v
		default:
			clean[i] = h.hidden.String(fmt.Sprint(v))
		}
	}
	h.SinkAdapter.Accept(name, level, h.hidden.String(message), clean...)
}
