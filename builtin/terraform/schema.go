package terraform

import (
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/schema"
)

type config struct {
	Source           *checkout         `schema:"source"`
	Path             string            `schema:"path"`
	Binary           string            `schema:"binary"`
	Mode             string            `schema:"mode"`
	Workspaces       []string          `schema:"workspaces"`
	VarFiles         []string          `schema:"var_files"`
	Variables        cty.Value         `schema:"variables"`
	SecretVariables  map[string]string `schema:"secret_variables"`
	BackendConfig    map[string]string `schema:"backend_config"`
	Env              map[string]string `schema:"env"`
	InheritEnv       []string          `schema:"inherit_env"`
	Init             string            `schema:"init"`
	InitMaxAge       time.Duration     `schema:"init_max_age"`
	PluginCache      string            `schema:"plugin_cache"`
	Lock             bool              `schema:"lock"`
	StackTimeout     time.Duration     `schema:"stack_timeout"`
	Parallelism      int               `schema:"parallelism"`
	Operations       int               `schema:"operations"`
	MaxMemory        schema.Bytes      `schema:"max_memory"`
	ConcurrencyGroup string            `schema:"concurrency_group"`
	ConfirmAfter     time.Duration     `schema:"confirm_after"`
	StaleAfter       time.Duration     `schema:"stale_after"`
	CountOutputs     bool              `schema:"count_outputs"`
	OnCheckFailure   string            `schema:"on_check_failure"`
	OnCommit         string            `schema:"on_commit"`
	Concurrency      map[string]group  `schema:"concurrency"`
	Stacks           *selection        `schema:"stacks"`
	Override         []override        `schema:"override"`
	PhaseTimeout     *phaseTimeout     `schema:"phase_timeout"`
	Normalize        *normalize        `schema:"normalize"`
	Ignore           []ignoreConfig    `schema:"ignore"`
	Remediate        *remediate        `schema:"remediate"`
}

type checkout struct {
	Path   string `schema:"path"`
	Commit string `schema:"commit"`
}

type selection struct {
	Include []string `schema:"include"`
	Exclude []string `schema:"exclude"`
	Require string   `schema:"require"`
}

// override is what is different for some of the stacks.
type override struct {
	Paths            []string          `schema:"paths"`
	Workspaces       []string          `schema:"workspaces"`
	Binary           string            `schema:"binary"`
	VarFiles         []string          `schema:"var_files"`
	Variables        map[string]string `schema:"variables"`
	SecretVariables  map[string]string `schema:"secret_variables"`
	BackendConfig    map[string]string `schema:"backend_config"`
	Env              map[string]string `schema:"env"`
	ConcurrencyGroup string            `schema:"concurrency_group"`
}

// group is how many stacks of a group are checked at the same time.
type group struct {
	Limit int `schema:"limit"`
}

type phaseTimeout struct {
	Init time.Duration `schema:"init"`
	Plan time.Duration `schema:"plan"`
	Show time.Duration `schema:"show"`

	Apply time.Duration `schema:"apply"`
}

// normalize says which differences are none.
type normalize struct {
	NullEmpty   bool     `schema:"null_empty"`
	JSONStrings bool     `schema:"json_strings"`
	Unordered   []string `schema:"unordered"`
}

type ignoreConfig struct {
	Address    string   `schema:"address"`
	Attributes []string `schema:"attributes"`
	Actions    []string `schema:"actions"`
	Reason     string   `schema:"reason"`
	Owner      string   `schema:"owner"`
	Expires    string   `schema:"expires"`
}

// What a plan looks at.
const (
	modeFull        = "full"
	modeRefreshOnly = "refresh-only"
	modeConfigOnly  = "config-only"
)

// Which stacks are checked for a new commit.
const (
	onCommitChanged = "changed"
	onCommitAll     = "all"
)

// When a stack is initialised, beside when it has to be.
const (
	initAuto   = "auto"
	initAlways = "always"
	initNever  = "never"
)

// What a directory must hold to be a stack.
const (
	requireAny     = "any"     // a block that asks for something
	requireBackend = "backend" // what says where the state is
)

// defaultWorkspace is the one that every stack has.
const defaultWorkspace = "default"

// defaultExclude leaves out what is by convention a part of other stacks.
func defaultExclude() []string { return []string{"**/modules/**"} }

// minStaleAfter is the least after which a stack is stale by default.
const minStaleAfter = 24 * time.Hour

// applyDefaults fills in what was left out by a task that is run at an interval.
func (c *config) applyDefaults(interval time.Duration) {
	if c.Stacks == nil {
		c.Stacks = &selection{Include: []string{"**"}, Exclude: defaultExclude(), Require: requireAny}
	}
	if c.PhaseTimeout == nil {
		c.PhaseTimeout = &phaseTimeout{Init: 10 * time.Minute, Plan: 25 * time.Minute, Show: 2 * time.Minute, Apply: 30 * time.Minute}
	}
	if c.Normalize == nil {
		c.Normalize = &normalize{NullEmpty: true}
	}
	if c.Remediate == nil {
		c.Remediate = &remediate{Strategy: strategyNone}
	}
	if c.StaleAfter == 0 {
		c.StaleAfter = max(minStaleAfter, 3*interval)
	}
	if len(c.Workspaces) == 0 {
		c.Workspaces = []string{defaultWorkspace}
	}
}

func taskSchema() *schema.Block {
	return &schema.Block{
		Doc: "Compares Terraform and OpenTofu stacks with the real world and with their code. " +
			"Each stack gets one verdict: `clean`, `drifted` (the real world moved), `pending` (code that is not applied yet), " +
			"`drifted_pending`, `unapplied` (never applied), `locked`, `error`, or `stale` (not to be checked for longer than `stale_after`). With `enforcement = \"enforce\"`, `remediate` says what is done about drift. Without it nothing is ever applied, and no state is locked unless `lock` asks for it.",
		Attributes: append(taskAttributes(), learntAttributes()...),
		Blocks: []schema.Nested{
			{Name: "stacks", Block: stacksSchema()},
			{Name: "override", Nesting: schema.List, Block: overrideSchema()},
			{Name: "concurrency", Nesting: schema.Map, Label: "group", Block: concurrencySchema()},
			{Name: "phase_timeout", Block: phaseTimeoutSchema()},
			{Name: "normalize", Block: normalizeSchema()},
			{Name: "ignore", Nesting: schema.List, Block: ignoreSchema()},
			{Name: remediateBlock, Block: remediateSchema()},
		},
	}
}

func taskAttributes() []schema.Attribute {
	return []schema.Attribute{
		{Name: "source", Type: sourceType, Doc: "The git source with the stacks, as in `source.git.infra`."},
		{Name: "path", Type: cty.String, Format: schema.AbsolutePath, Doc: "A directory of this machine with the stacks, instead of `source`."},
		{Name: "binary", Type: cty.String, Doc: "The command to plan with: a name on PATH, or an absolute path. Default: `terraform`, else `tofu`."},
		{Name: "mode", Type: cty.String, Default: cty.StringVal(modeFull), Enum: []string{modeFull, modeRefreshOnly, modeConfigOnly}, Doc: "What a check looks at: `full` tells drift and pending code with one plan, `refresh-only` only drift, and `config-only` only pending code, without asking the providers for anything."},
		{Name: "workspaces", Type: cty.List(cty.String), Default: listOf(defaultWorkspace), Doc: "The workspaces of each stack. Each is checked, and has a verdict of its own under the name `PATH@WORKSPACE`; `default` goes by the path alone. `[\"*\"]` stands for all that the state has when the stack is initialised, without `default` where nothing was ever applied in that one and there are others."},
		{Name: "var_files", Type: cty.List(cty.String), Doc: "Files with input variables, as paths from the directory of the stack. Later files win."},
		{Name: "variables", Type: cty.DynamicPseudoType, Doc: "Input variables of the stacks. They are handed over in a private file, and win over `var_files`. A stack that doesn't declare one passes over it."},
		{Name: "secret_variables", Type: cty.Map(cty.String), Sensitive: true, Doc: "Input variables that are secret, handed over in the same way. They win over `variables`, and their values are hidden wherever they show."},
		{Name: "backend_config", Type: cty.Map(cty.String), Sensitive: true, Doc: "Settings of the backend that the code leaves open, handed over to `init` in a private file. Terraform keeps them in its data directory, which only the user of the agent can read; give secrets of a backend in `env`."},
		{Name: "env", Type: cty.Map(cty.String), Sensitive: true, Doc: "The environment of the command, such as cloud credentials. Of the agent's own environment only PATH, proxies and certificates are passed on, and HOME is an empty directory: name files such as `AWS_CONFIG_FILE` by their path."},
		{Name: "inherit_env", Type: cty.List(cty.String), Doc: "Names of variables of the agent's own environment to pass on."},
		{Name: "init", Type: cty.String, Default: cty.StringVal(initAuto), Enum: []string{initAuto, initAlways, initNever}, Doc: "When a stack is initialised: `auto` when it has to be, that is when what its initialisation depends on has changed or a plan says so; `always` before each check; or `never`."},
		{Name: "init_max_age", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("24h"), Doc: "With `init = \"auto\"`, when a stack is initialised again all the same, so that modules from a branch follow it."},
		{Name: "plugin_cache", Type: cty.String, Format: schema.AbsolutePath, Doc: "A directory in which the providers that were downloaded are kept for all stacks. Several tasks can share one. The default is a private directory of the task. It is not used where the CLI configuration of the command says itself where providers come from."},
		{Name: "lock", Type: cty.Bool, Default: cty.False, Doc: "Whether a plan takes the lock of the state. A stack whose state someone else has locked is `locked` then, instead of being compared with a state that is just being changed."},
		{Name: "stack_timeout", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("30m"), Doc: "How long the check of one stack may take in all."},
		{Name: "parallelism", Type: cty.Number, Default: cty.NumberIntVal(2), Doc: "How many stacks are checked at the same time."},
		{Name: "operations", Type: cty.Number, Doc: "How many resources of a stack are read or changed at the same time, terraform's `-parallelism`. Without it terraform decides, which is 10. Fewer help where an API refuses what is asked for too fast."},
		{Name: "concurrency_group", Type: cty.String, Doc: "A name for what the stacks share, such as an account. Of all tasks, no more than `parallelism` stacks of one group are checked at the same time, or as many as a block `concurrency` says."},
		{Name: "max_memory", Type: cty.String, Format: schema.Size, Doc: "How much memory the checks of all tasks may take with those of this one. A check waits until there is room for what the stack took last, with its providers; a stack of which that isn't known yet is taken to need what others do. One that needs more than there is runs alone. Without it memory holds no check up."},
		{Name: "confirm_after", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("30s"), Doc: "How long to wait before drift that was not there in the last check is confirmed by a second plan. What is gone by then, such as while someone applies, was none. With `0s` drift is told at once."},
		{Name: "stale_after", Type: cty.String, Format: schema.Duration, Doc: "After how long without a check that succeeded a stack is `stale`. Without it three times the `interval` of the task, or the longest time between two runs of its `schedule`, and at least 24 hours."},
		{Name: "count_outputs", Type: cty.Bool, Default: cty.False, Doc: "Whether outputs that would change make a stack `pending`. They are counted in any case."},
		{Name: "on_commit", Type: cty.String, Default: cty.StringVal(onCommitChanged), Enum: []string{onCommitChanged, onCommitAll}, Doc: "Which stacks are checked when the source has a new commit: `changed` checks those whose directory, local modules or var files have changed, and those of which that can't be told; `all` checks all."},
		{Name: "on_check_failure", Type: cty.String, Default: cty.StringVal("warn"), Enum: []string{"warn", "drift"}, Doc: "What a `check` block that doesn't hold means: `warn` only counts it, `drift` makes the stack `drifted`."},
	}
}

func listOf(items ...string) cty.Value {
	values := make([]cty.Value, len(items))
	for i, item := range items {
		values[i] = cty.StringVal(item)
	}
	return cty.ListVal(values)
}
