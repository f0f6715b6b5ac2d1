package lang

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Evaluate evaluates an expression that went through [Bound], in a scope from
// [WithAccount]. A value that is too large is an error, and an error never
// shows what is sensitive.
func Evaluate(expr hcl.Expression, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := evaluate(expr, ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	if err := checkSize(v); err != nil {
		return cty.DynamicVal, append(diags, tooLarge(expr.Range(), err))
	}
	if err := spendOn(ctx, v); err != nil {
		return cty.DynamicVal, append(diags, tooMuch(expr.Range()))
	}
	return v, diags
}

// evaluate explains what goes wrong. How large the value is has not been
// looked at.
func evaluate(expr hcl.Expression, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, found := expr.Value(ctx)
	var diags hcl.Diagnostics
	for _, d := range found {
		explainLimit(d)
		explainUnknown(d, ctx)
		if inner := inTemplate(d); len(inner) > 0 {
			diags = append(diags, inner...)
			continue
		}
		hideSensitive(d)
		diags = append(diags, d)
	}
	return v, diags
}

func tooLarge(rng hcl.Range, err error) *hcl.Diagnostic {
	return &hcl.Diagnostic{
		Severity: hcl.DiagError,
		Summary:  "Value too large",
		Detail:   fmt.Sprintf("This is more than an expression may come to: %s. Large data belongs into files that the tasks read themselves.", err),
		Subject:  &rng,
	}
}

// explainLimit makes an error about a limit of what it is: one about how large
// something is.
func explainLimit(d *hcl.Diagnostic) {
	call, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d)
	if !ok || d.Subject == nil {
		return
	}
	err := call.FunctionCallError()
	name := call.CalledFunctionName()
	_, isLimit := errors.AsType[limitError](err)
	if _, isBudget := errors.AsType[budgetError](err); isBudget {
		*d = *tooMuch(*d.Subject)
		return
	}
	switch {
	case isLimit:
	case !isAccount(name):
		return
	case err == nil:
		err = errors.New("it can't be accounted for")
	}
	*d = *tooLarge(*d.Subject, err)
}

// inTemplate returns what is wrong in a template that a function was to render,
// where d is about the call of that function.
func inTemplate(d *hcl.Diagnostic) hcl.Diagnostics {
	call, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d)
	if !ok || d.Subject == nil {
		return nil
	}
	failed, ok := errors.AsType[templateError](call.FunctionCallError())
	if !ok {
		return nil
	}
	for _, inner := range failed.diags {
		inner.Detail += fmt.Sprintf(" It is rendered at %s:%d,%d.", d.Subject.Filename, d.Subject.Start.Line, d.Subject.Start.Column)
	}
	return failed.diags
}

// explainUnknown suggests a function of any scope: HCL looks only at the
// innermost.
func explainUnknown(d *hcl.Diagnostic, ctx *hcl.EvalContext) {
	unknown, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallUnknownDiagExtra](d)
	if !ok {
		return
	}
	var names []string
	for ; ctx != nil; ctx = ctx.Parent() {
		names = slices.AppendSeq(names, maps.Keys(ctx.Functions))
	}
	name := unknown.CalledFunctionNamespace() + unknown.CalledFunctionName()
	d.Detail = fmt.Sprintf("There is no function %q.%s%s", name, Suggest(name, names), missingProvider(unknown.CalledFunctionNamespace(), names))
}

// hideSensitive takes the reason out of an error of a function that was given
// something sensitive, as the reason may quote it.
func hideSensitive(d *hcl.Diagnostic) {
	called, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d)
	expr, native := d.Expression.(hclsyntax.Expression)
	if !ok || !native || d.EvalContext == nil || !anySensitive(expr, d.EvalContext) {
		return
	}
	d.Detail = fmt.Sprintf("The call of %q failed. The reason isn't shown, because something in its arguments is sensitive.", called.CalledFunctionName())
}

// anySensitive looks at every part of an expression: the whole may have no
// value because of the very error.
func anySensitive(expr hclsyntax.Expression, ctx *hcl.EvalContext) bool {
	found := false
	hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics { //nolint:errcheck // the visitor has none
		if part, ok := node.(hclsyntax.Expression); ok && !found {
			v, _ := part.Value(ctx)
			found = IsSensitive(v)
		}
		return nil
	})
	return found
}
