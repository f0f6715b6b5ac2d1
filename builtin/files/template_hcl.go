package files

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/driftless-hq/driftless/config/lang"
)

func renderHCL(path string, text []byte, vars cty.Value) ([]byte, error) {
	value, diags := lang.Render(text, path, variables(vars))
	if diags.HasErrors() {
		return nil, hclError(path, diags)
	}
	// A template that is one interpolation has the value of it.
	value, err := convert.Convert(value, cty.String)
	if err != nil || value.IsNull() || !value.IsKnown() {
		return nil, &templateError{summary: "Invalid template", path: path, detail: "what the template renders to is not text"}
	}
	if len(value.AsString()) > maxRendered {
		return nil, &templateError{summary: "Rendered file too large", path: path, detail: "the template renders to more than 16 MiB"}
	}
	return []byte(value.AsString()), nil
}

func hclError(path string, diags hcl.Diagnostics) error {
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		e := &templateError{summary: "Invalid template", path: path, detail: strings.TrimSuffix(d.Detail, ".")}
		if d.Summary == "Unknown variable" {
			e.summary = "Missing template variable"
		}
		if d.Subject != nil {
			e.line, e.column = d.Subject.Start.Line, d.Subject.Start.Column
		}
		return e
	}
	return diags
}

// variables returns the members of an object or map, none of null.
func variables(vars cty.Value) map[string]cty.Value {
	if vars.IsNull() || vars.LengthInt() == 0 {
		return map[string]cty.Value{}
	}
	return vars.AsValueMap()
}
