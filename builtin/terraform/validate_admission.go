package terraform

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// leastMemory is what no check can do with: who writes less has left out the unit.
const leastMemory = 1 << 20

func validateMaxMemory(v cty.Value) plugin.Diagnostics {
	if !v.IsKnown() || v.IsNull() {
		return nil
	}
	if size, err := schema.ParseSize(v.AsString()); err != nil || size >= leastMemory {
		return nil // the core tells what is no size
	}
	return plugin.Error(plugin.Attr("max_memory"), "Invalid memory limit",
		"%q is less than any check takes. Write it with its unit, as in \"6GiB\", or leave max_memory out to have memory hold no check up.", v.AsString())
}

// validateConcurrency refuses limits of groups that no stack is in: they are
// meant for another.
func validateConcurrency(cfg cty.Value) plugin.Diagnostics {
	limits := cfg.GetAttr("concurrency")
	if !limits.IsKnown() || limits.IsNull() {
		return nil
	}
	groups, all := groupsOf(cfg)
	var diags plugin.Diagnostics
	blocks := limits.AsValueMap()
	for _, name := range slices.Sorted(maps.Keys(blocks)) {
		path := plugin.Attr("concurrency").IndexString(name)
		if all && !slices.Contains(groups, name) {
			diags = append(diags, plugin.Error(path, "Unknown concurrency group",
				"No stack of the task is in the group %q. The groups of the task, as concurrency_group says for all stacks or those of an override, are: %s.", name, namesOf(groups))...)
		}
		if limit := blocks[name].GetAttr("limit"); limit.IsKnown() && !limit.IsNull() && limit.LessThan(cty.NumberIntVal(1)).True() {
			diags = append(diags, plugin.Error(path.GetAttr("limit"), "Invalid limit of a group", "At least one stack of the group must be checked at a time.")...)
		}
	}
	return diags
}

// groupsOf returns the groups that stacks can be in, and whether they are all
// known.
func groupsOf(cfg cty.Value) (names []string, all bool) {
	values := []cty.Value{cfg.GetAttr("concurrency_group")}
	for _, o := range elements(cfg.GetAttr("override")) {
		values = append(values, o.GetAttr("concurrency_group"))
	}
	all = cfg.GetAttr("override").IsWhollyKnown()
	for _, v := range values {
		all = all && v.IsKnown()
		if v.IsKnown() && !v.IsNull() {
			names = append(names, v.AsString())
		}
	}
	slices.Sort(names)
	return slices.Compact(names), all
}

func namesOf(groups []string) string {
	if len(groups) == 0 {
		return "none"
	}
	quoted := make([]string, len(groups))
	for i, name := range groups {
		quoted[i] = strconv.Quote(name)
	}
	return strings.Join(quoted, ", ")
}
