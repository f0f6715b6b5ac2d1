package config

import (
	"maps"
	"regexp"
	"slices"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/lang"
)

// Requirement is a provider that isn't built in, as the configuration requires
// it.
type Requirement struct {
	Name    string              // what the configuration calls it
	Source  string              // NAME in driftless-plugin-NAME
	Version version.Constraints // empty: any
	Range   hcl.Range
}

// providerName is what a provider and the file of one can be called.
var providerName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// decodeRequired reads the blocks required_providers.
func (c *Config) decodeRequired(blocks hcl.Blocks) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, b := range blocks {
		attrs, attrDiags := b.Body.JustAttributes()
		diags = append(diags, attrDiags...)
		for _, name := range slices.Sorted(maps.Keys(attrs)) {
			r, oneDiags := decodeRequirement(attrs[name])
			diags = append(diags, oneDiags...)
			if first, exists := c.Required[name]; exists {
				diags = append(diags, duplicate(r.Range, "The required provider "+name, first.Range)...)
				continue
			}
			c.Required[name] = r
		}
	}
	return diags
}

func decodeRequirement(attr *hcl.Attribute) (*Requirement, hcl.Diagnostics) {
	r := &Requirement{Name: attr.Name, Source: attr.Name, Range: attr.NameRange}
	pairs, diags := hcl.ExprMap(attr.Expr)
	if diags.HasErrors() {
		return r, diagError(attr.Expr.Range(), "Invalid required provider", "Write it as in %s = { source = %q, version = \">= 1.2\" }.", attr.Name, attr.Name)
	}
	seen := make(map[string]hcl.Range)
	for _, pair := range pairs {
		var key string
		if keyDiags := decodeLiteralExpr(pair.Key, &key); keyDiags.HasErrors() {
			diags = append(diags, keyDiags...)
			continue
		}
		if first, exists := seen[key]; exists {
			diags = append(diags, duplicate(pair.Key.Range(), key, first)...)
			continue
		}
		seen[key] = pair.Key.Range()
		diags = append(diags, r.set(key, pair)...)
	}
	if !diags.HasErrors() && !providerName.MatchString(r.Source) {
		diags = diagError(attr.NameRange, "Invalid provider source", "%q can't be the name of a provider. It is the NAME of an executable driftless-plugin-NAME: lower case letters, digits and dashes.", r.Source)
	}
	return r, diags
}

// set takes over one member of the object that a requirement is written as.
func (r *Requirement) set(key string, pair hcl.KeyValuePair) hcl.Diagnostics {
	switch key {
	case "source":
		return decodeLiteralExpr(pair.Value, &r.Source)
	case "version":
		var text string
		if diags := decodeLiteralExpr(pair.Value, &text); diags.HasErrors() {
			return diags
		}
		constraints, err := version.NewConstraint(text)
		if err != nil {
			return invalidConstraint(pair.Value.Range(), err)
		}
		r.Version = constraints
		return nil
	}
	return diagError(pair.Key.Range(), "Unsupported argument", "A required provider has no %q; it has source and version.%s", key, lang.Suggest(key, []string{"source", "version"}))
}

func invalidConstraint(rng hcl.Range, err error) hcl.Diagnostics {
	return diagError(rng, "Invalid version constraint", "Write it as in \">= 1.2, < 2.0\": %s.", err)
}
