package eval

import (
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// hide marks the arguments of a task that is sensitive as a whole. Its path is
// left to be seen, so that a reader knows what is touched, and what isn't set
// has nothing to hide.
func (n *Node) hide(v cty.Value) cty.Value {
	if !n.Meta.Sensitive {
		return v
	}
	values := v.AsValueMap()
	for name, value := range values {
		a, isAttribute := n.shape.schema.Attribute(name)
		if isAttribute && (a.Claim != "" || schema.IsExpr(a.Type)) || value.IsKnown() && value.IsNull() {
			continue
		}
		values[name] = value.Mark(lang.Sensitive)
	}
	return cty.ObjectVal(values)
}
