package plan

import (
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// Remedy is what is done about a finding. A task tells of it in the attribute
// remedy of the finding's value.
type Remedy struct {
	Strategy string `json:"strategy"`
	State    string `json:"state"` // proposed, awaiting_approval, refused, applied, failed
	Reason   string `json:"reason,omitempty"`
	ID       string `json:"id"` // what an approval names
	// Changes are what it changes, or would. There are none of what is refused.
	Changes []RemedyChange `json:"changes,omitempty"`
}

// The states of a remedy that matter to an approval.
const (
	RemedyAwaiting = "awaiting_approval"
	RemedyApplied  = "applied"
	RemedyFailed   = "failed" // halfway, or before anything was done
)

// RemedyChange is one thing that a remedy changes.
type RemedyChange struct {
	Address string        `json:"address"` // of a resource
	Action  plugin.Action `json:"action"`
}

// remedyOf returns nil where nothing is to be done about a finding.
func remedyOf(finding cty.Value) *Remedy {
	v := told(finding, "remedy")
	r := Remedy{Strategy: toldText(v, "strategy"), State: toldText(v, "state"), Reason: toldText(v, "reason"), ID: toldText(v, "id")}
	if r.State == "" {
		return nil
	}
	for _, change := range toldList(v, "changes") {
		r.Changes = append(r.Changes, RemedyChange{toldText(change, "address"), plugin.Action(toldText(change, "action"))})
	}
	return &r
}
