package catalog

import (
	"fmt"
	"slices"

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
	err := checkNames(t.Schema, reservedNames(t.Ref.Kind))
	if err == nil {
		err = t.Schema.Validate()
	}
	if err != nil {
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

// checkNames refuses what the core reads from a block itself.
func checkNames(b *schema.Block, reserved []string) error {
	for _, a := range b.Attributes {
		if slices.Contains(reserved, a.Name) {
			return fmt.Errorf("the name %q is reserved", a.Name)
		}
	}
	for _, n := range b.Blocks {
		if slices.Contains(reserved, n.Name) {
			return fmt.Errorf("the name %q is reserved", n.Name)
		}
	}
	return nil
}
