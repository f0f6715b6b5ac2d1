package eval

import (
	"errors"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/driftless-hq/driftless/config"
)

// parseGiven reads a variable's value from text. For a variable of a
// primitive type the text is the value; for others it is an expression.
func parseGiven(text string, t cty.Type) (cty.Value, error) {
	if t.IsPrimitiveType() || t == cty.DynamicPseudoType {
		return convert.Convert(cty.StringVal(text), t)
	}
	if diags := config.CheckExpression([]byte(text), "variable"); diags.HasErrors() {
		return cty.NilVal, errors.New(diags[0].Detail)
	}
	expr, diags := hclsyntax.ParseExpression([]byte(text), "variable", hcl.InitialPos)
	if diags.HasErrors() {
		return cty.NilVal, errors.New(diags[0].Detail)
	}
	v, diags := expr.Value(nil)
	if diags.HasErrors() {
		return cty.NilVal, errors.New(diags[0].Detail)
	}
	return convert.Convert(v, t)
}
