package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/lang"
)

var variableSchema = &hcl.BodySchema{
	Attributes: []hcl.AttributeSchema{{Name: "type"}, {Name: "default"}, {Name: "description"}, {Name: "sensitive"}},
	Blocks:     []hcl.BlockHeaderSchema{{Type: "validation"}},
}

func (c *Config) decodeVariable(b *hcl.Block) hcl.Diagnostics {
	v := &Variable{Name: b.Labels[0], Type: cty.DynamicPseudoType, Range: b.DefRange}
	diags := checkName(b, 0)
	if first, exists := c.Variables[v.Name]; exists {
		return append(diags, duplicate(b.DefRange, "The variable "+v.Name, first.Range)...)
	}
	c.Variables[v.Name] = v
	content, contentDiags := b.Body.Content(variableSchema)
	diags = append(diags, contentDiags...)
	if attr, ok := content.Attributes["type"]; ok {
		t, optional, typeDiags := typeexpr.TypeConstraintWithDefaults(attr.Expr)
		diags = append(diags, typeDiags...)
		v.Type, v.Optional = t, optional
	}
	diags = append(diags, decodeLiteral(content, "description", &v.Doc)...)
	diags = append(diags, decodeLiteral(content, "sensitive", &v.Sensitive)...)
	if attr, ok := content.Attributes["default"]; ok {
		diags = append(diags, v.decodeDefault(attr.Expr)...)
	}
	for _, block := range content.Blocks {
		diags = append(diags, v.decodeRule(block)...)
	}
	return diags
}

func (v *Variable) decodeDefault(expr hcl.Expression) hcl.Diagnostics {
	v.Default = cty.UnknownVal(v.Type) // what is wrong with it is reported here and not where it is used
	lang.Bound(expr)
	value, diags := lang.Evaluate(expr, lang.WithAccount(nil))
	if diags.HasErrors() {
		return diags
	}
	converted, err := v.Convert(value)
	if err != nil {
		return append(diags, diagError(expr.Range(), "Invalid default value", "The default doesn't fit the variable's type: %s.", err)...)
	}
	v.Default = converted
	return diags
}

var ruleSchema = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{
	{Name: "condition", Required: true}, {Name: "error_message", Required: true},
}}

func (v *Variable) decodeRule(b *hcl.Block) hcl.Diagnostics {
	content, diags := b.Body.Content(ruleSchema)
	if diags.HasErrors() {
		return diags
	}
	v.Rules = append(v.Rules, Rule{content.Attributes["condition"].Expr, content.Attributes["error_message"].Expr})
	return diags
}
