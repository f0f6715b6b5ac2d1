package reference

import (
	"reflect"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Block is a block of the top level of a configuration.
type Block struct {
	Name   string   `json:"name"`
	Labels []string `json:"labels,omitempty"` // what its labels mean
	// Open says that more arguments are allowed than are listed, because the
	// block or its type has names of its own for them.
	Open bool `json:"open,omitempty"`
	Body
}

// described is a block as the core reads it, which has no schema of its own.
type described struct {
	open   bool
	schema *schema.Block
}

// addressesType is what the capsule of [Addresses] would hold.
var addressesType = reflect.TypeFor[[]config.Reference]()

// blocks describes the blocks that the package config knows.
func blocks() []Block {
	known := language()
	var out []Block
	for _, header := range config.Headers() {
		d := known[header.Type]
		b := Block{Name: header.Type, Labels: header.LabelNames, Open: d.open}
		if d.schema != nil {
			b.Body = newBody(d.schema)
		}
		if kind := addr.Kind(header.Type); kind.Valid() {
			meta := metaArguments(plugin.Kind(kind))
			b.Arguments = append(b.Arguments, meta.Arguments...)
			b.Blocks = append(b.Blocks, meta.Blocks...)
		}
		out = append(out, b)
	}
	return out
}

func language() map[string]described {
	return map[string]described{
		"driftless": {schema: &schema.Block{
			Doc: "Says what the configuration needs of the program.",
			Attributes: []schema.Attribute{
				{Name: "required_version", Type: cty.String, Doc: "The versions of driftless that the configuration is for, as in `\">= 1.2, < 2.0\"`."},
			},
		}},
		"agent":    {schema: eval.AgentSchema},
		"provider": {open: true, schema: &schema.Block{Doc: "Settings of a provider. Its label is the name of the provider, which decides what it can hold."}},
		"variable": {schema: variableSchema()},
		"locals":   {open: true, schema: &schema.Block{Doc: "Names for expressions: the argument `x` is known as `local.x`."}},
		"output": {schema: &schema.Block{
			Doc: "A value that is shown after a run.",
			Attributes: []schema.Attribute{
				{Name: "value", Type: cty.DynamicPseudoType, Required: true, Doc: "The value. It may refer to anything."},
				{Name: "description", Type: cty.String, Doc: "What it is, for a reader."},
				{Name: "sensitive", Type: cty.Bool, Default: cty.False, Doc: "Never show the value."},
			},
		}},
		"module":    {open: true, schema: moduleSchema()},
		"source":    {open: true, schema: &schema.Block{Doc: "Where something comes from: values that others refer to, or events that a pipeline moves."}},
		"task":      {open: true, schema: &schema.Block{Doc: "A desired state that can be planned and applied."}},
		"collector": {open: true, schema: &schema.Block{Doc: "Measures this host. Its values are metrics."}},
		"pipeline":  {schema: pipelineSchema()},
		"sink":      {open: true, schema: &schema.Block{Doc: "Where events go to."}},
	}
}

func variableSchema() *schema.Block {
	return &schema.Block{
		Doc: "An input of the configuration, known as `var.NAME`. It is set by `-var`, by `DRIFTLESS_VAR_NAME` or by its default.",
		Attributes: []schema.Attribute{
			{Name: "type", Type: cty.DynamicPseudoType, Doc: "What it may hold, as in `string`, `list(number)` or `object({ port = optional(number, 80) })`. Left out, it may hold anything."},
			{Name: "default", Type: cty.DynamicPseudoType, Doc: "Its value where none is given. Without a default it has to be given."},
			{Name: "description", Type: cty.String, Doc: "What it is for, for a reader."},
			{Name: "sensitive", Type: cty.Bool, Default: cty.False, Doc: "Never show the value."},
		},
		Blocks: []schema.Nested{{Name: "validation", Nesting: schema.List, Block: schema.Block{
			Doc: "What the value has to fulfil.",
			Attributes: []schema.Attribute{
				{Name: "condition", Type: cty.Bool, Required: true, Doc: "An expression over the variable that is true for a good value."},
				{Name: "error_message", Type: cty.String, Required: true, Doc: "What to tell whoever gives a value that isn't. It may refer to the variable."},
			},
		}}},
	}
}

// moduleSchema is about the arguments that are not variables of the module.
func moduleSchema() *schema.Block {
	return &schema.Block{
		Doc: "Uses the configuration of another directory under a name. All other arguments set the variables of the module, and its outputs are known as `module.NAME.OUTPUT`.",
		Attributes: []schema.Attribute{
			{Name: "source", Type: cty.String, Required: true, Doc: "The directory, as seen from the one of the file that this is in. It begins with `./` or `../`."},
			{Name: "for_each", Type: cty.DynamicPseudoType, Doc: "A map or a set of strings. The module is used once for each element, which its arguments know as `each.key` and `each.value`."},
			{Name: "when", Type: cty.Bool, Doc: "Whether the module is used at all."},
			{Name: "depends_on", Type: Addresses, Doc: "Blocks and modules that come before all that is in it."},
			{Name: "tags", Type: cty.List(cty.String), Doc: "Tags of all that is in it, beside those that its blocks have themselves."},
		},
	}
}

func pipelineSchema() *schema.Block {
	return &schema.Block{
		Doc: "Moves events from sources, tasks and collectors through its stages to sinks.",
		Attributes: []schema.Attribute{
			{Name: "from", Type: Addresses, Required: true, Doc: "Where its events come from: sources that emit events, tasks and collectors."},
			{Name: "to", Type: Addresses, Required: true, Doc: "The sinks that they go to."},
		},
		Blocks: []schema.Nested{{Name: stage, Nesting: schema.List, Label: "type", Block: schema.Block{
			Doc: "A step that all events take, in the order in which the stages are written. Its label is its type, which decides what it can hold.",
		}}},
	}
}

// stage is the block whose label is the type of a stage.
const stage = string(plugin.KindStage)

// metaArguments are what the core reads from every block of a kind. A stage
// has none.
func metaArguments(kind plugin.Kind) Body {
	if kind == plugin.KindStage {
		return Body{Arguments: []Attribute{}}
	}
	when := "Whether the block is there at all."
	if kind == plugin.KindTask {
		when += " It may depend on what other tasks learn."
	}
	common := newBody(&schema.Block{Attributes: []schema.Attribute{
		{Name: "for_each", Type: cty.DynamicPseudoType, Doc: "A map or a set of strings. The block is made once for each element, which it knows as `each.key` and `each.value`."},
		{Name: "when", Type: cty.Bool, Doc: when},
		{Name: "depends_on", Type: Addresses, Doc: "Blocks that come first, where no reference says so already."},
	}})
	if kind == plugin.KindTask {
		common.Arguments = append(common.Arguments, Attribute{schema.Attribute{Name: "triggered_by", Type: Addresses, Doc: "Tasks. This one is applied only in a run in which one of them changes, once, after all of them."}})
	}
	own := newBody(eval.MetaSchema(addr.Kind(kind)))
	return Body{Arguments: slices.Concat(common.Arguments, own.Arguments), Blocks: own.Blocks}
}
