package eval

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// ProviderConfig evaluates the block of a provider, null where there is none.
// It comes before all other blocks, because the provider may be asked while
// those are evaluated: its expressions can use variables and functions, and
// neither locals nor other blocks. The value carries no marks.
func ProviderConfig(cfg *config.Config, name string, b *schema.Block, in Inputs) (cty.Value, hcl.Diagnostics) {
	return early(cfg, cfg.Providers[name], b, in)
}

// DataDir returns the data directory that the agent block names, before all
// other blocks are evaluated. It is empty where there is none, and where the
// block has errors, which [Build] finds too.
func DataDir(cfg *config.Config, in Inputs) string {
	v, diags := early(cfg, cfg.Agent, AgentSchema, in)
	if diags.HasErrors() || v.IsNull() {
		return ""
	}
	dir := v.GetAttr("data_dir")
	if !dir.IsKnown() || dir.IsNull() {
		return ""
	}
	return dir.AsString()
}

// early evaluates a block with nothing but variables and functions.
func early(cfg *config.Config, section *config.Section, b *schema.Block, in Inputs) (cty.Value, hcl.Diagnostics) {
	if section == nil {
		return cty.NullVal(b.ImpliedType()), nil
	}
	vars, diags := variableValues(cfg, in.Variables)
	sh, bodyDiags := newBodySchemas().whole(section.Body, b, section.Range)
	if diags = append(diags, bodyDiags...); diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	ctx := lang.WithAccount(&hcl.EvalContext{
		Functions: lang.Functions(cfg.Dir, in.Secrets),
		Variables: map[string]cty.Value{"var": cty.ObjectVal(vars), "path": pathObject(cfg, cfg)},
	})
	v, valueDiags := sh.value(ctx)
	v, _ = v.UnmarkDeep()
	return v, append(diags, valueDiags...)
}

// pathObject returns what expressions of a module know as path.
func pathObject(root, module *config.Config) cty.Value {
	return cty.ObjectVal(map[string]cty.Value{"config": cty.StringVal(root.Dir), "module": cty.StringVal(module.Dir)})
}

// providers checks the provider blocks. Only those that the inputs name take
// any settings.
func (b *builder) providers(in Inputs) hcl.Diagnostics {
	var diags hcl.Diagnostics
	known := slices.Sorted(maps.Keys(in.Providers))
	for _, name := range slices.Sorted(maps.Keys(b.Config.Providers)) {
		settings, ok := in.Providers[name]
		if !ok {
			diags = append(diags, errorf(b.Config.Providers[name].Range, "Unknown provider", "There is no provider %q that takes settings.%s", name, lang.Suggest(name, known)))
			continue
		}
		_, blockDiags := ProviderConfig(b.Config, name, settings, in)
		diags = append(diags, blockDiags...)
	}
	return diags
}
