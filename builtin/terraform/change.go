package terraform

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// change makes the results a change. Where nothing is remedied it is only
// reported: its before is what the task would be if all stacks were clean, its
// after what it is. That is what others refer to, and a diff of the two reads
// as what happened. Where something is, its before is what the task is, and
// its after what it will be.
func (t *task) change(results []result) plugin.Change {
	c := plugin.Change{Action: plugin.NoOp, Fidelity: plugin.Exact}
	if c.Payload = t.payload(results); c.Payload != nil {
		c.Fidelity = plugin.Predicted
		c.Before, c.After = t.resultValue(results), t.resultValue(t.asRemedied(results))
	} else {
		c.Before, c.After = t.resultValue(asClean(results)), t.resultValue(results)
	}
	for _, res := range results {
		c.Findings = append(c.Findings, t.finding(res))
		if res.verdict != clean {
			c.Action = plugin.Update
			c.Reasons = append(c.Reasons, fmt.Sprintf("%s is %s", res.stack.name(), res.verdict))
		}
	}
	c.ReportOnly = c.Action != plugin.NoOp && c.Payload == nil
	return c
}

// asClean keeps what is no difference, such as what is ignored.
func asClean(results []result) []result {
	cleaned := make([]result, len(results))
	for i, res := range results {
		cleaned[i] = res.asClean()
	}
	return cleaned
}

func (r result) asClean() result {
	r.verdict, r.problem = clean, nil
	r.drifted, r.pending, r.moved, r.imported, r.outputs, r.checks = 0, 0, 0, 0, 0, 0
	return r
}

// resultValue is the configuration with the computed attributes.
func (t *task) resultValue(results []result) cty.Value {
	attrs := t.value.AsValueMap()
	worst := clean
	var moved, wanting int64
	stacks := make(map[string]cty.Value, len(results))
	for _, res := range results {
		if severity[res.verdict] > severity[worst] {
			worst = res.verdict
		}
		if res.drifted > 0 {
			moved++
		}
		if res.pending > 0 {
			wanting++
		}
		stacks[res.stack.name()] = t.stackValue(res)
	}
	attrs["verdict"] = cty.StringVal(string(worst))
	attrs["results"] = cty.MapVal(stacks)
	attrs["drifted"] = cty.NumberIntVal(moved)
	attrs["pending"] = cty.NumberIntVal(wanting)
	return cty.ObjectVal(attrs)
}

func (t *task) stackValue(res result) cty.Value { return cty.ObjectVal(t.stackAttrs(res)) }

func (t *task) stackAttrs(res result) map[string]cty.Value {
	commit, failure := cty.NullVal(cty.String), cty.NullVal(cty.String)
	if res.commit != "" {
		commit = cty.StringVal(res.commit)
	}
	if res.problem != nil {
		failure = cty.StringVal(res.problem.summary + ": " + res.problem.detail)
	}
	return map[string]cty.Value{
		"path":            cty.StringVal(res.stack.path),
		"workspace":       cty.StringVal(res.stack.workspace),
		"verdict":         cty.StringVal(string(res.verdict)),
		"commit":          commit,
		"error":           failure,
		"drifted":         count(res.drifted),
		"pending":         count(res.pending),
		"ignored":         count(res.ignored + res.ignoredByFile),
		"accepted":        count(res.accepted),
		"noise":           count(res.noise),
		"moved":           count(res.moved),
		"imported":        count(res.imported),
		"outputs_changed": count(res.outputs),
		"checks_failed":   count(res.checks),
	}
}

func count(n int) cty.Value { return cty.NumberIntVal(int64(n)) }

// unixTime is 0 for no time.
func unixTime(at time.Time) cty.Value {
	if at.IsZero() {
		return cty.Zero
	}
	return cty.NumberFloatVal(float64(at.UnixMilli()) / 1000)
}

// findingValue is what the agent makes its metrics of: what others can refer
// to, and what the check took.
func (t *task) findingValue(res result) cty.Value {
	attrs := t.stackAttrs(res)
	phases := map[string]cty.Value{}
	for p, took := range res.usage.phases {
		phases[string(p)] = cty.NumberFloatVal(took.Seconds())
	}
	failedIn, kind := "", ""
	if res.problem != nil {
		failedIn, kind = string(res.problem.phase), string(res.problem.kind)
	}
	maps.Copy(attrs, map[string]cty.Value{
		"checked":         unixTime(res.checked),
		"succeeded":       unixTime(res.succeeded),
		"managed":         count(res.managed),
		"ignored_by_rule": count(res.ignored),
		"ignored_by_file": count(res.ignoredByFile),
		"ignore_expires":  unixTime(nextExpiry(t.cfg.Ignore, t.now())),
		"held_back":       cty.BoolVal(res.held),
		"kept":            cty.BoolVal(res.kept),
		"stale_after":     cty.NumberFloatVal(t.cfg.StaleAfter.Seconds()),
		"phases":          cty.ObjectVal(phases),
		"init":            cty.StringVal(res.usage.init),
		"engine":          cty.StringVal(res.usage.engine.name),
		"engine_version":  cty.StringVal(res.usage.engine.version),
		"cpu_seconds":     cty.NumberFloatVal(res.usage.cpu.Seconds()),
		"max_rss_bytes":   cty.NumberIntVal(res.usage.maxRSS),
		"memory_bytes":    cty.NumberIntVal(res.usage.memory),
		"orphans":         count(res.usage.orphans),
		"failed_in":       cty.StringVal(failedIn),
		"failure":         cty.StringVal(kind),
		"remedy":          res.remedy.value(),
		"ignored_parts":   ignoredValue(res.ignoredParts),
	})
	return cty.ObjectVal(attrs)
}

func (t *task) finding(res result) plugin.Finding {
	f := plugin.Finding{Name: res.stack.name(), Verdict: string(res.verdict), Summary: summarize(res), Value: t.findingValue(res)}
	for _, e := range res.entries {
		entry := plugin.Entry{Name: e.address, Class: string(e.class), Action: e.action}
		for _, a := range e.attributes {
			entry.Attributes = append(entry.Attributes, plugin.Differ{Path: a.path, Before: a.before, After: a.after})
		}
		f.Detail = append(f.Detail, entry)
	}
	return f
}

// summarize says in one line what a check found, and what is done about it.
func summarize(res result) string {
	if res.remedy == nil {
		return summarizeFound(res)
	}
	return summarizeFound(res) + "; " + res.remedy.String()
}

func summarizeFound(res result) string {
	if res.problem != nil {
		return res.problem.summary
	}
	outputs := res.outputs
	if res.drifted+res.pending > 0 {
		outputs = 0 // they follow from the resources
	}
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{
		{res.drifted, "drifted"}, {res.pending, "pending"}, {res.imported, "to be imported"}, {res.ignored + res.ignoredByFile, "ignored"},
		{res.accepted, "changed outside as the code allows"}, {res.noise, "only written in another way"},
		{res.moved, "moved to another address"}, {outputs, "outputs changed"}, {res.checks, "failed checks"},
	} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	if len(parts) == 0 {
		return "as declared"
	}
	return strings.Join(parts, ", ")
}
