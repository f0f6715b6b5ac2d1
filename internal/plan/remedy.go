package plan

import "github.com/zclconf/go-cty/cty"

// Remedy is what is done about a finding. A task tells of it in the attribute
// remedy of the finding's value.
type Remedy struct {
	Strategy string `json:"strategy"`
	State    string `json:"state"` // proposed, awaiting_approval, refused, applied, failed
	Reason   string `json:"reason,omitempty"`
	ID       string `json:"id"` // what an approval names
}

// remedyOf returns nil where nothing is to be done about a finding.
func remedyOf(finding cty.Value) *Remedy {
	text := func(v cty.Value, name string) string {
		if !v.Type().HasAttribute(name) || v.GetAttr(name).Type() != cty.String {
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
	r := Remedy{text(v, "strategy"), text(v, "state"), text(v, "reason"), text(v, "id")}
	if r.State == "" {
		return nil
	}
	return &r
}
