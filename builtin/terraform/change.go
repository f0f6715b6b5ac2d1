package terraform

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// change makes the results a change. Its before is what the task would be if
// all stacks were clean, its after what it is: that is what others refer to,
// and a diff of the two reads as what happened.
func (t *task) change(results []result) plugin.Change {
	c := plugin.Change{
		Action: plugin.NoOp, Fidelity: plugin.Exact,
		Before: t.resultValue(asClean(results)), After: t.resultValue(results),
	}
	for _, res := range results {
		c.Findings = append(c.Findings, t.finding(res))
		if res.verdict != clean {
			c.Action = plugin.Update
			c.Reasons = append(c.Reasons, fmt.Sprintf("%s is %s", res.path, res.verdict))
		}
	}
	return c
}

func asClean(results []result) []result {
	cleaned := make([]result, len(results))
	for i, res := range results {
		cleaned[i] = result{path: res.path, verdict: clean, ignored: res.ignored}
	}
	return cleaned
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
		stacks[res.path] = t.stackValue(res)
	}
	attrs["verdict"] = cty.StringVal(string(worst))
	attrs["results"] = cty.MapVal(stacks)
	attrs["drifted"] = cty.NumberIntVal(moved)
	attrs["pending"] = cty.NumberIntVal(wanting)
	return cty.ObjectVal(attrs)
}

func (t *task) stackValue(res result) cty.Value {
	commit, failure := cty.NullVal(cty.String), cty.NullVal(cty.String)
	if t.cfg.Source != nil && t.cfg.Source.Commit != "" {
		commit = cty.StringVal(t.cfg.Source.Commit)
	}
	if res.problem != nil {
		failure = cty.StringVal(res.problem.summary + ": " + res.problem.detail)
	}
	return cty.ObjectVal(map[string]cty.Value{
		"path":    cty.StringVal(res.path),
		"verdict": cty.StringVal(string(res.verdict)),
		"commit":  commit,
		"error":   failure,
		"drifted": cty.NumberIntVal(int64(res.drifted)),
		"pending": cty.NumberIntVal(int64(res.pending)),
		"ignored": cty.NumberIntVal(int64(res.ignored)),
	})
}

func (t *task) finding(res result) plugin.Finding {
	f := plugin.Finding{Name: res.path, Verdict: string(res.verdict), Summary: summarize(res), Value: t.stackValue(res)}
	for _, e := range res.entries {
		entry := plugin.Entry{Name: e.address, Class: string(e.class), Action: e.action}
		for _, a := range e.attributes {
			entry.Attributes = append(entry.Attributes, plugin.Differ{Path: a.path, Before: a.before, After: a.after})
		}
		f.Detail = append(f.Detail, entry)
	}
	return f
}

// summarize says in one line what a check found.
func summarize(res result) string {
	if res.problem != nil {
		return res.problem.summary
	}
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{
		{res.drifted, "drifted"}, {res.pending, "pending"}, {res.ignored, "ignored"},
		{res.accepted, "changed outside as the code allows"}, {res.moved, "moved to another address"}, {res.failedChecks, "failed checks"},
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
