package facts

import (
	"context"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/schema"
)

// group is one attribute of fact.
type group struct {
	schema.Nested

	static bool     // its attributes stay as they are while the process runs,
	varies []string // except for these
	free   bool     // it has no schema: only its value tells its type

	gather gatherer
}

// gatherer returns a Go value that has the group's type for gocty, or a
// [cty.Value]. What can't be learnt is left nil.
type gatherer func(context.Context, *Facts) any

// groups returns all groups there are, with what gathers them here.
func groups() []group {
	all := []group{
		hostGroup(), osGroup(), cpuGroup(), memoryGroup(), diskGroup(), mountGroup(), networkGroup(),
		virtualGroup(), packageGroup(), serviceGroup(), userGroup(), dmiGroup(), selinuxGroup(), apparmorGroup(), customGroup(),
	}
	here := gatherers()
	for i := range all {
		all[i].gather = here[all[i].Name]
	}
	return all
}

func (g group) valueType() cty.Type {
	switch {
	case g.free:
		return cty.DynamicPseudoType
	case g.Nesting == schema.Map:
		return cty.Map(g.ImpliedType())
	}
	return g.ImpliedType()
}

func stringFact(name, doc string) schema.Attribute { return fact(name, cty.String, doc) }
func numberFact(name, doc string) schema.Attribute { return fact(name, cty.Number, doc) }
func boolFact(name, doc string) schema.Attribute   { return fact(name, cty.Bool, doc) }
func listFact(name, doc string) schema.Attribute   { return fact(name, cty.List(cty.String), doc) }

func fact(name string, t cty.Type, doc string) schema.Attribute {
	return schema.Attribute{Name: name, Type: t, Computed: true, Doc: doc}
}
