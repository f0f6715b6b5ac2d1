package agent

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/agent/approval"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/plugin"
)

const watched = `
task "lab" "watched" {
  text        = "right"
  enforcement = "detect"
}
`

const watchedInPipeline = watched + `
pipeline "events" {
  from = [task.lab.watched]
  to   = [sink.lab.out]
}
sink "lab" "out" {}
`

// told are the transitions that the sinks got, in order.
func (l *lab) told() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for _, line := range l.written {
		if m := regexp.MustCompile(`"transition":"([a-z]+)"`).FindStringSubmatch(line); m != nil {
			all = append(all, m[1])
		}
	}
	return all
}

func (r *running) untilTold(want ...string) {
	r.t.Helper()
	r.until(strings.Join(want, ", ")+" is told", func() bool { return cmp.Equal(want, r.lab.told()) })
}

// untilRunAnew waits until a task was run from the beginning.
func (r *running) untilRunAnew(task string) {
	r.t.Helper()
	runs := r.lab.count("plan " + task)
	r.untilNoted("plan "+task, runs+2)
}

func (r *running) stacks() (answer api.Stacks) {
	r.t.Helper()
	if err := json.Unmarshal([]byte(r.get("/v1/stacks")), &answer); err != nil {
		r.t.Fatal(err)
	}
	return answer
}

func TestWhatASinkRefusedUntilTheEndIsToldAfterTheNextStart(t *testing.T) {
	l, dir := newLab(), t.TempDir()
	l.say("done task.lab.watched", "wrong")
	l.fail("sink.lab.out", true)
	r := startAgentIn(t, dir, l, settings+watchedInPipeline)
	r.untilState("task.lab.watched", api.StateDrifted)
	r.until("it waits to be told", func() bool { return r.status().History.Untold == 1 })
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	l.fail("sink.lab.out", false)
	r = startAgentIn(t, dir, l, settings+watchedInPipeline)
	r.untilTold("new")
	r.until("nothing waits", func() bool { return r.status().History.Untold == 0 })
	r.untilRunAnew("task.lab.watched")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	r = startAgentIn(t, dir, l, settings+watchedInPipeline)
	r.untilRunAnew("task.lab.watched")
	r.untilTold("new")
}

func TestAFailureOfATaskIsToldOnceAndSoIsItsEnd(t *testing.T) {
	l := newLab()
	r := startAgent(t, l, watchedInPipeline)
	r.untilState("task.lab.watched", api.StateOK)
	l.fail("task.lab.watched", true)
	r.untilTold("error")
	r.untilRunAnew("task.lab.watched")
	l.fail("task.lab.watched", false)
	l.say("done task.lab.watched", "wrong")
	r.untilTold("error", "recovered", "new")
	r.untilRunAnew("task.lab.watched")
	l.say("done task.lab.watched", "right")
	r.untilTold("error", "recovered", "new", "resolved")
	r.untilRunAnew("task.lab.watched")
	r.untilTold("error", "recovered", "new", "resolved")
}

func TestWithoutAPipelineThereIsHistoryButNothingWaits(t *testing.T) {
	l := newLab()
	l.say("done task.lab.watched", "wrong")
	r := startAgent(t, l, watched)
	r.untilState("task.lab.watched", api.StateDrifted)
	r.until("it is known", func() bool { return strings.Contains(r.get("/v1/history"), `"event": "new"`) })
	if n := r.status().History.Untold; n != 0 {
		t.Errorf("%d wait to be told", n)
	}
	if s := r.stacks().Stacks; len(s) != 1 || s[0].Drift == nil || !s[0].Fresh {
		t.Errorf("stacks: %+v", s)
	}
	r.mustReload(`task "lab" "other" {}`)
	r.until("the task is forgotten", func() bool {
		s := r.stacks().Stacks
		return len(s) == 1 && s[0].Task == "task.lab.other"
	})
}

func TestATaskThatIsOffIsForgotten(t *testing.T) {
	l := newLab()
	l.say("done task.lab.watched", "wrong")
	r := startAgent(t, l, watched)
	r.until("it has drifted", func() bool { s := r.stacks().Stacks; return len(s) == 1 && s[0].Drift != nil })
	r.mustReload(strings.Replace(watched, "detect", "off", 1))
	if s := r.stacks().Stacks; len(s) != 0 {
		t.Errorf("nobody looks at it any more, but it is told: %+v", s)
	}
}

// 65 of the failures that an agent has to stand.
func TestAnAgentStartsWithADamagedHistory(t *testing.T) {
	l, dir := newLab(), t.TempDir()
	data := filepath.Join(dir, "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "history"), []byte("this is no history"), 0o600); err != nil {
		t.Fatal(err)
	}
	l.say("done task.lab.watched", "wrong")
	r := startAgentIn(t, dir, l, settings+watchedInPipeline)
	r.untilTold("new")
	if _, err := os.Stat(filepath.Join(data, "history.corrupt")); err != nil {
		t.Error(err)
	}
}

// 66 of the failures that an agent has to stand.
func TestAnAgentWhoseHistoryCantBeWrittenSaysSoAndTellsAll(t *testing.T) {
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skipf("a device that is full is needed for this: %v", err)
	}
	l, dir := newLab(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"history", "history.new"} {
		if err := os.Symlink(full, filepath.Join(dir, "data", name)); err != nil {
			t.Fatal(err)
		}
	}
	l.say("done task.lab.watched", "wrong")
	r := startAgentIn(t, dir, l, settings+watchedInPipeline)
	r.untilTold("new")
	if problem := r.status().History.Error; !strings.Contains(problem, "no space left on device") {
		t.Errorf("the status says %q", problem)
	}
	l.say("done task.lab.watched", "right")
	r.untilTold("new", "resolved")
	if err := os.Remove(filepath.Join(dir, "data", "history.new")); err != nil {
		t.Fatal(err)
	}
	r.until("there is room", func() bool { return r.status().History.Error == "" })
}

// observer is an agent that is no more than what observations take.
func observer(t *testing.T, secrets ...string) *Agent {
	t.Helper()
	hidden := redact.New()
	for _, s := range secrets {
		hidden.Add(s)
	}
	now := func() time.Time { return time.Unix(1000, 0) }
	dir := t.TempDir()
	approvals, err := approval.Open(dir, approval.Remedies, now)
	if err != nil {
		t.Fatal(err)
	}
	acknowledged, err := approval.Open(dir, approval.Drift, now)
	if err != nil {
		t.Fatal(err)
	}
	return &Agent{Options: Options{Hidden: hidden, Now: now, Log: hclog.NewNullLogger()}, key: []byte("key"), approvals: approvals, acknowledged: acknowledged}
}

var infra = addr.Addr{Kind: addr.Task, Type: "terraform", Name: "infra"}

func drift(resources ...plan.EntryRecord) plan.FindingRecord {
	return plan.FindingRecord{Name: "net", Verdict: "drifted", Summary: "1 drifted", Resources: resources}
}

func differing(name, before, after string) plan.EntryRecord {
	return plan.EntryRecord{Name: name, Class: "drift", Action: plugin.Update, Attributes: []plan.DifferRecord{{Path: "a", Before: before, After: after}}}
}

func TestTheFingerprintIsThatOfTheDifferences(t *testing.T) {
	a := observer(t)
	of := func(f plan.FindingRecord) string { return a.observeFinding(infra, f).Fingerprint }
	base := of(drift(differing("x", "1", "2"), differing("y", "1", "2")))
	other := drift(differing("y", "1", "2"), differing("x", "1", "2"))
	other.Summary, other.Name = "1 drifted, 3 ignored", "db"
	if of(other) != base {
		t.Error("it changes with the order, the stack, or what is ignored")
	}
	for name, f := range map[string]plan.FindingRecord{
		"another value":    drift(differing("x", "1", "3"), differing("y", "1", "2")),
		"another resource": drift(differing("x", "1", "2"), differing("z", "1", "2")),
		"one less":         drift(differing("x", "1", "2")),
	} {
		if of(f) == base {
			t.Errorf("%s has the same fingerprint", name)
		}
	}
	if a.observeFinding(infra, plan.FindingRecord{Name: "net", Verdict: "clean", Summary: "as declared"}).Fingerprint != "" {
		t.Error("what is clean has a fingerprint")
	}
	a.key = []byte("another key")
	if of(drift(differing("x", "1", "2"), differing("y", "1", "2"))) == base {
		t.Error("it is a mere digest, which anybody can try out values with")
	}
}

// A stack that is held back after a failure is not checked again for long. It
// is stale all the same, from the moment that it is.
func TestAStackThatIsHeldBackGrowsOld(t *testing.T) {
	a := observer(t)
	at := func(verdict string) history.Observation {
		value := cty.ObjectVal(map[string]cty.Value{"checked": cty.NumberIntVal(400), "stale_after": cty.NumberIntVal(500)})
		return a.observeFinding(infra, plan.FindingRecord{Name: "net", Verdict: verdict, Value: value})
	}
	state, _ := history.Advance(history.State{}, at("clean"))
	if !state.LastSuccess.Equal(time.Unix(400, 0)) {
		t.Fatalf("it was checked at %s", state.LastSuccess)
	}
	state, transitions := history.Advance(state, at("error"))
	if n := len(transitions); n != 2 || transitions[1].Event != history.Stale || !transitions[1].At.Equal(a.Now()) || state.Verdict != history.Aged {
		t.Errorf("%s after %+v", state.Verdict, transitions)
	}
}

func TestNoSecretIsRemembered(t *testing.T) {
	const secret = "hunter2-hunter2"
	a := observer(t, secret)
	f := drift(differing("module[\""+secret+"\"]", "1", secret))
	f.Name, f.Verdict, f.Summary = "stack "+secret, "error", "failed with "+secret
	f.Value = cty.ObjectVal(map[string]cty.Value{"error": cty.StringVal("denied: " + secret)})
	f.Ignored = []plan.IgnoredRecord{{Address: secret, Attributes: []string{secret}, By: plan.IgnoredBy{Pattern: secret, Reason: secret, Owner: secret}}}
	o := a.observeFinding(infra, f)
	text, err := json.Marshal(o)
	if err != nil || strings.Contains(string(text), secret) {
		t.Errorf("%v: %s", err, text)
	}
	if o.Error == "" || o.Verdict != history.Failed {
		t.Errorf("observed %+v", o)
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	a := observer(t)
	var many []plan.EntryRecord
	for i := range 10 * maxResources {
		one := differing(fmt.Sprint(i), strings.Repeat("é", maxText), "")
		for range 10 * maxResources {
			one.Attributes = append(one.Attributes, plan.DifferRecord{Path: "b"})
		}
		many = append(many, one)
	}
	f := drift(many...)
	for range 10 * maxResources {
		f.Ignored = append(f.Ignored, plan.IgnoredRecord{Address: "x", Attributes: []string{strings.Repeat("é", maxText)}})
	}
	o := a.observeFinding(infra, f)
	if n := len(o.Ignored.Parts); n == 0 || n+o.Ignored.Further != 10*maxResources {
		t.Errorf("%d of what is ignored, and %d more", n, o.Ignored.Further)
	}
	if len(o.Resources) != maxResources || len(o.Resources[0].Attributes) != maxResources || !o.Truncated {
		t.Errorf("%d resources with %d attributes, truncated %t", len(o.Resources), len(o.Resources[0].Attributes), o.Truncated)
	}
	if text, err := json.Marshal(o); err != nil || len(text) > 3*maxFound {
		t.Errorf("%d bytes are kept of one stack, %v", len(text), err)
	}
	if text := o.Resources[0].Attributes[0].Before; len(text) > maxText || !strings.HasSuffix(text, cutOffMessage) {
		t.Errorf("a text of %d bytes: ...%s", len(text), text[len(text)-20:])
	}
}

func TestALockIsNoError(t *testing.T) {
	f := plan.FindingRecord{Name: "net", Verdict: "locked", Summary: "Error acquiring the state lock", Value: cty.ObjectVal(map[string]cty.Value{
		"error": cty.StringVal("Error acquiring the state lock: by joe"), "checked": cty.NumberIntVal(900), "stale_after": cty.NumberIntVal(60),
		"commit": cty.NullVal(cty.String),
	}), Remedy: &plan.Remedy{Strategy: "plan", State: "proposed"}}
	o := observer(t).observeFinding(infra, f)
	if o.Error != "" || !o.At.Equal(observer(t).Now()) || o.StaleAfter != time.Minute || o.Remedy.State != "proposed" || o.Commit != "" {
		t.Errorf("observed %+v", o)
	}
}
