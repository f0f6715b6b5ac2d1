// Package git is the provider of the git source: the files of a branch, a tag
// or a commit of a remote repository, at a path that stays the same from commit
// to commit.
package git

import (
	"context"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/gitrepo/githubapp"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

type provider struct {
	// apps outlive the sources, which the agent opens for each poll.
	apps githubapp.Apps
}

var _ plugin.Provider = (*provider)(nil)

// New returns the provider.
func New() plugin.Provider { return &provider{} }

func (*provider) Manifest(context.Context) (plugin.Manifest, error) {
	return plugin.Manifest{
		Name: "git",
		Doc:  "Follows git repositories.",
		Types: []plugin.Type{{
			Ref:    plugin.TypeRef{Kind: plugin.KindSource, Name: "git"},
			Schema: sourceSchema(),
		}},
	}, nil
}

func (*provider) Configure(context.Context, cty.Value) plugin.Diagnostics { return nil }

func (*provider) Validate(_ context.Context, _ plugin.TypeRef, cfg cty.Value) plugin.Diagnostics {
	var given []string
	for _, name := range []string{"branch", "tag", "commit"} {
		if v := cfg.GetAttr(name); v.IsKnown() && !v.IsNull() {
			given = append(given, name)
		}
	}
	var diags plugin.Diagnostics
	if len(given) > 1 {
		diags = append(diags, plugin.Error(plugin.Attr(given[1]), "Conflicting references",
			"Both %s and %s are set. A source follows one of branch, tag and commit; without any it follows the branch that the remote's HEAD points to.", given[0], given[1])...)
	}
	diags = append(diags, validateTag(cfg.GetAttr("tag"))...)
	diags = append(diags, validateApp(cfg.GetAttr("auth"))...)
	diags = append(diags, validateVerification(cfg.GetAttr("verify_signature"))...)
	diags = append(diags, validateWebhook(cfg.GetAttr("webhook"))...)
	return append(diags, validateCommit(cfg.GetAttr("commit"))...)
}

func (p *provider) Open(_ context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	var c config
	if err := schema.Decode(req.Config, &c); err != nil {
		return nil, plugin.Error(nil, "Invalid configuration", "The git source could not be configured: %s.", err)
	}
	return openSource(c, req, &p.apps)
}

func (*provider) Close() error { return nil }
