package agent

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/agent/approval"
	"github.com/driftless-hq/driftless/agent/bus"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/audit"
	"github.com/driftless-hq/driftless/internal/exposition"
	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin/event"
)

// acknowledging is an agent that is no more than what acknowledgements take,
// with a clock that is moved by hand.
type acknowledging struct {
	*testing.T
	*Agent
	elapsed atomic.Int64 // nanoseconds; the courier asks for the time, too
}

func newAcknowledging(t *testing.T, secrets ...string) *acknowledging {
	t.Helper()
	a := &acknowledging{T: t, Agent: observer(t, secrets...)}
	a.Now, a.dataDir = func() time.Time { return time.Unix(100_000, a.elapsed.Load()) }, t.TempDir()
	var err error
	if a.acknowledged, err = approval.Open(a.dataDir, approval.Drift, a.Now); err != nil {
		t.Fatal(err)
	}
	a.audit = audit.Open(a.dataDir, audit.Options{})
	a.history = openHistory(a.dataDir, time.Hour, a.Options)
	a.courier = newCourier(a.history, bus.New(bus.Options{Log: a.Agent.Log, Now: a.Now}), a.Agent.Log)
	a.graph.Store(&eval.Graph{})
	a.routes.Store(&bus.Topology{})
	t.Cleanup(func() {
		if err := a.history.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// look has a run of the task see its stacks: each with the name of what has
// drifted there, empty for nothing.
func (a *acknowledging) look(stacks map[string]string) {
	a.Helper()
	run := history.Run{Task: infra.String(), At: a.Now(), Extent: history.Whole}
	for name, drifted := range stacks {
		f := plan.FindingRecord{Name: name, Verdict: "clean", Summary: "as declared"}
		if drifted != "" {
			f = drift(differing(drifted, "1", "2"))
			f.Name = name
		}
		run.Observations = append(run.Observations, a.observeFinding(infra, f))
	}
	a.remember(run)
}

func (a *acknowledging) idOf(drifted string) string {
	return a.observeFinding(infra, drift(differing(drifted, "1", "2"))).Fingerprint
}

// of are the stacks whose drift is acknowledged, as the agent shows them.
func (a *acknowledging) of() (names []string) {
	for _, s := range a.Stacks() {
		if s.Drift != nil && s.Drift.Acknowledged != nil {
			names = append(names, s.Name)
		}
	}
	return names
}

func (a *acknowledging) expect(when string, names ...string) {
	a.Helper()
	if diff := cmp.Diff(names, a.of()); diff != "" {
		a.Errorf("%s are acknowledged (-want +got):\n%s", when, diff)
	}
}

func (a *acknowledging) mustAcknowledge(id string) []api.Acknowledgement {
	a.Helper()
	all, err := a.Acknowledge(id, "on-call", "we wait", time.Hour)
	if err != nil {
		a.Fatal(err)
	}
	return all
}

func TestADriftIsAcknowledgedWhereverItIs(t *testing.T) {
	a := newAcknowledging(t)
	a.look(map[string]string{"net": "x", "db": "x", "web": "y", "idle": ""})
	all := a.mustAcknowledge(a.idOf("x")[:8])
	if len(all) != 2 || all[0].Stack != "db" || all[0].Summary != "1 drifted" || !all[0].Since.Equal(a.Now()) || all[0].ID != a.idOf("x") || !all[0].Until.Equal(a.Now().Add(time.Hour)) {
		t.Errorf("acknowledged %+v", all)
	}
	a.expect("those with the drift", "db", "net")
	account, err := os.ReadFile(filepath.Join(a.dataDir, audit.Name))
	if n := strings.Count(string(account), `"event":"acknowledged"`); err != nil || n != 2 || !strings.Contains(string(account), `"reason":"we wait"`) {
		t.Errorf("the account has %d, %v:\n%s", n, err, account)
	}
	a.look(map[string]string{"net": "x", "db": "x", "web": "x", "idle": ""})
	a.expect("but not what others become", "db", "net")

	a.look(map[string]string{"net": "y", "db": "", "web": "x"})
	a.expect("nor what these become")
	if all := a.Acknowledgements(); len(all) != 1 || all[0].Stack != "db" || !all[0].Since.IsZero() {
		t.Errorf("what is gone may come back, what is another may not: %+v", all)
	}
	a.look(map[string]string{"net": "x", "db": "x", "web": "x"})
	a.expect("what comes back is", "db")
	a.look(map[string]string{"net": "x"})
	if all := a.Acknowledgements(); len(all) != 0 {
		t.Errorf("of a stack that is gone there is %+v", all)
	}
}

func TestAnAcknowledgementEndsInTime(t *testing.T) {
	a := newAcknowledging(t)
	a.look(map[string]string{"net": "x"})
	a.mustAcknowledge(a.idOf("x"))
	a.elapsed.Add(int64(time.Hour - 1))
	a.heedAcknowledgements()
	a.expect("before", "net")
	a.elapsed.Add(1)
	a.heedAcknowledgements()
	a.expect("after that")
	last := a.History(func(history.Transition) bool { return true }, 1)
	if len(last) != 1 || last[0].Event != history.New || last[0].Ended == nil {
		t.Errorf("told is %+v", last)
	}
}

// TestAnAcknowledgementOutlivesTheHistory has that be lost, and a run tell of one
// stack before the other.
func TestAnAcknowledgementOutlivesTheHistory(t *testing.T) {
	a := newAcknowledging(t)
	a.look(map[string]string{"net": "x", "db": "x"})
	a.mustAcknowledge(a.idOf("x"))
	if err := a.history.Close(); err != nil {
		t.Fatal(err)
	}
	a.history = openHistory(t.TempDir(), time.Hour, a.Options)
	a.remember(a.failedRun(infra, "there is no repository"))
	found := drift(differing("x", "1", "2"))
	found.Name = "db"
	a.remember(history.Run{Task: infra.String(), At: a.Now(), Extent: history.Part, Observations: []history.Observation{a.observeFinding(infra, found)}})
	a.expect("while the run goes on", "db")
	a.look(map[string]string{"net": "x", "db": "x"})
	a.expect("after it", "db", "net")
}

func TestAnAcknowledgementIsTakenBack(t *testing.T) {
	a := newAcknowledging(t)
	a.look(map[string]string{"net": "x", "db": "x"})
	a.mustAcknowledge(a.idOf("x"))
	if all, err := a.Unacknowledge(a.idOf("x")[:8], "joe"); err != nil || len(all) != 2 {
		t.Errorf("taken back: %+v, %v", all, err)
	}
	a.expect("after that")
	if _, err := a.Unacknowledge(a.idOf("x"), "joe"); !errors.Is(err, api.ErrNotAcknowledged) {
		t.Errorf("once more: %v", err)
	}
	account, err := os.ReadFile(filepath.Join(a.dataDir, audit.Name))
	if n := strings.Count(string(account), `"actor":"joe"`); err != nil || n != 2 {
		t.Errorf("the account has %d, %v:\n%s", n, err, account)
	}
}

func TestWhyNothingIsAcknowledged(t *testing.T) {
	a := newAcknowledging(t)
	a.look(map[string]string{"net": "x", "db": "y", "idle": ""})
	for name, test := range map[string]struct {
		id   string
		want error
	}{
		"a drift that there isn't": {"0123456789abcdef", api.ErrNoDrift},
		"more than one drift":      {"", api.ErrAmbiguous},
	} {
		if _, err := a.Acknowledge(test.id, "on-call", "", time.Hour); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	remedied := drift(differing("z", "1", "2"))
	remedied.Name, remedied.Remedy = "web", &plan.Remedy{State: plan.RemedyAwaiting, ID: "5fae16d0c2b94e77"}
	a.remember(history.Run{Task: infra.String(), At: a.Now(), Observations: []history.Observation{a.observeFinding(infra, remedied)}})
	_, err := a.Acknowledge(remedied.Remedy.ID, "on-call", "", time.Hour)
	if !errors.Is(err, api.ErrNoDrift) || !strings.Contains(err.Error(), "which driftless approve takes") {
		t.Errorf("to acknowledge a remedy: %v", err)
	}
	_, err = a.Approve(a.idOf("x")[:12], "on-call", "", time.Hour)
	if !errors.Is(err, api.ErrNotAwaited) || !strings.Contains(err.Error(), "which driftless acknowledge takes") {
		t.Errorf("to approve of a drift: %v", err)
	}
	for _, drifted := range []string{"x", "y"} {
		a.mustAcknowledge(a.idOf(drifted))
	}
	if _, err := a.Unacknowledge("", "on-call"); !errors.Is(err, api.ErrAmbiguous) {
		t.Errorf("to take back more than one: %v", err)
	}
	if err := os.Remove(filepath.Join(a.dataDir, audit.Name)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(a.dataDir, audit.Name), 0o700); err != nil {
		t.Fatal(err)
	}
	a.look(map[string]string{"net": "z", "db": "y", "idle": ""})
	if _, err := a.Acknowledge(a.idOf("z"), "on-call", "", time.Hour); err == nil || !strings.Contains(err.Error(), "no account") {
		t.Errorf("without an account: %v", err)
	}
	a.expect("after all that", "db")
	a.graph.Store(nil)
	if _, err := a.Acknowledge(a.idOf("y"), "on-call", "", time.Hour); !errors.Is(err, api.ErrStarting) {
		t.Errorf("an agent that is starting: %v", err)
	}
	if _, err := a.Unacknowledge(a.idOf("y"), "on-call"); !errors.Is(err, api.ErrStarting) {
		t.Errorf("and to take it back: %v", err)
	}
}

func TestTheReasonOfAnAcknowledgementHidesSecrets(t *testing.T) {
	a := newAcknowledging(t, "canary-1234")
	a.look(map[string]string{"net": "x"})
	all, err := a.Acknowledge(a.idOf("x"), "on-call", "as canary-1234 says", time.Hour)
	if err != nil || len(all) != 1 || strings.Contains(all[0].Reason, "canary") {
		t.Errorf("got %+v, %v", all, err)
	}
}

// TestAlertsCanLeaveOutWhatIsAcknowledged by a series of its own.
func TestAlertsCanLeaveOutWhatIsAcknowledged(t *testing.T) {
	a := newAcknowledging(t)
	a.look(map[string]string{"net": "x", "db": "y"})
	a.mustAcknowledge(a.idOf("x"))
	net, db := checked("net", "drifted", a.Now(), nil), checked("db", "drifted", a.Now(), nil)
	var b event.Builder
	a.driftMetrics(&b, map[addr.Addr]taskState{infra: {findings: []plan.FindingRecord{net, db}}}, a.Now())
	exposed, problems := exposition.Append(nil, b.Batch())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	text := string(exposed)
	want := `driftless_drift_acknowledged_until_timestamp_seconds{task="task.terraform.infra",stack="net",workspace="default"} 103600`
	if lines := strings.Split(text, "\n"); !slices.Contains(lines, want) || strings.Count(text, "acknowledged_until_timestamp_seconds{") != 1 {
		t.Errorf("there is no %s, or more than that, in:\n%s", want, text)
	}
}

// send makes a request with a token and reads the answer.
func (r *running) send(token, method, path, body string, answer any) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, "http://"+r.address+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil || response.StatusCode != http.StatusOK {
		r.t.Fatalf("%s %s: %s, %v", method, path, response.Status, err)
	}
}

// only is what is known of the only task.
func (r *running) only(token string) api.Stack {
	r.t.Helper()
	var answer api.Stacks
	if r.send(token, "GET", "/v1/stacks", "", &answer); len(answer.Stacks) != 1 {
		r.t.Fatalf("there are %+v", answer.Stacks)
	}
	return answer.Stacks[0]
}

// TestWhatIsAcknowledgedIsToldNoMore has an agent that tells a sink, and is
// started again.
func TestWhatIsAcknowledgedIsToldNoMore(t *testing.T) {
	l, dir := newLab(), t.TempDir()
	l.say("done task.lab.watched", "wrong")
	config := strings.Replace(withToken("one", "operator"), "agent {", "agent {\n  defaults { task_interval = \"100ms\" }", 1) + watchedInPipeline
	r := startAgentIn(t, dir, l, config)
	r.untilTold("new")
	var answer api.Acknowledgements
	r.send("one", "POST", "/v1/acknowledgements", `{"id":"`+r.only("one").Fingerprint+`","reason":"we wait","lasts":"1h"}`, &answer)
	if len(answer.Acknowledgements) != 1 || answer.Acknowledgements[0].By != "someone" {
		t.Fatalf("answered with %+v", answer)
	}
	r.untilTold("new", "acknowledged")
	l.say("done task.lab.watched", "right")
	r.untilTold("new", "acknowledged", "resolved")
	l.say("done task.lab.watched", "wrong")
	isBack := func() bool { s := r.only("one"); return s.Drift != nil && s.Drift.Untold }
	r.until("it is back", isBack)
	r.untilRunAnew("task.lab.watched")
	r.untilTold("new", "acknowledged", "resolved")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	r = startAgentIn(t, dir, l, config)
	r.untilRunAnew("task.lab.watched")
	r.until("it is still acknowledged", isBack)
	r.send("one", "DELETE", "/v1/acknowledgements/"+r.only("one").Fingerprint, "", &answer)
	r.untilTold("new", "acknowledged", "resolved", "new")
	r.untilRunAnew("task.lab.watched")
	if s := r.only("one"); s.Drift == nil || s.Drift.Acknowledged != nil || s.Drift.Untold {
		t.Errorf("once it is taken back: %+v", s.Drift)
	}
}
