package plan

import (
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// IgnoredRecord is a difference of a finding that is accepted, or a part of one, and
// what accepts it. A task tells of it in the attribute ignored_parts of the
// finding's value. Values are never in it.
type IgnoredRecord struct {
	Address    string        `json:"address"` // of a resource
	Class      string        `json:"class"`
	Action     plugin.Action `json:"action"`
	Attributes []string      `json:"attributes,omitempty"` // that differ; none: it is about the resource as a whole
	By         IgnoredBy     `json:"by"`
}

// IgnoredBy is a rule of the task, or a line of the file of ignored differences
// that lies in the stack.
type IgnoredBy struct {
	Line    int    `json:"line,omitempty"` // of the file, from 1; 0: it is a rule
	Pattern string `json:"pattern"`
	Reason  string `json:"reason,omitempty"`
	Owner   string `json:"owner,omitempty"`
	Expires string `json:"expires,omitempty"` // the last day, as in 2027-01-31
}

func ignoredOf(finding cty.Value) []IgnoredRecord {
	var all []IgnoredRecord
	for _, v := range toldList(finding, "ignored_parts") {
		part := IgnoredRecord{
			Address: toldText(v, "address"), Class: toldText(v, "class"), Action: plugin.Action(toldText(v, "action")),
			By: IgnoredBy{
				Line: toldNumber(v, "line"), Pattern: toldText(v, "pattern"),
				Reason: toldText(v, "reason"), Owner: toldText(v, "owner"), Expires: toldText(v, "expires"),
			},
		}
		for _, attribute := range toldList(v, "attributes") {
			if attribute.Type() == cty.String && attribute.IsKnown() && !attribute.IsNull() {
				part.Attributes = append(part.Attributes, attribute.AsString())
			}
		}
		all = append(all, part)
	}
	return all
}
