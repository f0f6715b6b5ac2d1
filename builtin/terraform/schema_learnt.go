package terraform

import (
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/schema"
)

var (
	sourceType = cty.Object(map[string]cty.Type{"path": cty.String, "commit": cty.String})
	stackType  = cty.Object(map[string]cty.Type{
		"path": cty.String, "workspace": cty.String, "verdict": cty.String, "commit": cty.String, "error": cty.String,
		"drifted": cty.Number, "pending": cty.Number, "ignored": cty.Number, "accepted": cty.Number, "noise": cty.Number,
		"moved": cty.Number, "imported": cty.Number, "outputs_changed": cty.Number, "checks_failed": cty.Number,
	})
)

func learntAttributes() []schema.Attribute {
	return []schema.Attribute{
		{Name: "verdict", Type: cty.String, Computed: true, Doc: "The worst verdict of all stacks."},
		{Name: "results", Type: cty.Map(stackType), Computed: true, Doc: "What was found, by the name of the stack: its path and, but for the default one, its workspace. " +
			"`drifted` and `pending` are resources, `ignored` is what rules left out, `accepted` are resources that changed as the code allows (`ignore_changes`) or as it says by now, `noise` are resources whose values are only written in another way. " +
			"Of a check that failed all numbers are 0."},
		{Name: "drifted", Type: cty.Number, Computed: true, Doc: "How many stacks the real world moved away from."},
		{Name: "pending", Type: cty.Number, Computed: true, Doc: "How many stacks have code that is not applied."},
	}
}
