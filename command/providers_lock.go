package command

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/internal/pluginhost"
)

// required is what a configuration says of its providers.
type required struct {
	requirements []*config.Requirement // by name
	lock         *pluginhost.Lock
	host         *pluginhost.Host // launches nothing
}

// required reads the configuration that the flags name, as far as providers are
// concerned. What else is wrong with it is of no interest here.
func (e env) required() (*required, error) {
	path, err := configPath(e.flags.String("config"))
	if err != nil {
		return nil, err
	}
	cfg, diags := config.Load(path)
	e.SetFiles(cfg.Files)
	if cfg.Incomplete || diags.HasErrors() {
		e.Diagnostics(diags)
		return nil, errors.New("the configuration can't be read, so what it requires is not known")
	}
	lock, err := pluginhost.ReadLock(cfg.Dir)
	if err != nil {
		return nil, err
	}
	r := &required{lock: lock, host: e.newPlugins(hclog.NewNullLogger()).host}
	for _, name := range slices.Sorted(maps.Keys(cfg.Required)) {
		r.requirements = append(r.requirements, cfg.Required[name])
	}
	return r, nil
}

func runProvidersLock(ctx context.Context, e env) int {
	r, err := e.required()
	if err != nil {
		e.Error(err)
		return exitError
	}
	var diags hcl.Diagnostics
	news := false
	for _, one := range r.requirements {
		binary, err := r.choose(one)
		if err != nil {
			diags = append(diags, requirementError(one, "Provider not found", err)...)
			continue
		}
		added := r.lock.Add(one, binary)
		news = news || added
		e.LockedProvider(one.Name, binary, added)
	}
	for name := range r.lock.Entries {
		if !slices.ContainsFunc(r.requirements, func(one *config.Requirement) bool { return one.Name == name }) {
			delete(r.lock.Entries, name)
			news = true
			e.Progress("The provider %s is not required any more, and no longer locked.", name)
		}
	}
	e.Diagnostics(diags)
	if diags.HasErrors() {
		return exitError // the lock file stays as it was
	}
	if news {
		if err := r.lock.Write(ctx); err != nil {
			e.Error(fmt.Errorf("write the lock file: %w", err))
			return exitError
		}
		e.Progress("Wrote %s. Keep it under version control.", r.lock.Path)
	}
	return exitOK
}

// choose returns the build that a requirement leads to.
func (r *required) choose(one *config.Requirement) (pluginhost.Binary, error) {
	found, err := r.host.Find(one.Source, one.Version)
	if err != nil {
		return pluginhost.Binary{}, err
	}
	return found[0].Binary()
}

func runProvidersMirror(ctx context.Context, e env) int {
	if !e.flags.Args().Present() {
		e.Error(errors.New("name the directory to copy to: driftless providers mirror DIR"))
		return exitError
	}
	r, err := e.required()
	if err != nil {
		e.Error(err)
		return exitError
	}
	dir := filepath.Join(e.flags.Args().First(), pluginhost.Platform())
	var diags hcl.Diagnostics
	for _, one := range r.requirements {
		binary, err := r.mirror(ctx, one, dir)
		if err != nil {
			diags = append(diags, requirementError(one, "Provider not copied", err)...)
			continue
		}
		e.InstalledProvider(binary)
	}
	e.Diagnostics(diags)
	if diags.HasErrors() {
		return exitError
	}
	return exitOK
}

// mirror copies the build that is locked. What was copied is compared, so that
// no other can get into a mirror.
func (r *required) mirror(ctx context.Context, one *config.Requirement, dir string) (pluginhost.Binary, error) {
	found, err := r.host.Find(one.Source, one.Version)
	if err != nil {
		return pluginhost.Binary{}, err
	}
	locked, err := r.lock.Choose(one, found)
	if err != nil {
		return pluginhost.Binary{}, err
	}
	return pluginhost.Copy(ctx, locked, one.Source, dir)
}
