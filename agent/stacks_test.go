package agent

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/exposition"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// checked is what a check of a stack says, at a time.
func checked(path, verdict string, at time.Time, more map[string]cty.Value, resources ...plan.EntryRecord) plan.FindingRecord {
	attrs := map[string]cty.Value{
		"path": cty.StringVal(path), "workspace": cty.StringVal("default"), "init": cty.StringVal("first"),
		"cpu_seconds": cty.NumberFloatVal(0.5), "orphans": cty.NumberIntVal(1), "checked": cty.NumberFloatVal(seconds(at)),
		"succeeded": cty.NumberFloatVal(seconds(at)), "stale_after": cty.NumberIntVal(3600), "outputs_changed": cty.NumberIntVal(2),
		"phases": cty.ObjectVal(map[string]cty.Value{"plan": cty.NumberFloatVal(1.5)}),
	}
	maps.Copy(attrs, more)
	return plan.FindingRecord{Name: path, Verdict: verdict, Resources: resources, Value: cty.ObjectVal(attrs)}
}

func exposed(t *testing.T, s taskState, now time.Time) string {
	t.Helper()
	var b event.Builder
	stackMetrics(&b, "task.terraform.x", s, now)
	text, problems := exposition.Append(nil, b.Batch())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return string(text)
}

func TestMetricsOfStacks(t *testing.T) {
	t.Parallel()
	task := addr.Addr{Kind: addr.Task, Type: "terraform", Name: "x"}
	now := time.Unix(100_000, 0)
	var s taskState
	check := func(findings ...plan.FindingRecord) {
		s.findings, s.stacks = findings, keepStacks(countStacks(s.stacks, task, findings), findings)
	}
	expect := func(name string, at time.Time, want, absent []string) {
		t.Helper()
		text := exposed(t, s, at)
		for _, line := range want {
			if !strings.Contains(text, line+"\n") {
				t.Errorf("%s: there is no %s in:\n%s", name, line, text)
			}
		}
		for _, part := range absent {
			if strings.Contains(text, part) {
				t.Errorf("%s: there is %s in:\n%s", name, part, text)
			}
		}
	}
	const net = `{task="task.terraform.x",stack="net",workspace="default"`
	removed := plan.EntryRecord{Name: "a", Class: "drift", Action: plugin.Delete}

	check(checked("net", "drifted", now, map[string]cty.Value{"ignore_expires": cty.NumberIntVal(200_000)}, removed), checked("db", "clean", now, nil))
	expect("drift", now, []string{
		`driftless_terraform_ignore_expires_timestamp_seconds{task="task.terraform.x"} 200000`,
		`driftless_terraform_stack_state` + net + `,state="drifted"} 1`,
		`driftless_terraform_drifted_resources` + net + `,action="delete"} 1`,
		`driftless_terraform_outputs_changed` + net + `} 2`,
		`driftless_terraform_checks_total` + net + `,result="drifted"} 1`,
		`driftless_terraform_init_total` + net + `,reason="first"} 1`,
		`driftless_terraform_cpu_seconds_total` + net + `} 0.5`,
		`driftless_terraform_last_check_duration_seconds` + net + `,phase="plan"} 1.5`,
	}, nil)
	check(checked("net", "drifted_pending", now, nil, resource("a", "drift", plugin.Update), resource("a", "both", plugin.Update), resource("a", "pending", plugin.Update), resource("b", "drift", plugin.Update), resource("c", "pending", plugin.Forget)))
	expect("a resource that differs for every reason is one", now, []string{
		`driftless_terraform_drifted_resources` + net + `,action="update"} 2`,
		`driftless_terraform_pending_resources` + net + `,action="update"} 1`,
		`driftless_terraform_pending_resources` + net + `,action="forget"} 1`,
	}, []string{"ignore_expires"})
	s.stacks = nil
	check(checked("net", "drifted", now, nil, removed), checked("db", "clean", now, nil))
	expect("an hour without a check", now.Add(time.Hour), []string{`driftless_terraform_stack_state` + net + `,state="stale"} 1`},
		[]string{"drifted_resources", "outputs_changed"})

	healed := checked("net", "clean", now, nil)
	healed.Remedy = &plan.Remedy{Strategy: "apply", State: "applied"}
	proposed := checked("db", "drifted", now, nil)
	proposed.Remedy = &plan.Remedy{Strategy: "apply", State: "proposed"}
	check(healed, proposed)
	expect("a remedy", now, []string{`driftless_terraform_remediations_total` + net + `,strategy="apply",result="applied"} 1`}, []string{`result="proposed"`})
	s.stacks = countStacks(nil, task, []plan.FindingRecord{checked("net", "drifted", now, nil, removed)})

	failed := map[string]cty.Value{"failure": cty.StringVal("auth"), "failed_in": cty.StringVal("plan"), "init": cty.StringVal("")}
	check(checked("net", "error", now, failed))
	expect("a check that failed, and a stack that is gone", now, []string{
		`driftless_terraform_stack_state` + net + `,state="error"} 1`,
		`driftless_terraform_check_errors_total` + net + `,phase="plan",class="auth"} 1`,
		`driftless_terraform_checks_total` + net + `,result="drifted"} 1`,
		`driftless_terraform_checks_total` + net + `,result="error"} 1`,
		`driftless_terraform_cpu_seconds_total` + net + `} 1`,
	}, []string{"drifted_resources", `stack="db"`})

	failed["held_back"] = cty.True
	check(checked("net", "error", now, failed))
	expect("a stack that is held back", now, []string{`driftless_terraform_checks_total` + net + `,result="error"} 1`}, nil)

	check(checked("net", "drifted", now, nil, removed))
	s.dropOldStacks(task, true)
	expect("a task that could not be planned", now, []string{`driftless_terraform_stack_state` + net + `,state="error"} 1`}, []string{"drifted_resources"})
}
