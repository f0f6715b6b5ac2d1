package git

import (
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/internal/gitrepo/githubapp"
	"github.com/driftless-hq/driftless/internal/gitrepo/signature"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// auth has the credentials of [gitrepo.Auth], with their names in the schema.
type auth struct {
	Username   string     `schema:"username"`
	Password   string     `schema:"password"`
	Token      string     `schema:"token"`
	SSHKey     string     `schema:"ssh_key"`
	Passphrase string     `schema:"passphrase"`
	KnownHosts string     `schema:"known_hosts"`
	GitHubApp  *githubApp `schema:"github_app"`
}

type githubApp struct {
	AppID          string `schema:"app_id"`
	InstallationID string `schema:"installation_id"`
	PrivateKey     string `schema:"private_key"`
	BaseURL        string `schema:"base_url"`
}

// verification has the fields of [gitrepo.Verification].
type verification struct {
	Keyring        string `schema:"keyring"`
	AllowedSigners string `schema:"allowed_signers"`
	Required       bool   `schema:"required"`
}

func authSchema() schema.Block {
	return schema.Block{
		Doc: "Credentials for the remote.",
		Attributes: []schema.Attribute{
			{Name: "ssh_key", Type: cty.String, Sensitive: true, Doc: "A private key in PEM, or the path of a file with one. Without it and `password`, the ssh agent is asked."},
			{Name: "passphrase", Type: cty.String, Sensitive: true, Doc: "Of the private key."},
			{Name: "known_hosts", Type: cty.String, Doc: "Lines of a known_hosts file, or the path of one. By default `/etc/ssh/ssh_known_hosts` and `~/.ssh/known_hosts`. A host that isn't known is an error."},
			{Name: "username", Type: cty.String, Doc: "Default: that of the url, else `git`."},
			{Name: "password", Type: cty.String, Sensitive: true, Doc: "For http, or a login by ssh."},
			{Name: "token", Type: cty.String, Sensitive: true, Doc: "An access token, for http."},
		},
		Blocks: []schema.Nested{{Name: "github_app", Block: githubAppSchema()}},
	}
}

func githubAppSchema() schema.Block {
	return schema.Block{
		Doc: "Logs in as an installation of a GitHub App, in place of all other credentials. Its access tokens are good for an hour; they are asked for when they are needed and kept in memory alone.",
		Attributes: []schema.Attribute{
			{Name: "app_id", Type: cty.String, Required: true, Doc: "The app's number, or its client id: both are on the page of its settings."},
			{Name: "installation_id", Type: cty.String, Required: true, Doc: "The number that ends the url of the page of the installation's settings."},
			{Name: "private_key", Type: cty.String, Required: true, Sensitive: true, Doc: "The app's private key in PEM, as from `vault()` or `file()`."},
			{Name: "base_url", Type: cty.String, Format: schema.URL, Default: cty.StringVal(githubapp.DefaultBaseURL), Doc: "Of the API. That of GitHub Enterprise Server is `https://HOST/api/v3`."},
		},
	}
}

func verifySchema() schema.Block {
	return schema.Block{
		Doc: "Takes only commits that are signed with one of these keys. Of a tag that is signed itself, that signature counts. What is refused is an error, and the last good commit stays. " +
			"Signatures tell who made a commit, and not that there is none newer.",
		Attributes: []schema.Attribute{
			{Name: "keyring", Type: cty.String, Doc: "Public keys of OpenPGP in armored form, as `gpg --export --armor` writes them."},
			{Name: "allowed_signers", Type: cty.String, Doc: "SSH keys, in lines as in the file that git calls `gpg.ssh.allowedSignersFile`: principals, options, key. The options are `namespaces`, `valid-after` and `valid-before`."},
			{Name: "required", Type: cty.Bool, Default: cty.True, Doc: "Whether a commit is refused that is not signed with one of them. With `false` it is taken, with a warning."},
		},
	}
}

func validateVerification(v cty.Value) plugin.Diagnostics {
	if !v.IsKnown() || v.IsNull() || !v.IsWhollyKnown() {
		return nil
	}
	var c verification
	err := schema.Decode(v, &c)
	if err == nil {
		_, err = signature.New(c.Keyring, c.AllowedSigners, time.Now)
	}
	if err != nil {
		return plugin.Error(plugin.Attr("verify_signature"), "Invalid keys", "Signatures can't be verified: %s.", err)
	}
	return nil
}

func validateApp(v cty.Value) plugin.Diagnostics {
	if !v.IsKnown() || v.IsNull() || !v.GetAttr("github_app").IsWhollyKnown() || v.GetAttr("github_app").IsNull() {
		return nil
	}
	var c githubApp
	err := schema.Decode(v.GetAttr("github_app"), &c)
	if err == nil {
		_, err = githubapp.New(c.options(time.Now))
	}
	if err != nil {
		return plugin.Error(plugin.Attr("auth").GetAttr("github_app"), "Invalid GitHub App", "The app can't be used: %s.", err)
	}
	return nil
}

func (c *githubApp) options(now func() time.Time) githubapp.Options {
	return githubapp.Options{BaseURL: c.BaseURL, AppID: c.AppID, InstallationID: c.InstallationID, PrivateKey: c.PrivateKey, Now: now}
}

// options returns the credentials for a repository.
func (c *auth) options(o gitrepo.Options, apps *githubapp.Apps) (gitrepo.Auth, error) {
	if c == nil {
		return gitrepo.Auth{}, nil
	}
	a := gitrepo.Auth{
		Username: c.Username, Password: c.Password, Token: c.Token,
		SSHKey: c.SSHKey, Passphrase: c.Passphrase, KnownHosts: c.KnownHosts,
	}
	if c.GitHubApp == nil {
		return a, nil
	}
	opts := c.GitHubApp.options(o.Now)
	opts.CABundle, opts.Proxy = o.CABundle, o.Proxy
	app, err := apps.Open(opts)
	if err != nil {
		return a, err
	}
	a.Tokens = app
	return a, nil
}

func (c *verification) options() *gitrepo.Verification {
	if c == nil {
		return nil
	}
	return &gitrepo.Verification{Keyring: c.Keyring, AllowedSigners: c.AllowedSigners, Optional: !c.Required}
}
