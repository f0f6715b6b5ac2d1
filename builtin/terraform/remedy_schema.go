package terraform

import (
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// remediate is what is done about drift where the task is enforced, and what
// must hold for that.
type remediate struct {
	Strategy      string            `schema:"strategy"`
	Approval      bool              `schema:"approval"`
	MaxChanges    int               `schema:"max_changes"`
	ForbidActions []string          `schema:"forbid_actions"`
	Types         []string          `schema:"types"`
	Cooldown      time.Duration     `schema:"cooldown"`
	MaxAttempts   int               `schema:"max_attempts"`
	Env           map[string]string `schema:"env"`
	Window        []window          `schema:"window"`
}

// The strategies.
const (
	strategyNone  = "none"
	strategyPlan  = "plan"  // what an apply would do is judged and shown
	strategyApply = "apply" // the real world is brought back to the code
	strategyAdopt = "adopt" // the state takes over what the real world is
)

// remediateBlock is the name of the block.
const remediateBlock = "remediate"

func remediateSchema() schema.Block {
	return schema.Block{
		Doc: "What is done about drift with `enforcement = \"enforce\"`, and what must hold for that. " +
			"Only drift is remedied: where code is not applied yet, resources are to be moved or imported, outputs would change, checks don't hold, or an ignore rule leaves something alone that an apply would touch, nothing is done. " +
			"Before it acts the task plans once more, with the lock of the state, and goes on only where that plan is what was found before. That plan is what it applies; then it checks the stack again.",
		Attributes: []schema.Attribute{
			{Name: "strategy", Type: cty.String, Default: cty.StringVal(strategyNone), Enum: []string{strategyNone, strategyPlan, strategyApply, strategyAdopt},
				Doc: "`none` only reports. `plan` says whether an apply would be allowed, and never makes it. `apply` brings the real world back to what the code says. `adopt` takes over what the real world is into the state (`apply -refresh-only`): resources and code stay as they are, so what the code says otherwise is `pending` from then on."},
			{Name: "approval", Type: cty.Bool, Default: cty.False, Doc: "Whether an operator has to approve of each remedy. An approval is for this very drift at this very commit, and for one attempt."},
			{Name: "max_changes", Type: cty.Number, Default: cty.NumberIntVal(5), Doc: "How many resources of a stack may be changed at once. Where more have drifted, none is."},
			{Name: "forbid_actions", Type: cty.List(cty.String), Default: listOf(string(plugin.Delete), string(plugin.Replace)), Doc: "What must not be done to a resource: `create`, `update`, `replace` or `delete`. With `adopt` it is what has happened to it."},
			{Name: "types", Type: cty.List(cty.String), Doc: "The types of resources that may be changed, as in `aws_security_group*`; `*` stands for anything. Without it, all of them."},
			{Name: "cooldown", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("1h"), Doc: "How long a stack is left alone after an attempt. An approval doesn't wait for it."},
			{Name: "max_attempts", Type: cty.Number, Default: cty.NumberIntVal(2), Doc: "After how many attempts within 24 hours a stack is left alone for good, because its drift returns or can't be undone. Then a person has to look, and to approve of the next attempt."},
			{Name: "env", Type: cty.Map(cty.String), Sensitive: true, Doc: "Environment of the command beside `env` of the task when it remedies, such as the credentials of a role that may write."},
		},
		Blocks: []schema.Nested{{Name: "window", Nesting: schema.List, Block: windowSchema()}},
	}
}

func windowSchema() schema.Block {
	return schema.Block{
		Doc: "When a remedy may begin. Where there are several windows it may in any of them; without one it always may.",
		Attributes: []schema.Attribute{
			{Name: "days", Type: cty.List(cty.String), Doc: "The days on which the window opens: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`. Without it, every day."},
			{Name: "start", Type: cty.String, Required: true, Doc: "When it opens, as in `22:00`."},
			{Name: "end", Type: cty.String, Required: true, Doc: "When it closes, as in `06:00`; at or before `start` it is that time of the next day. The end of the day is `24:00`."},
			{Name: "timezone", Type: cty.String, Default: cty.StringVal("UTC"), Doc: "The time zone of these times, as in `Europe/Berlin`, or `Local` for that of the machine."},
		},
	}
}
