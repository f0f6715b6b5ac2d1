package protocol

import (
	"fmt"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/schema"
)

// expressionTypes are the types of attributes that hold an expression, by
// their names on the wire.
func expressionTypes() map[string]cty.Type {
	return map[string]cty.Type{"event": schema.EventExpr, "events": schema.EventExprs, "self": schema.SelfExpr}
}

func expressionName(t cty.Type) string {
	for name, known := range expressionTypes() {
		if known == t {
			return name
		}
	}
	return ""
}

// nestings are the ways to nest, by their names on the wire.
func nestings() map[string]schema.Nesting {
	return map[string]schema.Nesting{"single": schema.Single, "list": schema.List, "map": schema.Map}
}

func nestingName(n schema.Nesting) string {
	for name, known := range nestings() {
		if known == n {
			return name
		}
	}
	return ""
}

// maxNesting bounds how deep blocks can be nested in a schema.
const maxNesting = 16

// PackSchema packs a schema. Nil stays nil.
func PackSchema(b *schema.Block) (*Block, error) {
	if b == nil {
		return nil, nil
	}
	out := &Block{Doc: b.Doc}
	for i := range b.Attributes {
		a, err := packAttribute(&b.Attributes[i])
		if err != nil {
			return nil, err
		}
		out.Attributes = append(out.Attributes, a)
	}
	for i := range b.Blocks {
		n := &b.Blocks[i]
		inner, err := PackSchema(&n.Block)
		if err != nil {
			return nil, err
		}
		out.Blocks = append(out.Blocks, &Nested{Name: n.Name, Nesting: nestingName(n.Nesting), Block: inner, Required: n.Required, Label: n.Label})
	}
	return out, nil
}

func packAttribute(a *schema.Attribute) (*Attribute, error) {
	out := &Attribute{
		Name: a.Name, Doc: a.Doc, Required: a.Required, Computed: a.Computed, Sensitive: a.Sensitive,
		Deprecated: a.Deprecated, Enum: a.Enum, Format: string(a.Format), Claim: string(a.Claim),
	}
	if schema.IsExpr(a.Type) {
		out.Expression = expressionName(a.Type)
		return out, nil
	}
	var err error
	if out.Type, err = PackType(a.Type); err != nil {
		return nil, fmt.Errorf("attribute %s: %w", a.Name, err)
	}
	if a.Default != cty.NilVal {
		if out.Default, err = PackValue(a.Default, a.Type); err != nil {
			return nil, fmt.Errorf("the default of the attribute %s: %w", a.Name, err)
		}
	}
	return out, nil
}

// UnpackSchema reads what [PackSchema] has packed. Nil stays nil.
func UnpackSchema(b *Block) (*schema.Block, error) { return unpackSchema(b, maxNesting) }

func unpackSchema(b *Block, depth int) (*schema.Block, error) {
	if b == nil {
		return nil, nil
	}
	if depth == 0 {
		return nil, fmt.Errorf("unpack a schema: its blocks are nested more than %d deep", maxNesting)
	}
	out := &schema.Block{Doc: b.GetDoc()}
	for _, packed := range b.GetAttributes() {
		a, err := unpackAttribute(packed)
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", packed.GetName(), err)
		}
		out.Attributes = append(out.Attributes, a)
	}
	for _, packed := range b.GetBlocks() {
		nesting, ok := nestings()[packed.GetNesting()]
		inner, err := unpackSchema(packed.GetBlock(), depth-1)
		switch {
		case err != nil:
			return nil, fmt.Errorf("block %s: %w", packed.GetName(), err)
		case !ok || inner == nil:
			return nil, fmt.Errorf("block %s: it has no schema, or the unknown nesting %q", packed.GetName(), packed.GetNesting())
		}
		out.Blocks = append(out.Blocks, schema.Nested{Name: packed.GetName(), Nesting: nesting, Block: *inner, Required: packed.GetRequired(), Label: packed.GetLabel()})
	}
	return out, nil
}

func unpackAttribute(packed *Attribute) (schema.Attribute, error) {
	a := schema.Attribute{
		Name: packed.GetName(), Doc: packed.GetDoc(), Required: packed.GetRequired(), Computed: packed.GetComputed(),
		Sensitive: packed.GetSensitive(), Deprecated: packed.GetDeprecated(), Enum: packed.GetEnum(),
		Format: schema.Format(packed.GetFormat()), Claim: schema.Claim(packed.GetClaim()),
	}
	if name := packed.GetExpression(); name != "" {
		t, ok := expressionTypes()[name]
		if !ok {
			return a, fmt.Errorf("there is no kind of expression %q", name)
		}
		a.Type = t
		return a, nil
	}
	var err error
	if a.Type, err = UnpackType(packed.GetType()); err != nil {
		return a, err
	}
	if packed.Default != nil {
		if a.Default, err = UnpackValue(packed.GetDefault(), a.Type); err != nil {
			return a, err
		}
	}
	return a, nil
}
