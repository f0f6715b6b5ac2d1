package command

import (
	"context"
	"errors"

	"github.com/driftless-hq/driftless/command/view"
	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/internal/pluginhost"
)

func runProvidersList(_ context.Context, e env) int {
	r, err := e.required()
	if err != nil {
		e.Error(err)
		return exitError
	}
	var all []view.RequiredProvider
	code := exitOK
	for _, one := range r.requirements {
		p := r.describe(one)
		if p.Problem != "" {
			code = exitError
		}
		all = append(all, p)
	}
	e.RequiredProviders(all)
	return code
}

// describe says what would be run for a requirement.
func (r *required) describe(one *config.Requirement) view.RequiredProvider {
	p := view.RequiredProvider{Name: one.Name, Source: one.Source, Required: one.Version.String(), Locked: r.lock.Entries[one.Name].Version}
	found, err := r.host.Find(one.Source, one.Version)
	if err == nil {
		for _, f := range found {
			p.Installed = append(p.Installed, f.Version)
		}
		var locked pluginhost.Binary
		if locked, err = r.lock.Choose(one, found); err == nil {
			p.Path, p.Hash = locked.Path, locked.Hash
			err = unchanged(found, locked)
		}
	}
	if err != nil {
		p.Problem = sentence(err)
	}
	return p
}

// unchanged says so when what is installed is not what was locked.
func unchanged(found []pluginhost.Found, locked pluginhost.Binary) error {
	for _, f := range found {
		if f.Path != locked.Path {
			continue
		}
		now, err := f.Binary()
		if err == nil && now.Hash != locked.Hash {
			err = errors.New("the file is not the one that was locked: its hash is " + now.Hash)
		}
		return err
	}
	return nil
}
