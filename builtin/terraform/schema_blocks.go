package terraform

import (
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/schema"
)

func stacksSchema() schema.Block {
	return schema.Block{
		Doc: "Which directories are stacks: of those that hold a `terraform`, `provider` or `resource` block, the ones that a pattern includes and none excludes. Hidden directories never are.",
		Attributes: []schema.Attribute{
			{Name: "include", Type: cty.List(cty.String), Default: listOf("**"), Doc: "Patterns of paths below the root; `*` is one directory, `**` any number."},
			{Name: "exclude", Type: cty.List(cty.String), Default: listOf(defaultExclude()...), Doc: "Patterns of paths to leave out."},
			{Name: "require", Type: cty.String, Default: cty.StringVal(requireAny), Enum: []string{requireAny, requireBackend}, Doc: "What makes a directory a stack: `any` of the blocks `terraform`, `provider` and `resource`, or a `backend` or `cloud` in `terraform`, which a module that is only used by others never has."},
		},
	}
}

func overrideSchema() schema.Block {
	return schema.Block{
		Doc: "What is different for some of the stacks. Where several blocks match a stack, later ones win; variables, settings of the backend and the environment are added to those of the task, by name.",
		Attributes: []schema.Attribute{
			{Name: "paths", Type: cty.List(cty.String), Required: true, Doc: "Patterns of the paths of the stacks, as in `stacks`."},
			{Name: "binary", Type: cty.String, Doc: "The command to plan with, instead of that of the task."},
			{Name: "workspaces", Type: cty.List(cty.String), Doc: "The workspaces, instead of those of the task."},
			{Name: "var_files", Type: cty.List(cty.String), Doc: "The files with input variables, instead of those of the task."},
			{Name: "variables", Type: cty.Map(cty.String), Doc: "Input variables. Terraform converts them to the type that is declared; what is more than a text, a number or a bool belongs into a file of `var_files`."},
			{Name: "secret_variables", Type: cty.Map(cty.String), Sensitive: true, Doc: "Input variables that are secret."},
			{Name: "backend_config", Type: cty.Map(cty.String), Sensitive: true, Doc: "Settings of the backend."},
			{Name: "env", Type: cty.Map(cty.String), Sensitive: true, Doc: "The environment of the command."},
			{Name: "concurrency_group", Type: cty.String, Doc: "The group, instead of that of the task."},
		},
	}
}

func concurrencySchema() schema.Block {
	return schema.Block{
		Doc: "How many stacks of a group are checked at the same time, in place of `parallelism`. Stacks that wait for their group take the place of none that could be checked. The limit holds for this task: others that have stacks in the group keep to their own, and count those of this one.",
		Attributes: []schema.Attribute{
			{Name: "limit", Type: cty.Number, Required: true, Doc: "That number, 1 or more."},
		},
	}
}

func phaseTimeoutSchema() schema.Block {
	return schema.Block{
		Doc: "How long each part of a check may take. A part that takes longer is killed, with all that it started; an apply is asked to come to an end before.",
		Attributes: []schema.Attribute{
			{Name: "init", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("10m"), Doc: "To initialise a stack, which may download providers."},
			{Name: "plan", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("25m"), Doc: "To plan it."},
			{Name: "show", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("2m"), Doc: "To read a plan in which something was found."},
			{Name: "apply", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("30m"), Doc: "To apply a remedy. None begins for which that time isn't left of the `timeout` of the task."},
		},
	}
}

func normalizeSchema() schema.Block {
	return schema.Block{
		Doc: "Differences in how a value is written that are no differences. They are left out of the verdict and counted as `noise`. That `1` and `1.0` are the same number is known without being told.",
		Attributes: []schema.Attribute{
			{Name: "null_empty", Type: cty.Bool, Default: cty.True, Doc: "Whether null, an empty text, an empty list and an empty map are the same. Many providers read back the one where the code has another."},
			{Name: "json_strings", Type: cty.Bool, Default: cty.False, Doc: "Whether texts are the same that hold the same JSON."},
			{Name: "unordered", Type: cty.List(cty.String), Doc: "Attributes whose elements have no order, as in `ingress[*].cidr_blocks`; `*` stands for anything. `*.cidr_blocks` matches at any depth."},
		},
	}
}

func ignoreSchema() schema.Block {
	return schema.Block{
		Doc: "A difference that is known and accepted. What a rule matches is counted as ignored, and left out of the verdict. A file `.driftignore` in the directory of a stack does the same: each line is the address of a resource, or of a resource and an attribute, `*` stands for anything, a line with `!` takes back what lines before it ignore, and `#` begins a comment.",
		Attributes: []schema.Attribute{
			{Name: "address", Type: cty.String, Required: true, Doc: "The resource, as in `module.web.aws_instance.this[0]`; `*` stands for anything."},
			{Name: "attributes", Type: cty.List(cty.String), Doc: "Only these attributes, and what is in them, as in `tags.LastScan`; `*` stands for anything. Without it, all of the resource."},
			{Name: "actions", Type: cty.List(cty.String), Doc: "Only what happened to the resource, or would: `create`, `update`, `replace`, `delete` or `forget`. Without it, all of them."},
			{Name: "reason", Type: cty.String, Required: true, Doc: "Why it is accepted."},
			{Name: "owner", Type: cty.String, Doc: "Who answers for that."},
			{Name: "expires", Type: cty.String, Doc: "The last day on which the rule holds, as in `2027-01-31` (UTC). After it a warning reminds of the rule."},
		},
	}
}
