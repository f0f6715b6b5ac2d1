// Package terraform is the provider of the terraform task: it compares
// Terraform and OpenTofu stacks with the real world and with their code, and
// tells the two kinds of difference apart.
//
// One normal plan answers both questions. Its exit code only says whether it
// worked; the verdict is counted from the plan as data. Nothing is ever
// applied, and no state is locked.
package terraform

import (
	"context"
	"os"
	"slices"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/process"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

type provider struct {
	environ func() []string // of this process
}

var _ plugin.Provider = (*provider)(nil)

// New returns the provider.
func New() plugin.Provider { return &provider{environ: os.Environ} }

func (*provider) Manifest(context.Context) (plugin.Manifest, error) {
	return plugin.Manifest{
		Name: "terraform",
		Doc:  "Finds drift of Terraform and OpenTofu stacks.",
		Types: []plugin.Type{{
			Ref:        plugin.TypeRef{Kind: plugin.KindTask, Name: "terraform"},
			Schema:     taskSchema(),
			DetectOnly: true,
		}},
	}, nil
}

func (*provider) Configure(context.Context, cty.Value) plugin.Diagnostics { return nil }

func (*provider) Validate(_ context.Context, _ plugin.TypeRef, cfg cty.Value) plugin.Diagnostics {
	return slices.Concat(
		validateRoot(cfg.GetAttr("source"), cfg.GetAttr("path")),
		validateEnv(cfg.GetAttr("env")),
		validateVariables(cfg.GetAttr("variables")),
		validateParallelism(cfg.GetAttr("parallelism")),
		validateStacks(cfg.GetAttr("stacks")),
		validateIgnore(cfg.GetAttr("ignore")),
	)
}

func (p *provider) Open(_ context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	var c config
	if err := schema.Decode(req.Config, &c); err != nil {
		return nil, plugin.Error(nil, "Invalid configuration", "The terraform task could not be configured: %s.", err)
	}
	if c.Stacks == nil {
		c.Stacks = &selection{Include: []string{"**"}, Exclude: defaultExclude()}
	}
	dir, err := req.Env.MakeDir()
	if err != nil {
		return nil, plugin.Error(nil, "Cannot keep the stacks", "The directory for what terraform downloads could not be made: %s.", err)
	}
	return &task{
		cfg: c, value: req.Config, dir: dir,
		environ: p.environ(), log: req.Env.Log, now: req.Env.Now,
	}, nil
}

func (*provider) Close() error { return nil }

func validateRoot(source, path cty.Value) plugin.Diagnostics {
	if !source.IsKnown() || !path.IsKnown() {
		return nil
	}
	switch {
	case source.IsNull() && path.IsNull():
		return plugin.Error(nil, "Missing source",
			"The task doesn't say where the stacks are. Set source to a git source, as in source = source.git.infra, or path to a directory of this machine.")
	case !source.IsNull() && !path.IsNull():
		return plugin.Error(plugin.Attr("path"), "Conflicting sources", "Both source and path are set. Remove one of them.")
	}
	return nil
}

// validateEnv refuses names that would change what the command does, or how
// its output is read.
func validateEnv(env cty.Value) plugin.Diagnostics {
	if !env.IsKnown() || env.IsNull() {
		return nil
	}
	names := map[string]string{}
	for name := range env.AsValueMap() {
		names[name] = ""
	}
	refused := tfexec.ProhibitedEnv(names)
	for _, own := range []string{"TF_DATA_DIR", process.MarkerName} {
		if _, ok := names[own]; ok {
			refused = append(refused, own)
		}
	}
	slices.Sort(refused)
	var diags plugin.Diagnostics
	for _, name := range refused {
		diags = append(diags, plugin.Error(plugin.Attr("env").IndexString(name), "Environment variable not allowed",
			"%s is set by the task itself. Give input variables of the stacks in variables, and remove %s from env.", name, name)...)
	}
	return diags
}

func validateVariables(v cty.Value) plugin.Diagnostics {
	if !v.IsKnown() || v.IsNull() || v.Type().IsObjectType() || v.Type().IsMapType() {
		return nil
	}
	return plugin.Error(plugin.Attr("variables"), "Invalid variables",
		"The variables of the stacks are given by name, as in variables = { region = \"eu-west-1\" }, not as %s.", v.Type().FriendlyName())
}

func validateParallelism(v cty.Value) plugin.Diagnostics {
	if !v.IsKnown() || v.IsNull() || v.GreaterThanOrEqualTo(cty.NumberIntVal(1)).True() {
		return nil
	}
	return plugin.Error(plugin.Attr("parallelism"), "Invalid parallelism", "At least one stack must be checked at a time.")
}

func validateStacks(v cty.Value) plugin.Diagnostics {
	if !v.IsKnown() || v.IsNull() {
		return nil
	}
	var diags plugin.Diagnostics
	for _, name := range []string{"include", "exclude"} {
		globs := v.GetAttr(name)
		if !globs.IsKnown() || globs.IsNull() {
			continue
		}
		for i, glob := range globs.AsValueSlice() {
			if glob.IsKnown() && !glob.IsNull() && !doublestar.ValidatePattern(glob.AsString()) {
				diags = append(diags, plugin.Error(plugin.Attr("stacks").GetAttr(name).IndexInt(i), "Invalid glob",
					"%q is not a pattern of paths: write it as in \"envs/prod/*\" or \"**/network\".", glob.AsString())...)
			}
		}
	}
	return diags
}

func validateIgnore(v cty.Value) plugin.Diagnostics {
	if !v.IsKnown() || v.IsNull() {
		return nil
	}
	var diags plugin.Diagnostics
	for i, rule := range v.AsValueSlice() {
		expires := rule.GetAttr("expires")
		if !expires.IsKnown() || expires.IsNull() {
			continue
		}
		if _, err := time.Parse(time.DateOnly, expires.AsString()); err != nil {
			diags = append(diags, plugin.Error(plugin.Attr("ignore").IndexInt(i).GetAttr("expires"), "Invalid date",
				"%q is not a date: write it as in \"2027-01-31\".", expires.AsString())...)
		}
	}
	return diags
}
