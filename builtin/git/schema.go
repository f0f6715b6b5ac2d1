package git

import (
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

type config struct {
	URL          string        `schema:"url"`
	Branch       string        `schema:"branch"`
	Tag          string        `schema:"tag"`
	Commit       string        `schema:"commit"`
	PollInterval time.Duration `schema:"poll_interval"`
	Depth        int           `schema:"depth"`
	Timeout      time.Duration `schema:"timeout"`
	MaxSize      schema.Bytes  `schema:"max_size"`
	MaxFiles     int           `schema:"max_files"`
	Submodules   bool          `schema:"submodules"`
	LFS          string        `schema:"lfs"`
	Driver       string        `schema:"driver"`
	CAFile       string        `schema:"ca_file"`
	Proxy        string        `schema:"proxy"`
	Auth         *auth         `schema:"auth"`
	Verify       *verification `schema:"verify_signature"`
	Webhook      *webhook      `schema:"webhook"`
}

// The drivers.
const (
	driverLibrary = "go-git"
	driverCommand = "exec"
)

// webhook is what the agent and the forge have agreed upon. The agent reads it
// from the configuration.
type webhook struct {
	Provider string `schema:"provider"`
	Secret   string `schema:"secret"`
}

func sourceSchema() *schema.Block {
	return &schema.Block{
		Doc: "Follows a branch, a tag or a commit of a git repository. One fetch serves all who refer to the source. " +
			"When the remote is down the last good commit stays, with a warning that says since when.",
		Attributes: []schema.Attribute{
			{Name: "url", Type: cty.String, Required: true, Doc: "Where the repository is: an `https`, `http`, `ssh` or `file` url, or `user@host:path`. A `file` url needs the git command."},
			{Name: "branch", Type: cty.String, Doc: "The branch to follow. Without `branch`, `tag` and `commit` it is the one that the remote's HEAD points to."},
			{Name: "tag", Type: cty.String, Doc: "The tag to follow, or a constraint on versions such as `\"~> 1.2\"`: then it is the tag with the newest version that the constraint allows. A pre-release is only taken where the constraint names one."},
			{Name: "commit", Type: cty.String, Doc: "All 40 digits of the commit to stay at. It must be on a branch or a tag of the remote. Others see in it the commit that is checked out, also where it follows a branch or a tag."},
			{Name: "poll_interval", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("1m"), Doc: "How often the agent asks the remote whether the reference moved."},
			{Name: "depth", Type: cty.Number, Default: cty.NumberIntVal(0), Doc: "How many commits the first clone takes; 0 takes all."},
			{Name: "timeout", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("1m"), Doc: "How long one fetch may take."},
			{Name: "max_size", Type: cty.String, Format: schema.Size, Default: cty.StringVal("2GiB"), Doc: "The largest repository to take: the files of a commit must fit, and the clone into twice as much."},
			{Name: "max_files", Type: cty.Number, Default: cty.NumberIntVal(gitrepo.DefaultMaxFiles), Doc: "The most files that a commit may have."},
			{Name: "submodules", Type: cty.Bool, Default: cty.False, Doc: "Whether the files of submodules are there too. Without it they are left out, with a warning. Credentials are only given to the server of `url`."},
			{Name: "lfs", Type: cty.String, Default: cty.StringVal(string(gitrepo.LFSWarn)), Enum: []string{string(gitrepo.LFSWarn), string(gitrepo.LFSError), string(gitrepo.LFSIgnore)},
				Doc: "What to do with files whose content is in a large file store (Git LFS), which is not read: `warn` leaves the pointer in place of the file and says so, `error` refuses the commit, `ignore` says nothing."},
			{Name: "driver", Type: cty.String, Default: cty.StringVal(driverLibrary), Enum: []string{driverLibrary, driverCommand},
				Doc: "What talks to the remote: `go-git` needs nothing else, `exec` runs the git command, for servers that go-git can't talk to and for repositories that are too large for it."},
			{Name: "ca_file", Type: cty.String, Format: schema.AbsolutePath, Doc: "A file with PEM certificates to trust for https, beside those of the system. With `driver = \"exec\"` it can be that only these are trusted, depending on how git was built."},
			{Name: "proxy", Type: cty.String, Sensitive: true, Doc: "The url of a proxy: `http`, `https` or `socks5`, and for ssh `socks5`. By default the variables `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` of the environment say."},
			{Name: "ref", Type: cty.String, Computed: true, Doc: "The full name of what is followed, such as `refs/heads/main` or `refs/tags/v1.2.3`. Empty where `commit` is given."},
			{Name: "path", Type: cty.String, Computed: true, Doc: "The directory with the files of the commit. It stays the same from commit to commit."},
			{Name: "author", Type: cty.String, Computed: true, Doc: "Who wrote the commit: `Name <email>`."},
			{Name: "message", Type: cty.String, Computed: true, Doc: "The commit's message."},
			{Name: "time", Type: cty.String, Computed: true, Doc: "When the commit was made, in RFC 3339."},
			{Name: "signer", Type: cty.String, Computed: true, Doc: "Who signed the commit, or the tag that is followed, of those whom `verify_signature` trusts: the user of an OpenPGP key, or the principals of an SSH key. Empty where that is not verified."},
		},
		Blocks: []schema.Nested{{Name: "auth", Block: authSchema()}, {Name: "verify_signature", Block: verifySchema()}, {Name: "webhook", Block: webhookSchema()}},
	}
}

func webhookSchema() schema.Block {
	return schema.Block{
		Doc: "Has the agent ask the remote at once when the forge says that something was pushed, to `POST /v1/webhooks/ADDRESS`, where `ADDRESS` is that of the source, as in `source.git.infra`. It goes on to poll, too.",
		Attributes: []schema.Attribute{
			{Name: "provider", Type: cty.String, Required: true, Enum: []string{"github", "gitlab", "gitea"}, Doc: "Which forge it is. Forgejo is as `gitea`."},
			{Name: "secret", Type: cty.String, Required: true, Sensitive: true, Doc: "The secret that is given to the forge, too: at least 16 characters. Of GitLab it is the secret token."},
		},
	}
}

func validateCommit(v cty.Value) plugin.Diagnostics {
	if !v.IsKnown() || v.IsNull() || plumbing.IsHash(v.AsString()) {
		return nil
	}
	return plugin.Error(plugin.Attr("commit"), "Invalid commit",
		"%q is not a commit. Write all 40 digits of its hash; a branch or a tag has an argument of its own.", v.AsString())
}

func validateTag(v cty.Value) plugin.Diagnostics {
	if !v.IsKnown() || v.IsNull() {
		return nil
	}
	if err := gitrepo.CheckTag(v.AsString()); err != nil {
		return plugin.Error(plugin.Attr("tag"), "Invalid tag", "%s.", err)
	}
	return nil
}

// minSecret is the length from which a secret is not found by trying.
const minSecret = 16

func validateWebhook(v cty.Value) plugin.Diagnostics {
	if !v.IsKnown() || v.IsNull() {
		return nil
	}
	secret := v.GetAttr("secret")
	if !secret.IsKnown() || secret.IsNull() || len(secret.AsString()) >= minSecret {
		return nil
	}
	return plugin.Error(plugin.Attr("webhook").GetAttr("secret"), "Weak secret",
		"The secret of a webhook must have at least %d characters, because whoever finds it can have the agent ask the remote. Make one with: openssl rand -hex 32.", minSecret)
}
