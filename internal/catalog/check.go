package catalog

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// checkType refuses a schema that a configuration could not be decoded by, or
// whose names belong to the core.
func checkType(t plugin.Type) error {
	if t.Schema == nil {
		return fmt.Errorf("%s has no schema", t.Ref)
	}
	if err := checkBlock(t.Schema, reservedNames(t.Ref.Kind), level{}); err != nil {
		return fmt.Errorf("%s: %w", t.Ref, err)
	}
	return nil
}

// reservedNames are those that the core reads from a block itself.
func reservedNames(kind plugin.Kind) []string {
	names := []string{"for_each", "depends_on", "when", "triggered_by", "provider", "tags"}
	meta := eval.MetaSchema(addr.Kind(kind))
	for _, a := range meta.Attributes {
		names = append(names, a.Name)
	}
	for _, n := range meta.Blocks {
		names = append(names, n.Name)
	}
	return names
}

// level says where in a type a block is.
type level struct {
	nested   bool
	repeated bool // within a list or a map of blocks, which all have one type
}

func checkBlock(b *schema.Block, reserved []string, at level) error {
	seen := make(map[string]bool)
	for _, a := range b.Attributes {
		if err := checkName(a.Name, reserved, seen); err != nil {
			return err
		}
		if err := checkAttribute(a, at); err != nil {
			return fmt.Errorf("the attribute %q %w", a.Name, err)
		}
	}
	for _, n := range b.Blocks {
		if err := checkName(n.Name, reserved, seen); err != nil {
			return err
		}
		if n.Nesting == schema.Map && n.Label == "" {
			return fmt.Errorf("the block %q has labels and doesn't say what they mean", n.Name)
		}
		inner := level{nested: true, repeated: at.repeated || n.Nesting != schema.Single}
		if err := checkBlock(&n.Block, nil, inner); err != nil {
			return fmt.Errorf("in the block %q: %w", n.Name, err)
		}
	}
	return nil
}

func checkName(name string, reserved []string, seen map[string]bool) error {
	switch {
	case !hclsyntax.ValidIdentifier(name):
		return fmt.Errorf("the name %q is not an identifier", name)
	case slices.Contains(reserved, name):
		return fmt.Errorf("the name %q is reserved", name)
	case seen[name]:
		return fmt.Errorf("the name %q is there twice", name)
	}
	seen[name] = true
	return nil
}

func checkAttribute(a schema.Attribute, at level) error {
	hasDefault := a.Default != cty.NilVal
	switch {
	case a.Doc == "":
		return fmt.Errorf("has no documentation")
	case a.Type == cty.NilType:
		return fmt.Errorf("has no type")
	case a.Required && (a.Computed || hasDefault), a.Computed && hasDefault:
		return fmt.Errorf("is more than one of required, computed and with a default")
	case a.Computed && at.nested:
		return fmt.Errorf("is computed, which only those of the block itself can be")
	case a.Type.HasDynamicTypes() && at.repeated:
		return fmt.Errorf("can have any type, which those of a repeated block can't")
	case hasDefault && !a.Default.Type().Equals(a.Type):
		return fmt.Errorf("has a default of the type %s", a.Default.Type().FriendlyName())
	case (a.Format != "" || len(a.Enum) > 0 || a.Claim != "") && !holdsStrings(a.Type):
		return fmt.Errorf("has a format, choices or a claim, which only strings can have")
	}
	return nil
}

func holdsStrings(t cty.Type) bool {
	return t == cty.String || t.IsCollectionType() && t.ElementType() == cty.String
}
