package files

import (
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

func renderHCL(path string, text []byte, vars cty.Value) ([]byte, error) {
	if !utf8.Valid(text) {
		return nil, &templateError{summary: "Invalid template", path: path, detail: "the template is not UTF-8 text"}
	}
	if err := guardTemplate(path, text); err != nil {
		return nil, err
	}
	expr, diags := hclsyntax.ParseTemplate(text, path, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, hclError(path, diags)
	}
	value, diags := expr.Value(&hcl.EvalContext{Variables: variables(vars), Functions: templateFunctions()})
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

// templateFunctions are those of the cty standard library that always give
// the same answer, by the names they have in a configuration.
func templateFunctions() map[string]function.Function {
	return map[string]function.Function{
		"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "log": stdlib.LogFunc,
		"max": stdlib.MaxFunc, "min": stdlib.MinFunc, "parseint": stdlib.ParseIntFunc, "pow": stdlib.PowFunc, "signum": stdlib.SignumFunc,

		"chomp": stdlib.ChompFunc, "format": stdlib.FormatFunc, "formatlist": stdlib.FormatListFunc, "indent": stdlib.IndentFunc,
		"join": stdlib.JoinFunc, "lower": stdlib.LowerFunc, "regex": stdlib.RegexFunc, "regexall": stdlib.RegexAllFunc,
		"regexreplace": stdlib.RegexReplaceFunc, "replace": stdlib.ReplaceFunc, "split": stdlib.SplitFunc, "strrev": stdlib.ReverseFunc,
		"substr": stdlib.SubstrFunc, "title": stdlib.TitleFunc, "trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc,
		"trimspace": stdlib.TrimSpaceFunc, "trimsuffix": stdlib.TrimSuffixFunc, "upper": stdlib.UpperFunc,

		"chunklist": stdlib.ChunklistFunc, "coalesce": stdlib.CoalesceFunc, "coalescelist": stdlib.CoalesceListFunc, "compact": stdlib.CompactFunc,
		"concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc, "distinct": stdlib.DistinctFunc, "element": stdlib.ElementFunc,
		"flatten": stdlib.FlattenFunc, "keys": stdlib.KeysFunc, "length": stdlib.LengthFunc, "lookup": stdlib.LookupFunc,
		"merge": stdlib.MergeFunc, "range": stdlib.RangeFunc, "reverse": stdlib.ReverseListFunc, "setintersection": stdlib.SetIntersectionFunc,
		"setproduct": stdlib.SetProductFunc, "setsubtract": stdlib.SetSubtractFunc, "setunion": stdlib.SetUnionFunc, "slice": stdlib.SliceFunc,
		"sort": stdlib.SortFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,

		"csvdecode": stdlib.CSVDecodeFunc, "jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc,
		"formatdate": stdlib.FormatDateFunc, "timeadd": stdlib.TimeAddFunc,
	}
}
