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
	text := func(v cty.Value, name string) string {
		if !v.Type().IsObjectType() || !v.IsKnown() || v.IsNull() || !v.Type().HasAttribute(name) || v.GetAttr(name).Type() != cty.String {
			return ""
		}
		if v = v.GetAttr(name); !v.IsKnown() || v.IsNull() {
			return ""
		}
		return v.AsString()
	}
	if finding == cty.NilVal || !finding.Type().IsObjectType() || !finding.Type().HasAttribute("remedy") {
		return nil
	}
	v := finding.GetAttr("remedy")
	if !v.Type().IsObjectType() || !v.IsKnown() || v.IsNull() {
		return nil
	}
	r := Remedy{Strategy: text(v, "strategy"), State: text(v, "state"), Reason: text(v, "reason"), ID: text(v, "id")}
	if r.State == "" {
		return nil
	}
	if v.Type().HasAttribute("changes") && v.GetAttr("changes").CanIterateElements() {
		for _, change := range v.GetAttr("changes").AsValueSlice() {
			r.Changes = append(r.Changes, RemedyChange{text(change, "address"), plugin.Action(text(change, "action"))})
		}
	}
	return &r
}
