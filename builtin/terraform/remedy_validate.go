package terraform

import (
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// validateRemediate checks the block against the mode of the task as well.
func validateRemediate(v, mode cty.Value) plugin.Diagnostics {
	if !v.IsKnown() || v.IsNull() {
		return nil
	}
	path := plugin.Attr(remediateBlock)
	return slices.Concat(
		validateStrategy(v.GetAttr("strategy"), mode, path.GetAttr("strategy")),
		validateAmount(v.GetAttr("max_changes"), 1, 1_000_000, path.GetAttr("max_changes"), "A remedy changes at least one resource. To change none, set strategy to \"plan\" or \"none\"."),
		validateAmount(v.GetAttr("max_attempts"), 1, maxKeptAttempts, path.GetAttr("max_attempts"), "There are 1 to 20 attempts. To make none, set strategy to \"plan\" or \"none\"."),
		validateActions(v.GetAttr("forbid_actions"), path.GetAttr("forbid_actions"), forbiddable),
		validateEnv(v.GetAttr("env"), path.GetAttr("env")),
		validateWindows(v.GetAttr("window"), path.GetAttr("window")),
	)
}

// validateStrategy refuses a strategy for which a check in this mode doesn't
// look at what it has to.
func validateStrategy(strategy, mode cty.Value, path cty.Path) plugin.Diagnostics {
	if !strategy.IsKnown() || strategy.IsNull() || !mode.IsKnown() || mode.IsNull() {
		return nil
	}
	switch s, m := strategy.AsString(), mode.AsString(); {
	case (s == strategyApply || s == strategyPlan) && m != modeFull:
		return plugin.Error(path, "Strategy needs another mode",
			"With mode = %q a check doesn't see both drift and code that is not applied yet, so it can't tell whether an apply would only undo drift. Set mode to \"full\", or leave it out.", m)
	case s == strategyAdopt && m == modeConfigOnly:
		return plugin.Error(path, "Strategy needs another mode",
			"With mode = \"config-only\" a check doesn't look at the real world, so there is nothing to adopt. Set mode to \"full\" or \"refresh-only\".")
	}
	return nil
}

func validateAmount(v cty.Value, least, most int64, path cty.Path, detail string) plugin.Diagnostics {
	if !v.IsKnown() || v.IsNull() {
		return nil
	}
	if v.GreaterThanOrEqualTo(cty.NumberIntVal(least)).True() && v.LessThanOrEqualTo(cty.NumberIntVal(most)).True() {
		return nil
	}
	return plugin.Error(path, "Invalid number", "%s", detail)
}

// validateActions checks names of what can happen to a resource.
func validateActions(actions cty.Value, path cty.Path, known []string) plugin.Diagnostics {
	var diags plugin.Diagnostics
	for i, action := range elements(actions) {
		if !action.IsNull() && !slices.Contains(known, action.AsString()) {
			diags = append(diags, plugin.Error(path.IndexInt(i), "Invalid action",
				"%q is not what can happen to a resource: it is one of %s.", action.AsString(), strings.Join(known, ", "))...)
		}
	}
	return diags
}

func validateWindows(v cty.Value, path cty.Path) plugin.Diagnostics {
	var diags plugin.Diagnostics
	for i, w := range elements(v) {
		at := path.IndexInt(i)
		for j, day := range elements(w.GetAttr("days")) {
			if !day.IsNull() && !slices.Contains(weekdays(), day.AsString()) {
				diags = append(diags, plugin.Error(at.GetAttr("days").IndexInt(j), "Invalid day",
					"%q is not a day of the week: it is one of %s.", day.AsString(), strings.Join(weekdays(), ", "))...)
			}
		}
		if days := w.GetAttr("days"); days.IsKnown() && !days.IsNull() && days.LengthInt() == 0 {
			diags = append(diags, plugin.Error(at.GetAttr("days"), "Empty window", "A window that opens on no day never opens. Name the days, or leave days out for every day.")...)
		}
		diags = append(diags, validateText(w, "start", at, "Invalid time of the day", func(s string) error { _, err := clock(s); return err })...)
		diags = append(diags, validateText(w, "end", at, "Invalid time of the day", func(s string) error { _, err := clock(s); return err })...)
		diags = append(diags, validateText(w, "timezone", at, "Unknown time zone", func(s string) error { _, err := zone(s); return err })...)
		diags = append(diags, validateLength(w, at)...)
	}
	return diags
}

// validateText checks an attribute of a window.
func validateText(w cty.Value, name string, at cty.Path, summary string, check func(string) error) plugin.Diagnostics {
	v := w.GetAttr(name)
	if !v.IsKnown() || v.IsNull() {
		return nil
	}
	if err := check(v.AsString()); err != nil {
		return plugin.Error(at.GetAttr(name), summary, "%s.", upperFirst(err.Error()))
	}
	return nil
}

// validateLength refuses a window that opens and closes at the same time, other
// than a whole day: it could mean never as well as always.
func validateLength(w cty.Value, at cty.Path) plugin.Diagnostics {
	var times [2]int
	for i, v := range []cty.Value{w.GetAttr("start"), w.GetAttr("end")} {
		if !v.IsKnown() || v.IsNull() {
			return nil
		}
		var err error
		if times[i], err = clock(v.AsString()); err != nil {
			return nil // it is told already
		}
	}
	if start, end := times[0], times[1]; start%fullDay != end%fullDay || start < end {
		return nil
	}
	return plugin.Error(at.GetAttr("end"), "Empty window", "The window closes at the time at which it opens. For a whole day, write start = \"00:00\" and end = \"24:00\".")
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
