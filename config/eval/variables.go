package eval

import (
	"errors"
	"fmt"
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
	Text  string     // in the language, or a plain string for a variable of type string; where there is no Value
	Value cty.Value  // as it is written in a file; cty.NilVal where it is given as text
	Range *hcl.Range // of the value in its file; nil where it is in none
	// Origin says for errors who gave it: "-var name", an environment
	// variable, a file.
	Origin string
	// Optional says that it is no mistake to give it to a configuration that
	// has no such variable.
	Optional bool
}

// ValueFor returns the value as one of the variable's type.
func (g Given) ValueFor(v *config.Variable) (cty.Value, error) {
	if g.Value != cty.NilVal {
		return v.Convert(g.Value)
	}
	return parseGiven(g.Text, v)
}

// maxUndeclared is how many values for undeclared variables a file may give
// until they are only counted: it may be there for several configurations.
const maxUndeclared = 2

// variableValues settles the variables. One that has no proper value is
// unknown.
func variableValues(cfg *config.Config, given map[string]Given) (map[string]cty.Value, hcl.Diagnostics) {
	declared := cfg.Variables
	values := make(map[string]cty.Value, len(declared))
	diags := checkGiven(given, declared)
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		v, diag := variableValue(declared[name], given)
		if diag != nil {
			diags = append(diags, diag)
		}
		values[name] = v
	}
	return values, diags
}

// checkGiven finds the values that are given to no variable: an error on
// the command line, a warning in a file.
func checkGiven(given map[string]Given, declared map[string]*config.Variable) hcl.Diagnostics {
	var diags hcl.Diagnostics
	inFiles := 0
	for _, name := range slices.Sorted(maps.Keys(given)) {
		g := given[name]
		if _, ok := declared[name]; ok || g.Optional {
			continue
		}
		d := &hcl.Diagnostic{
			Severity: hcl.DiagError,
			Summary:  "Undeclared variable",
			Detail:   g.Origin + " sets the variable " + name + ", which the configuration doesn't declare." + lang.Suggest(name, slices.Collect(maps.Keys(declared))),
			Subject:  g.Range,
			Extra:    missing{},
		}
		if g.Range != nil {
			d.Severity = hcl.DiagWarning
			if inFiles++; inFiles > maxUndeclared {
				continue
			}
		}
		diags = append(diags, d)
	}
	if inFiles > maxUndeclared {
		diags = append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagWarning,
			Summary:  "More undeclared variables",
			Detail:   fmt.Sprintf("The files set %d more variables that the configuration doesn't declare.", inFiles-maxUndeclared),
			Extra:    missing{},
		})
	}
	return diags
}

func variableValue(v *config.Variable, given map[string]Given) (cty.Value, *hcl.Diagnostic) {
	value := v.Default
	if g, ok := given[v.Name]; ok {
		converted, err := g.ValueFor(v)
		if err != nil {
			reason := err.Error()
			if v.Sensitive {
				reason = "the reason isn't shown, because the variable is sensitive"
			}
			return cty.UnknownVal(v.Type), errorf(placeOf(g, v), "Invalid value for variable", "%s gives the variable %s a value that doesn't fit: %s.", g.Origin, v.Name, reason)
		}
		value = converted
	}
	if value == cty.NilVal {
		d := errorf(v.Range, "No value for required variable", "The variable %s has no default. Give it a value with -var %s=..., in a file such as main.auto.vars.hcl, or with DRIFTLESS_VAR_%s.", v.Name, v.Name, v.Name)
		d.Extra = missing{}
		return cty.UnknownVal(v.Type), d
	}
	if v.Sensitive {
		value = value.Mark(lang.Sensitive)
	}
	return value, nil
}

// placeOf is where a value is written, and where that is in no file, where the
// variable is declared.
func placeOf(g Given, v *config.Variable) hcl.Range {
	if g.Range != nil {
		return *g.Range
	}
	return v.Range
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
