package command

import (
	"context"
	"maps"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

const unguardedWarning = "runs at every apply; add creates, removes, unless or only_if"

type task struct {
	config    config
	value     cty.Value // the configuration as it came
	triggered bool      // only a change of another task makes it run
}

var _ plugin.Task = (*task)(nil)

// Close implements [plugin.Instance].
func (t *task) Close(context.Context) error { return nil }

// Plan implements [plugin.Task]. It asks the guards.
func (t *task) Plan(ctx context.Context, host plugin.Host) (plugin.Change, plugin.Diagnostics) {
	verdict, diags := t.askPlanned(ctx, host)
	if diags.HasErrors() {
		return plugin.Change{}, diags
	}
	change := plugin.Change{Fidelity: verdict.fidelity}
	if verdict.reason != "" {
		change.Reasons = []string{verdict.reason}
	}
	if !verdict.run {
		change.Action = plugin.NoOp
		change.After = t.notRun()
		change.Before = change.After
		return change, diags
	}
	change.Action = plugin.Run
	change.Before = cty.NullVal(t.value.Type())
	change.After = t.unknownResult(verdict)
	if verdict.fidelity == plugin.Opaque && !t.triggered {
		change.Warnings = []string{unguardedWarning}
	}
	return change, diags
}

// Apply implements [plugin.Task]. The guards are asked again: an earlier task
// may have done what the command was for.
func (t *task) Apply(ctx context.Context, change plugin.Change) (cty.Value, plugin.Diagnostics) {
	if change.Action == plugin.NoOp {
		return change.After, nil
	}
	settings, diags := t.settings()
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	verdict, diags := t.askReal(ctx, settings)
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	if !verdict.run {
		return t.notRun(), diags
	}
	done, diags := t.run(ctx, settings)
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	return t.result(done), append(diags, t.checkPaths()...)
}

// outcome is what a run left.
type outcome struct {
	rc             int
	stdout, stderr string
	changed        bool
}

func (t *task) result(o outcome) cty.Value {
	return t.with(map[string]cty.Value{
		"rc":      cty.NumberIntVal(int64(o.rc)),
		"stdout":  cty.StringVal(o.stdout),
		"stderr":  cty.StringVal(o.stderr),
		"changed": cty.BoolVal(o.changed),
	})
}

// notRun is the result of a command that had nothing to do. What it would have
// written is null and not empty, in place of which the core puts what the last
// run wrote. Where that isn't known, who refers to it gets an error, and not a
// file that loses its content.
func (t *task) notRun() cty.Value {
	return t.with(map[string]cty.Value{
		"rc":      cty.NullVal(cty.Number),
		"stdout":  cty.NullVal(cty.String),
		"stderr":  cty.NullVal(cty.String),
		"changed": cty.False,
	})
}

// unknownResult is the result of a run that is to come. Without a guard it
// comes for sure, and where nothing judges it, it is a change.
func (t *task) unknownResult(v verdict) cty.Value {
	changed := cty.UnknownVal(cty.Bool)
	if v.fidelity == plugin.Opaque && t.config.ChangedWhen.Eval == nil {
		changed = cty.True
	}
	return t.with(map[string]cty.Value{
		"rc":      cty.UnknownVal(cty.Number),
		"stdout":  cty.UnknownVal(cty.String),
		"stderr":  cty.UnknownVal(cty.String),
		"changed": changed,
	})
}

// with returns the configuration with the computed attributes set.
func (t *task) with(computed map[string]cty.Value) cty.Value {
	attributes := t.value.AsValueMap()
	maps.Copy(attributes, computed)
	return cty.ObjectVal(attributes)
}
