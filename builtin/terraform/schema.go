package terraform

import (
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/schema"
)

type config struct {
	Source       *checkout         `schema:"source"`
	Path         string            `schema:"path"`
	Binary       string            `schema:"binary"`
	Variables    cty.Value         `schema:"variables"`
	Env          map[string]string `schema:"env"`
	StackTimeout time.Duration     `schema:"stack_timeout"`
	Parallelism  int               `schema:"parallelism"`
	Stacks       *selection        `schema:"stacks"`
	Ignore       []ignoreConfig    `schema:"ignore"`
}

type checkout struct {
	Path   string `schema:"path"`
	Commit string `schema:"commit"`
}

type selection struct {
	Include []string `schema:"include"`
	Exclude []string `schema:"exclude"`
}

type ignoreConfig struct {
	Address    string   `schema:"address"`
	Attributes []string `schema:"attributes"`
	Reason     string   `schema:"reason"`
	Expires    string   `schema:"expires"`
}

var (
	sourceType = cty.Object(map[string]cty.Type{"path": cty.String, "commit": cty.String})
	stackType  = cty.Object(map[string]cty.Type{
		"path": cty.String, "verdict": cty.String, "commit": cty.String, "error": cty.String,
		"drifted": cty.Number, "pending": cty.Number, "ignored": cty.Number,
	})
)

// defaultExclude leaves out what is by convention a part of other stacks.
func defaultExclude() []string { return []string{"**/modules/**"} }

func taskSchema() *schema.Block {
	return &schema.Block{
		Doc: "Compares Terraform and OpenTofu stacks with the real world and with their code. " +
			"Each stack gets one verdict: `clean`, `drifted` (the real world moved), `pending` (code that is not applied yet), " +
			"`drifted_pending`, `unapplied` (never applied), `locked` or `error`. Nothing is ever applied, and no state is locked.",
		Attributes: []schema.Attribute{
			{Name: "source", Type: sourceType, Doc: "The git source with the stacks, as in `source.git.infra`."},
			{Name: "path", Type: cty.String, Format: schema.AbsolutePath, Doc: "A directory of this machine with the stacks, instead of `source`."},
			{Name: "binary", Type: cty.String, Doc: "The command to plan with: a name on PATH, or a path. Default: `terraform`, else `tofu`."},
			{Name: "variables", Type: cty.DynamicPseudoType, Doc: "Input variables of the stacks. They are handed over in a private file. A stack that doesn't declare one passes over it."},
			{Name: "env", Type: cty.Map(cty.String), Sensitive: true, Doc: "The environment of the command, such as cloud credentials. Of the agent's own environment only PATH, proxies and certificates are passed on, and HOME is an empty directory: name files such as `AWS_CONFIG_FILE` by their path."},
			{Name: "stack_timeout", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("10m"), Doc: "How long the check of one stack may take."},
			{Name: "parallelism", Type: cty.Number, Default: cty.NumberIntVal(2), Doc: "How many stacks are checked at the same time."},
			{Name: "verdict", Type: cty.String, Computed: true, Doc: "The worst verdict of all stacks."},
			{Name: "results", Type: cty.Map(stackType), Computed: true, Doc: "What was found, by the path of the stack."},
			{Name: "drifted", Type: cty.Number, Computed: true, Doc: "How many stacks the real world moved away from."},
			{Name: "pending", Type: cty.Number, Computed: true, Doc: "How many stacks have code that is not applied."},
		},
		Blocks: []schema.Nested{
			{Name: "stacks", Block: stacksSchema()},
			{Name: "ignore", Nesting: schema.List, Block: ignoreSchema()},
		},
	}
}

func stacksSchema() schema.Block {
	return schema.Block{
		Doc: "Which directories are stacks: of those that hold a `terraform`, `provider` or `resource` block, the ones that a pattern includes and none excludes. Hidden directories never are.",
		Attributes: []schema.Attribute{
			{Name: "include", Type: cty.List(cty.String), Default: listOf("**"), Doc: "Patterns of paths below the root; `*` is one directory, `**` any number."},
			{Name: "exclude", Type: cty.List(cty.String), Default: listOf(defaultExclude()...), Doc: "Patterns of paths to leave out."},
		},
	}
}

func ignoreSchema() schema.Block {
	return schema.Block{
		Doc: "A difference that is known and accepted. What a rule matches is counted as ignored, and left out of the verdict.",
		Attributes: []schema.Attribute{
			{Name: "address", Type: cty.String, Required: true, Doc: "The resource, as in `module.web.aws_instance.this[0]`; `*` stands for anything."},
			{Name: "attributes", Type: cty.List(cty.String), Doc: "Only these attributes, and what is in them, as in `tags.LastScan`; `*` stands for anything. Without it, all of the resource."},
			{Name: "reason", Type: cty.String, Required: true, Doc: "Why it is accepted."},
			{Name: "expires", Type: cty.String, Doc: "The last day on which the rule holds, as in `2027-01-31` (UTC). After it a warning reminds of the rule."},
		},
	}
}

func listOf(items ...string) cty.Value {
	values := make([]cty.Value, len(items))
	for i, item := range items {
		values[i] = cty.StringVal(item)
	}
	return cty.ListVal(values)
}
