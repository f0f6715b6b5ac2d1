package lang

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/driftless-hq/driftless/config/guard"
)

// The names of the functions that render templates.
const (
	templateFileName   = "templatefile"
	templateStringName = "templatestring"
)

// templateError is what is wrong with a template, or with what it was given.
// [Evaluate] shows it where it is in the template.
type templateError struct{ diags hcl.Diagnostics }

func (e templateError) Error() string { return e.diags.Error() }

// templateFunctions make text of templates, in which the other functions can
// be called. A template that rendered others could go on for ever.
func templateFunctions(dir string, others map[string]function.Function) map[string]function.Function {
	inner := maps.Clone(others)
	for _, name := range []string{templateFileName, templateStringName} {
		inner[name] = refused(name + " can't be called in a template; render the part outside of it, and give it to the template as a variable")
	}
	for _, name := range impure {
		inner[name] = refused(name + " can't be called in a template, as a template is rendered more than once; give it to the template as a variable")
	}
	return map[string]function.Function{
		templateFileName: templateFunc("path", func(path string, vars cty.Value) (cty.Value, error) {
			text, err := readText(under(dir, path))
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return render(text, under(dir, path), vars, inner)
		}),
		templateStringName: templateFunc("template", func(text string, vars cty.Value) (cty.Value, error) {
			v, err := render(text, "the template", vars, inner)
			if err != nil {
				return v, err
			}
			return convert.Convert(v, cty.String)
		}),
	}
}

func refused(reason string) function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "arguments", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true},
		Type:     func([]cty.Value) (cty.Type, error) { return cty.NilType, errors.New(reason) },
		Impl:     func([]cty.Value, cty.Type) (cty.Value, error) { return cty.NilVal, errors.New(reason) },
	})
}

// templateFunc makes a function of a template, or of its path, and variables.
// The variables keep their marks while the template is evaluated, so that its
// errors don't show them.
func templateFunc(first string, f func(template string, vars cty.Value) (cty.Value, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{
			{Name: first, Type: cty.String},
			{Name: "vars", Type: cty.DynamicPseudoType, AllowMarked: true},
		},
		Type: func(args []cty.Value) (cty.Type, error) {
			if t := args[1].Type(); !t.IsObjectType() && !t.IsMapType() {
				return cty.NilType, function.NewArgErrorf(1, "a map or an object with the variables of the template is required")
			}
			return cty.DynamicPseudoType, nil // a template that is one interpolation has the type of that
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			vars, marks := args[1].Unmark()
			v, err := f(args[0].AsString(), vars)
			if err != nil {
				return cty.NilVal, err
			}
			_, deep := vars.UnmarkDeep()
			return v.WithMarks(marks, deep), nil
		},
	})
}

// Render renders a template that a task has read, with all functions that
// give the same answer anywhere. The name is used in positions. The limits are
// those of an evaluation, but for the length of the text that comes of it.
func Render(text []byte, name string, vars map[string]cty.Value) (cty.Value, hcl.Diagnostics) {
	functions := plainFunctions()
	for _, name := range []string{"env", "pathexpand"} {
		delete(functions, name)
	}
	expr, diags := prepare(text, name, vars)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	return evaluate(expr, WithAccount(&hcl.EvalContext{Functions: functions, Variables: vars}))
}

func render(text, name string, vars cty.Value, functions map[string]function.Function) (cty.Value, error) {
	variables := vars.AsValueMap()
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if !hclsyntax.ValidIdentifier(name) {
			return cty.NilVal, function.NewArgErrorf(1, "%q can't be the name of a variable: it has letters, digits, - and _, and begins with a letter", name)
		}
	}
	expr, diags := prepare([]byte(text), name, variables)
	if diags.HasErrors() {
		return cty.NilVal, templateError{diags}
	}
	v, diags := Evaluate(expr, WithAccount(&hcl.EvalContext{Functions: functions, Variables: variables}))
	if diags.HasErrors() {
		return cty.NilVal, templateError{diags}
	}
	return v, nil
}

// prepare parses a template, which may name these variables only.
func prepare(text []byte, name string, vars map[string]cty.Value) (hclsyntax.Expression, hcl.Diagnostics) {
	expr, diags := guard.ParseTemplate(text, name)
	if !diags.HasErrors() {
		diags = checkVariables(expr, vars)
	}
	if diags.HasErrors() {
		return nil, diags
	}
	Bound(expr)
	return expr, nil
}

// checkVariables reports what a template names and isn't given.
func checkVariables(expr hclsyntax.Expression, variables map[string]cty.Value) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, t := range expr.Variables() {
		if _, ok := variables[t.RootName()]; ok {
			continue
		}
		names := slices.Collect(maps.Keys(variables))
		diags = append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagError,
			Summary:  "Unknown variable",
			Detail:   fmt.Sprintf("The template isn't given a variable %q.%s", t.RootName(), Suggest(t.RootName(), names)),
			Subject:  t.SourceRange().Ptr(),
		})
	}
	return diags
}
