package terraform

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/process"
	"github.com/driftless-hq/driftless/plugin"
)

// What can happen to a resource, for a gate that forbids it and for a rule that
// ignores it. A remedy never has a resource forgotten.
var (
	forbiddable = []string{string(plugin.Create), string(plugin.Update), string(plugin.Replace), string(plugin.Delete)}
	ignorable   = append(slices.Clone(forbiddable), string(plugin.Forget))
)

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

func validateBinary(name cty.Value, path cty.Path) plugin.Diagnostics {
	if !name.IsKnown() || name.IsNull() || !isRelative(name.AsString()) {
		return nil
	}
	return plugin.Error(path, "Relative path of a command", "The stacks can't be planned: %s.", relativeError(name.AsString()))
}

// validateEnv refuses names that would change what the command does, or how
// its output is read.
func validateEnv(env cty.Value, path cty.Path) plugin.Diagnostics {
	if !env.IsKnown() || env.IsNull() {
		return nil
	}
	var refused []string
	for name := range env.AsValueMap() {
		if isOwn(name) {
			refused = append(refused, name)
		}
	}
	slices.Sort(refused)
	var diags plugin.Diagnostics
	for _, name := range refused {
		diags = append(diags, plugin.Error(path.IndexString(name), "Environment variable not allowed",
			"%s is set by the task itself. Give input variables of the stacks in variables or secret_variables, the cache of providers in plugin_cache, and remove %s from env.", name, name)...)
	}
	return diags
}

// isOwn reports whether the task itself sets an environment variable.
func isOwn(name string) bool {
	return name == "TF_DATA_DIR" || name == "TF_PLUGIN_CACHE_DIR" || name == process.MarkerName ||
		len(tfexec.ProhibitedEnv(map[string]string{name: ""})) > 0
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

func validateOperations(v cty.Value) plugin.Diagnostics {
	if !v.IsKnown() || v.IsNull() || v.GreaterThanOrEqualTo(cty.NumberIntVal(1)).True() {
		return nil
	}
	return plugin.Error(plugin.Attr("operations"), "Invalid operations", "At least one resource must be read at a time. Leave operations out to have terraform decide.")
}

func validateStacks(v cty.Value) plugin.Diagnostics {
	if !v.IsKnown() || v.IsNull() {
		return nil
	}
	path := plugin.Attr("stacks")
	return append(validateGlobs(v.GetAttr("include"), path.GetAttr("include")),
		validateGlobs(v.GetAttr("exclude"), path.GetAttr("exclude"))...)
}

// validateInherited refuses the same names as validateEnv.
func validateInherited(names cty.Value) plugin.Diagnostics {
	var diags plugin.Diagnostics
	for i, name := range elements(names) {
		if name.IsNull() || !isOwn(name.AsString()) {
			continue
		}
		diags = append(diags, plugin.Error(plugin.Attr("inherit_env").IndexInt(i), "Environment variable not allowed",
			"%s is set by the task itself. Remove it from inherit_env.", name.AsString())...)
	}
	return diags
}

// validWorkspace are the names that no backend takes for a path.
var validWorkspace = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func validateWorkspaces(names cty.Value, path cty.Path) plugin.Diagnostics {
	var diags plugin.Diagnostics
	all := elements(names)
	for i, name := range all {
		if !name.IsNull() && name.AsString() == allWorkspaces && len(all) > 1 {
			diags = append(diags, plugin.Error(path.IndexInt(i), "Conflicting workspaces",
				"\"*\" stands for all workspaces that the state of a stack has. Leave it alone, or take it out and name the workspaces.")...)
			continue
		}
		if !name.IsNull() && name.AsString() != allWorkspaces && !validWorkspace.MatchString(name.AsString()) {
			diags = append(diags, plugin.Error(path.IndexInt(i), "Invalid workspace",
				"%q is not the name of a workspace: it begins with a letter or a digit, and has letters, digits, dots, hyphens and underscores.", name.AsString())...)
		}
	}
	return diags
}

func validateOverrides(v cty.Value) plugin.Diagnostics {
	var diags plugin.Diagnostics
	for i, o := range elements(v) {
		path := plugin.Attr("override").IndexInt(i)
		diags = slices.Concat(diags,
			validateGlobs(o.GetAttr("paths"), path.GetAttr("paths")),
			validateWorkspaces(o.GetAttr("workspaces"), path.GetAttr("workspaces")),
			validateEnv(o.GetAttr("env"), path.GetAttr("env")),
			validateBinary(o.GetAttr("binary"), path.GetAttr("binary")),
		)
	}
	return diags
}

// elements are those of a list that are known.
func elements(v cty.Value) []cty.Value {
	if !v.IsKnown() || v.IsNull() {
		return nil
	}
	return slices.DeleteFunc(v.AsValueSlice(), func(e cty.Value) bool { return !e.IsKnown() })
}

func validateGlobs(globs cty.Value, path cty.Path) plugin.Diagnostics {
	var diags plugin.Diagnostics
	for i, glob := range elements(globs) {
		if !glob.IsNull() && !doublestar.ValidatePattern(glob.AsString()) {
			diags = append(diags, plugin.Error(path.IndexInt(i), "Invalid glob",
				"%q is not a pattern of paths: write it as in \"envs/prod/*\" or \"**/network\".", glob.AsString())...)
		}
	}
	return diags
}

// resourceAddress is an address without wildcards, with its type. The key of an
// instance is a number or a text in quotes.
var resourceAddress = regexp.MustCompile(strings.ReplaceAll(`^(?:module\.NAME\.)*([^.\[\]]+)\.NAME$`, "NAME", `[^.\[\]]+(?:\[(?:\d+|"(?:\\.|[^"\\])*")\])?`))

// validateAddress refuses what is the address of no resource: such a rule would
// never match, and nobody would know.
func validateAddress(v cty.Value, path cty.Path) plugin.Diagnostics {
	if !v.IsKnown() || v.IsNull() || strings.Contains(v.AsString(), "*") {
		return nil
	}
	if parts := resourceAddress.FindStringSubmatch(v.AsString()); parts != nil && parts[1] != "module" {
		return nil
	}
	return plugin.Error(path, "Invalid address",
		"%q is not the address of a resource: write its type and its name, as in \"aws_instance.web\" or \"module.web.aws_instance.this[0]\"; * stands for anything, as in \"module.web.*\". What is within a resource goes into attributes.", v.AsString())
}

func validateIgnore(v cty.Value) plugin.Diagnostics {
	var diags plugin.Diagnostics
	for i, rule := range elements(v) {
		path := plugin.Attr("ignore").IndexInt(i)
		diags = append(diags, validateAddress(rule.GetAttr("address"), path.GetAttr("address"))...)
		diags = append(diags, validateActions(rule.GetAttr("actions"), path.GetAttr("actions"), ignorable)...)
		expires := rule.GetAttr("expires")
		if !expires.IsKnown() || expires.IsNull() {
			continue
		}
		if _, err := time.Parse(time.DateOnly, expires.AsString()); err != nil {
			diags = append(diags, plugin.Error(path.GetAttr("expires"), "Invalid date",
				"%q is not a date: write it as in \"2027-01-31\".", expires.AsString())...)
		}
	}
	return diags
}
