package eval

import (
	"errors"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/lang"
)

// Given is a value for a variable from outside the configuration.
type Given struct {
	Text   string // in the language, or a plain string for a variable of type string
	Origin string // where it was given, for errors: "-var", an environment variable
	// Optional says that it is no mistake to give it to a configuration that
	// has no such variable.
	Optional bool
}

// variableValues settles the variables. One that has no proper value is
// unknown.
func variableValues(cfg *config.Config, given map[string]Given) (map[string]cty.Value, hcl.Diagnostics) {
	declared := cfg.Variables
	values := make(map[string]cty.Value, len(declared))
	var diags hcl.Diagnostics
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, ok := declared[name]; !ok && !given[name].Optional {
			diags = append(diags, &hcl.Diagnostic{
				Severity: hcl.DiagError,
				Summary:  "Undeclared variable",
				Detail:   given[name].Origin + " sets the variable " + name + ", which the configuration doesn't declare." + lang.Suggest(name, slices.Collect(maps.Keys(declared))),
				Extra:    missing{},
			})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		v, diag := variableValue(declared[name], given)
		if diag != nil {
			diags = append(diags, diag)
		}
		values[name] = v
	}
	return values, diags
}

func variableValue(v *config.Variable, given map[string]Given) (cty.Value, *hcl.Diagnostic) {
	value := v.Default
	if g, ok := given[v.Name]; ok {
		parsed, err := parseGiven(g.Text, v)
		if err != nil {
			reason := err.Error()
			if v.Sensitive {
				reason = "the reason isn't shown, because the variable is sensitive"
			}
			return cty.UnknownVal(v.Type), errorf(v.Range, "Invalid value for variable", "%s gives the variable %s a value that doesn't fit: %s.", g.Origin, v.Name, reason)
		}
		value = parsed
	}
	if value == cty.NilVal {
		return cty.UnknownVal(v.Type), errorf(v.Range, "No value for required variable", "The variable %s has no default. Give it a value with -var %s=... or DRIFTLESS_VAR_%s.", v.Name, v.Name, v.Name)
	}
	if v.Sensitive {
		value = value.Mark(lang.Sensitive)
	}
	return value, nil
}

// parseGiven reads a variable's value from text. For a variable of a
// primitive type the text is the value; for others it is an expression.
func parseGiven(text string, v *config.Variable) (cty.Value, error) {
	if v.Type.IsPrimitiveType() || v.Type == cty.DynamicPseudoType {
		return convert.Convert(cty.StringVal(text), v.Type)
	}
	expr, diags := config.ParseExpression([]byte(text), "the value of "+v.Name)
	if diags.HasErrors() {
		return cty.NilVal, errors.New(diags[0].Detail)
	}
	lang.Bound(expr)
	value, diags := lang.Evaluate(expr, lang.WithAccount(nil))
	if diags.HasErrors() {
		return cty.NilVal, errors.New(diags[0].Detail)
	}
	return v.Convert(value)
}
