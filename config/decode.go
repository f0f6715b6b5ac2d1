package config

import (
	"fmt"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/config/addr"
	release "github.com/driftless-hq/driftless/internal/version"
)

var rootSchema = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
	{Type: "driftless"},
	{Type: "agent"},
	{Type: "provider", LabelNames: []string{"name"}},
	{Type: "variable", LabelNames: []string{"name"}},
	{Type: "locals"},
	{Type: "output", LabelNames: []string{"name"}},
	{Type: "module", LabelNames: []string{"name"}},
	{Type: "source", LabelNames: []string{"type", "name"}},
	{Type: "task", LabelNames: []string{"type", "name"}},
	{Type: "collector", LabelNames: []string{"type", "name"}},
	{Type: "pipeline", LabelNames: []string{"name"}},
	{Type: "sink", LabelNames: []string{"type", "name"}},
}}

// decode fills the model from the parsed files. A version that doesn't fit is
// the only error then: what else is wrong may well be right in that version.
func (c *Config) decode(bodies []hcl.Body) hcl.Diagnostics {
	var blocks hcl.Blocks
	var diags hcl.Diagnostics
	for _, body := range bodies {
		content, contentDiags := body.Content(rootSchema)
		diags = append(diags, contentDiags...)
		blocks = append(blocks, content.Blocks...)
	}
	var required hcl.Blocks
	for _, b := range blocks.OfType("driftless") {
		settings, settingsDiags := b.Body.Content(settingsSchema)
		diags = append(diags, settingsDiags...)
		if attr, ok := settings.Attributes["required_version"]; ok {
			fits, versionDiags := checkVersion(attr.Expr)
			if !fits {
				c.unsupported, c.Incomplete = true, true
				return versionDiags
			}
			diags = append(diags, versionDiags...)
		}
		required = append(required, settings.Blocks...)
	}
	diags = append(diags, c.decodeRequired(required)...)
	for _, b := range blocks {
		diags = append(diags, c.decodeBlock(b)...)
	}
	return diags
}

var settingsSchema = &hcl.BodySchema{
	Attributes: []hcl.AttributeSchema{{Name: "required_version"}},
	Blocks:     []hcl.BlockHeaderSchema{{Type: "required_providers"}},
}

// checkVersion reports false where this release is not one that the
// configuration is for.
func checkVersion(expr hcl.Expression) (fits bool, diags hcl.Diagnostics) {
	var text string
	if diags := gohcl.DecodeExpression(expr, nil, &text); diags.HasErrors() {
		return true, diags
	}
	constraint, err := version.NewConstraint(text)
	if err != nil {
		return true, invalidConstraint(expr.Range(), err)
	}
	if constraint.Check(version.Must(version.NewVersion(release.Number)).Core()) {
		return true, nil
	}
	return false, diagError(expr.Range(), "Unsupported driftless version",
		"This is driftless %s, and the configuration requires %s. Install a version that fits, or change required_version.", release.Number, text)
}

func (c *Config) decodeBlock(b *hcl.Block) hcl.Diagnostics {
	switch b.Type {
	case "driftless":
		return nil
	case "agent":
		if c.Agent != nil {
			return duplicate(b.DefRange, "The agent block", c.Agent.Range)
		}
		c.Agent = &Section{b.Body, b.DefRange}
		return nil
	case "provider":
		name := b.Labels[0]
		if first, exists := c.Providers[name]; exists {
			return duplicate(b.DefRange, "The provider "+name, first.Range)
		}
		c.Providers[name] = &Section{b.Body, b.DefRange}
		return nil
	case "variable":
		return c.decodeVariable(b)
	case "locals":
		return c.decodeLocals(b)
	case "output":
		return c.decodeOutput(b)
	case "module":
		return c.decodeModule(b)
	default:
		return c.decodeAddressed(b)
	}
}

func (c *Config) decodeLocals(b *hcl.Block) hcl.Diagnostics {
	attrs, diags := b.Body.JustAttributes()
	for name, attr := range attrs {
		if first, exists := c.Locals[name]; exists {
			diags = append(diags, duplicate(attr.NameRange, "local."+name, first.Expr.Range())...)
			continue
		}
		c.Locals[name] = &Local{name, attr.Expr}
	}
	return diags
}

func (c *Config) decodeOutput(b *hcl.Block) hcl.Diagnostics {
	o := &Output{Name: b.Labels[0], Range: b.DefRange}
	diags := checkName(b, 0)
	if first, exists := c.Outputs[o.Name]; exists {
		return append(diags, duplicate(b.DefRange, "The output "+o.Name, first.Range)...)
	}
	content, contentDiags := b.Body.Content(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{
		{Name: "value", Required: true}, {Name: "description"}, {Name: "sensitive"},
	}})
	diags = append(diags, contentDiags...)
	diags = append(diags, decodeLiteral(content, "description", &o.Doc)...)
	diags = append(diags, decodeLiteral(content, "sensitive", &o.Sensitive)...)
	if attr, ok := content.Attributes["value"]; ok {
		o.Expr = attr.Expr
		c.Outputs[o.Name] = o
	}
	return diags
}

var metaSchema = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{
	{Name: "for_each"}, {Name: "depends_on"}, {Name: "when"}, {Name: "triggered_by"},
}}

// decodeAddressed reads a source, task, collector, pipeline or sink.
func (c *Config) decodeAddressed(b *hcl.Block) hcl.Diagnostics {
	a := addr.Addr{Kind: addr.Kind(b.Type), Name: b.Labels[len(b.Labels)-1]}
	if a.Kind.HasType() {
		a.Type = b.Labels[0]
	}
	diags := checkName(b, len(b.Labels)-1)
	if first, exists := c.Blocks[a]; exists {
		return append(diags, duplicate(b.DefRange, a.String(), first.Range)...)
	}
	content, rest, contentDiags := b.Body.PartialContent(metaSchema)
	diags = append(diags, contentDiags...)
	if len(content.Attributes) == 0 {
		rest = b.Body // a body without nothing is a copy all the same
	}
	block := &Block{Addr: a, Body: rest, Range: b.DefRange}
	c.Blocks[a] = block
	for name, attr := range content.Attributes {
		switch name {
		case "for_each":
			block.ForEach = attr.Expr
		case "when":
			block.When = attr.Expr
		case "depends_on":
			refs, refDiags := References(attr.Expr)
			diags = append(diags, refDiags...)
			block.DependsOn = refs
		case "triggered_by":
			refs, refDiags := References(attr.Expr)
			diags = append(diags, refDiags...)
			block.TriggeredBy = refs
		}
	}
	return diags
}

// References reads a list of addresses of blocks and modules, as in
// [task.file.a, module.web]. The addresses are taken as they are written and
// never evaluated.
func References(expr hcl.Expression) ([]Reference, hcl.Diagnostics) {
	items, diags := hcl.ExprList(expr)
	if diags.HasErrors() {
		return nil, diagError(expr.Range(), "List of blocks required", "Write a list of addresses, as in [task.file.motd].")
	}
	refs := make([]Reference, 0, len(items))
	for _, item := range items {
		traversal, itemDiags := hcl.AbsTraversalForExpr(item)
		a, rest, ok := addr.Addr{}, hcl.Traversal(nil), false
		if !itemDiags.HasErrors() {
			a, rest, ok = addr.FromReference(traversal)
		}
		if !ok || len(rest) > 0 {
			diags = append(diags, diagError(item.Range(), "Block address required", "Write the address of a block, as in task.file.motd.")...)
			continue
		}
		refs = append(refs, Reference{a, item.Range()})
	}
	return refs, diags
}

func decodeLiteral(content *hcl.BodyContent, name string, out any) hcl.Diagnostics {
	if attr, ok := content.Attributes[name]; ok {
		return decodeLiteralExpr(attr.Expr, out)
	}
	return nil
}

func decodeLiteralExpr(expr hcl.Expression, out any) hcl.Diagnostics {
	return gohcl.DecodeExpression(expr, nil, out)
}

func checkName(b *hcl.Block, label int) hcl.Diagnostics {
	if hclsyntax.ValidIdentifier(b.Labels[label]) {
		return nil
	}
	return diagError(b.LabelRanges[label], "Invalid name", "A name begins with a letter and holds letters, digits, dashes and underscores only.")
}

func duplicate(subject hcl.Range, what string, first hcl.Range) hcl.Diagnostics {
	return diagError(subject, "Duplicate declaration", "%s is already declared at %s. Remove one of the two, or give it another name.", what, first)
}

func diagError(subject hcl.Range, summary, detail string, args ...any) hcl.Diagnostics {
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(detail, args...), Subject: &subject}}
}
