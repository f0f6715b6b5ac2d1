package eval

import (
	"cmp"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// ProcessSchema describes what the block of a provider that isn't built in
// holds beside the provider's own settings.
var ProcessSchema = &schema.Block{Attributes: []schema.Attribute{
	{Name: "env", Type: cty.Map(cty.String), Default: cty.MapValEmpty(cty.String),
		Doc: "Environment variables for the process of the provider. It gets nothing of the environment of driftless but `PATH`, `HOME` and what concerns the language, the time zone and certificates."},
	{Name: "max_memory", Type: cty.String, Format: schema.Size, Default: cty.StringVal("1GiB"),
		Doc: "How much memory the process of the provider may hold. One that holds more is ended and started again."},
}}

// ProviderConfig evaluates the block of a provider, null where there is none.
// It comes before all other blocks, because the provider may be asked while
// those are evaluated: its expressions can use variables and functions, and
// neither locals nor other blocks. The value carries no marks.
func ProviderConfig(cfg *config.Config, name string, b *schema.Block, in Inputs) (cty.Value, hcl.Diagnostics) {
	s, diags := ProviderSettings(cfg, name, b, in)
	return s.Value, diags
}

// DataDir returns the data directory that the agent block names, before all
// other blocks are evaluated. It is empty where there is none, and where the
// block has errors, which [Build] finds too.
func DataDir(cfg *config.Config, in Inputs) string {
	if cfg.Agent == nil {
		return ""
	}
	sh, diags := newBodySchemas().whole(cfg.Agent.Body, AgentSchema, cfg.Agent.Range)
	if diags.HasErrors() {
		return ""
	}
	s, diags := evaluateSettings(cfg, sh, in)
	if diags.HasErrors() || s.Value.IsNull() {
		return ""
	}
	dir := s.Value.GetAttr("data_dir")
	if !dir.IsKnown() || dir.IsNull() {
		return ""
	}
	return dir.AsString()
}

// ProcessConfig evaluates what [ProcessSchema] describes in the block of a
// provider.
func ProcessConfig(cfg *config.Config, name string, in Inputs) (cty.Value, hcl.Diagnostics) {
	section := cfg.Providers[name]
	if section == nil {
		section = &config.Section{Body: hcl.EmptyBody()}
	}
	sh, _, diags := newBodySchemas().split(section.Body, ProcessSchema, section.Range)
	s, settingsDiags := evaluateSettings(cfg, sh, in)
	return s.Value, append(diags, settingsDiags...)
}

// Settings are the evaluated block of a provider.
type Settings struct {
	Value  cty.Value
	shape  *shape // nil where there is no block
	hidden *redact.Redactor
}

// ProviderSettings is [ProviderConfig] with the places of what the block says.
func ProviderSettings(cfg *config.Config, name string, b *schema.Block, in Inputs) (Settings, hcl.Diagnostics) {
	section := cfg.Providers[name]
	if section == nil {
		return Settings{Value: cty.NullVal(b.ImpliedType())}, nil
	}
	body := section.Body
	if _, required := cfg.Required[name]; required {
		_, body, _ = newBodySchemas().split(body, ProcessSchema, section.Range)
	}
	sh, diags := newBodySchemas().whole(body, b, section.Range)
	if diags.HasErrors() {
		return Settings{Value: cty.DynamicVal}, diags
	}
	s, settingsDiags := evaluateSettings(cfg, sh, in)
	return s, append(diags, settingsDiags...)
}

func evaluateSettings(cfg *config.Config, sh *shape, in Inputs) (Settings, hcl.Diagnostics) {
	vars, diags := variableValues(cfg, in.Variables)
	if diags.HasErrors() {
		return Settings{Value: cty.DynamicVal}, diags
	}
	ctx := lang.WithAccount(&hcl.EvalContext{
		Functions: lang.Functions(cfg.Dir, in.Secrets),
		Variables: map[string]cty.Value{"var": cty.ObjectVal(vars), "path": pathObject(cfg, cfg)},
	})
	v, valueDiags := sh.value(ctx)
	s := Settings{shape: sh, hidden: cmp.Or(in.Hidden, redact.New())}
	s.hidden.Learn(sensitiveTexts(v)...)
	s.Value, _ = v.UnmarkDeep()
	return s, append(diags, valueDiags...)
}

// Locate gives what a provider says of its settings their places in the block,
// or that of what required it where there is none.
func (s Settings) Locate(diags plugin.Diagnostics, required hcl.Range) hcl.Diagnostics {
	var out hcl.Diagnostics
	for _, d := range diags {
		one := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: d.Summary, Detail: s.hidden.String(d.Detail), Subject: &required}
		if d.Severity == plugin.SeverityWarning {
			one.Severity = hcl.DiagWarning
		}
		if s.shape != nil {
			rng := s.shape.locate(d.Path)
			one.Subject = &rng
		}
		out = append(out, one)
	}
	return out
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
		if _, required := b.Config.Required[name]; !ok && required {
			continue // it isn't there, which is an error of its own
		}
		if !ok {
			diags = append(diags, errorf(b.Config.Providers[name].Range, "Unknown provider", "There is no provider %q that takes settings.%s One that isn't built in has to be required: driftless { required_providers { %s = { source = %q } } }.", name, lang.Suggest(name, known), name, name))
			continue
		}
		_, blockDiags := ProviderConfig(b.Config, name, settings, in)
		diags = append(diags, blockDiags...)
	}
	return diags
}
