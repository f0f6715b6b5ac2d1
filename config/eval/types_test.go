package eval_test

import (
	"context"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// fakes are types that together use all that a schema can say.
type fakes map[plugin.TypeRef]plugin.Type

var (
	_ eval.Types     = fakes{}
	_ eval.Validator = fakes{}
)

func (f fakes) Type(ref plugin.TypeRef) (plugin.Type, bool) {
	t, ok := f[ref]
	return t, ok
}

func (f fakes) Names(kind plugin.Kind) []string {
	var names []string
	for ref := range f {
		if ref.Kind == kind {
			names = append(names, ref.Name)
		}
	}
	slices.Sort(names)
	return names
}

// Validate finds fault with the word "bad" wherever a string may stand, and
// warns of "doubtful".
func (f fakes) Validate(_ context.Context, ref plugin.TypeRef, cfg cty.Value) plugin.Diagnostics {
	var diags plugin.Diagnostics
	err := cty.Walk(cfg, func(path cty.Path, v cty.Value) (bool, error) {
		if !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
			return true, nil
		}
		path = path.Copy() // the walk goes on using it
		switch v.AsString() {
		case "bad":
			diags = append(diags, plugin.Error(path, "Bad value", "The provider of %s doesn't like it.", ref)...)
		case "doubtful":
			diags = append(diags, plugin.Warning(path, "Doubtful value", "The provider of %s wonders.", ref)...)
		}
		return true, nil
	})
	if err != nil {
		return plugin.Error(nil, "Walk failed", "%s.", err)
	}
	return diags
}

func newFakes() fakes {
	f := fakes{}
	for _, t := range []plugin.Type{
		{Ref: plugin.TypeRef{Kind: plugin.KindSource, Name: "data"}, Schema: dataSchema()},
		{Ref: plugin.TypeRef{Kind: plugin.KindSource, Name: "events"}, Emits: true, Schema: eventsSchema()},
		{Ref: plugin.TypeRef{Kind: plugin.KindTask, Name: "file"}, Schema: fileSchema()},
		{Ref: plugin.TypeRef{Kind: plugin.KindTask, Name: "edit"}, Schema: editSchema()},
		{Ref: plugin.TypeRef{Kind: plugin.KindTask, Name: "command"}, Schema: commandSchema()},
		{Ref: plugin.TypeRef{Kind: plugin.KindTask, Name: "drift"}, Schema: &schema.Block{}, DetectOnly: true},
		{Ref: plugin.TypeRef{Kind: plugin.KindTask, Name: "heal"}, Schema: healSchema(), EnforcedBy: "remedy"},
		{Ref: plugin.TypeRef{Kind: plugin.KindCollector, Name: "load"}, Schema: &schema.Block{}},
		{Ref: plugin.TypeRef{Kind: plugin.KindStage, Name: "filter"}, Schema: filterSchema()},
		{Ref: plugin.TypeRef{Kind: plugin.KindStage, Name: "set"}, Schema: setSchema()},
		{Ref: plugin.TypeRef{Kind: plugin.KindSink, Name: "out"}, Schema: outSchema()},
	} {
		f[t.Ref] = t
	}
	return f
}

func healSchema() *schema.Block {
	return &schema.Block{Blocks: []schema.Nested{{Name: "remedy", Block: schema.Block{Attributes: []schema.Attribute{{Name: "strategy", Type: cty.String}}}}}}
}

func dataSchema() *schema.Block {
	return &schema.Block{
		Attributes: []schema.Attribute{
			{Name: "url", Type: cty.String, Required: true, Format: schema.URL},
			{Name: "branch", Type: cty.String},
			{Name: "commit", Type: cty.String, Computed: true},
			{Name: "token", Type: cty.String, Computed: true, Sensitive: true},
		},
		Blocks: []schema.Nested{{Name: "auth", Block: schema.Block{Attributes: []schema.Attribute{
			{Name: "user", Type: cty.String, Required: true},
			{Name: "password", Type: cty.String, Sensitive: true, Enum: []string{"one", "two"}},
		}}}},
	}
}

func eventsSchema() *schema.Block {
	return &schema.Block{Attributes: []schema.Attribute{
		{Name: "paths", Type: cty.List(cty.String), Required: true, Format: schema.Glob},
	}}
}

func fileSchema() *schema.Block {
	named := []schema.Attribute{{Name: "name", Type: cty.String, Required: true}, {Name: "mode", Type: cty.String, Format: schema.Mode}}
	return &schema.Block{
		Attributes: []schema.Attribute{
			{Name: "path", Type: cty.String, Required: true, Format: schema.AbsolutePath, Claim: schema.Owns},
			{Name: "content", Type: cty.String},
			{Name: "body", Type: cty.String, Deprecated: "Use content."},
			{Name: "mode", Type: cty.String, Format: schema.Mode},
			{Name: "state", Type: cty.String, Enum: []string{"present", "absent"}, Default: cty.StringVal("present")},
			{Name: "size", Type: cty.String, Format: schema.Size},
			{Name: "every", Type: cty.String, Format: schema.Duration},
			{Name: "pattern", Type: cty.String, Format: schema.Regexp},
			{Name: "count", Type: cty.Number},
			{Name: "labels", Type: cty.Map(cty.String)},
			{Name: "hosts", Type: cty.List(cty.Object(map[string]cty.Type{"name": cty.String, "port": cty.Number}))},
			{Name: "vars", Type: cty.DynamicPseudoType},
			{Name: "checksum", Type: cty.String, Computed: true},
		},
		Blocks: []schema.Nested{
			{Name: "owner", Block: schema.Block{Attributes: named}},
			{Name: "rule", Nesting: schema.List, Block: schema.Block{Attributes: named}},
			{Name: "entry", Nesting: schema.Map, Label: "key", Block: schema.Block{Attributes: named}},
		},
	}
}

func editSchema() *schema.Block {
	return &schema.Block{
		Attributes: []schema.Attribute{
			{Name: "path", Type: cty.String, Required: true, Format: schema.AbsolutePath, Claim: schema.Edits},
			{Name: "line", Type: cty.String},
		},
		Blocks: []schema.Nested{{Name: "where", Required: true, Block: schema.Block{Attributes: []schema.Attribute{{Name: "after", Type: cty.String}}}}},
	}
}

func commandSchema() *schema.Block {
	return &schema.Block{Attributes: []schema.Attribute{
		{Name: "command", Type: cty.List(cty.String)},
		{Name: "failed_when", Type: schema.SelfExpr},
		{Name: "stdout", Type: cty.String, Computed: true},
	}}
}

func filterSchema() *schema.Block {
	return &schema.Block{Attributes: []schema.Attribute{
		{Name: "keep", Type: schema.EventExpr},
		{Name: "words", Type: cty.String},
	}}
}

func setSchema() *schema.Block {
	return &schema.Block{Attributes: []schema.Attribute{{Name: "fields", Type: schema.EventExprs, Required: true}}}
}

func outSchema() *schema.Block {
	return &schema.Block{Attributes: []schema.Attribute{{Name: "path", Type: cty.String, Format: schema.AbsolutePath}}}
}
