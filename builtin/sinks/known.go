package sinks

import "github.com/zclconf/go-cty/cty"

// knownString returns a string attribute of a configuration that may hold
// unknown values, and whether it has a value to look at.
func knownString(cfg cty.Value, name string) (string, bool) {
	v := cfg.GetAttr(name)
	if !v.IsKnown() || v.IsNull() {
		return "", false
	}
	return v.AsString(), true
}

// knownBlock returns a nested block that was written.
func knownBlock(cfg cty.Value, name string) (cty.Value, bool) {
	v := cfg.GetAttr(name)
	return v, v.IsKnown() && !v.IsNull()
}
