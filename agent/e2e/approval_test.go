package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/internal/history"
)

// The tokens of the agent of an approvalLab.
const (
	viewerToken   = "a-viewers-token"
	operatorToken = "an-operators-token"
)

// approvalLab is a driftLab whose drift is reverted once that is approved, by an
// agent that asks who that is. Checks wait while the file gate isn't there.
type approvalLab struct{ *driftLab }

func newApprovalLab(t *testing.T, names ...string) approvalLab {
	t.Helper()
	lab := approvalLab{newDriftLab(t, names...)}
	terraform := needTerraform(t)
	write(t, lab.command(), fmt.Sprintf("#!/bin/sh\nuntil [ -e %s ]; do sleep 0.02; done\nexec %s \"$@\"\n", lab.gate(), terraform))
	if err := os.Chmod(lab.command(), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, lab.gate(), "")
	return lab
}

func (l approvalLab) command() string { return filepath.Join(l.dir, "terraform") }

func (l approvalLab) gate() string { return filepath.Join(l.dir, "gate") }

func (l approvalLab) shutGate() {
	l.Helper()
	if err := os.Remove(l.gate()); err != nil {
		l.Fatal(err)
	}
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// start runs an agent that looks at its stacks when it starts, and then when it
// is asked to.
func (l approvalLab) start(auth string) *agent {
	l.Helper()
	path := filepath.Join(l.dir, "main.hcl")
	write(l, path, fmt.Sprintf(`
agent {
  listen   = "127.0.0.1:0"
  data_dir = %[1]q
  %[2]s
}
task "terraform" "infra" {
  path          = %[3]q
  binary        = %[4]q
  interval      = "1h"
  confirm_after = "1ms"
  enforcement   = "enforce"
  env           = { TF_CLI_CONFIG_FILE = %[5]q }
  stacks { include = ["*"] }
  remediate {
    strategy = "apply"
    approval = true
    cooldown = "1ms"
    types    = ["fixture_file"]
  }
}
`, filepath.Join(l.dir, "data"), auth, filepath.Join(l.dir, "stacks"), l.command(), l.rc))
	return start(l, nil, "agent", "-config="+path)
}

func (l approvalLab) startNamed() *agent {
	l.Helper()
	return l.start(fmt.Sprintf("auth {\n token \"reader\" {\n  hash = %q\n  role = \"viewer\"\n }\n token \"on-call\" {\n  hash = %q\n  role = \"operator\"\n }\n}",
		hashOf(viewerToken), hashOf(operatorToken)))
}

// ask makes a request with a token, and returns the status; the body is read
// into answer.
func (l approvalLab) ask(a *agent, token, method, path, body string, answer any) int {
	l.Helper()
	request, err := http.NewRequestWithContext(l.Context(), method, "http://"+a.address+path, strings.NewReader(body))
	if err != nil {
		l.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		l.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err == nil {
		err = json.Unmarshal(content, answer)
	}
	if err != nil {
		l.Fatalf("%s %s: %v: %s", method, path, err, content)
	}
	return response.StatusCode
}

func (l approvalLab) approvals(a *agent) []api.Approval {
	l.Helper()
	var answer api.Approvals
	l.ask(a, operatorToken, http.MethodGet, "/v1/approvals", "", &answer)
	return answer.Approvals
}

// awaited waits for the one remedy of a stack that awaits an approval, other
// than one that did before.
func (l approvalLab) awaited(a *agent, stack, before string) (found api.Approval) {
	l.Helper()
	until(l, "the remedy of "+stack+" awaits an approval", func() bool {
		for _, one := range l.approvals(a) {
			if one.Stack == stack && one.Granted == nil && one.Remedy.ID != before {
				found = one
				return true
			}
		}
		return false
	})
	return found
}

// approve asks for a remedy to be applied, and returns what is said instead.
func (l approvalLab) approve(a *agent, token, id string) (code int, detail string) {
	l.Helper()
	var answer struct{ Detail string }
	body := fmt.Sprintf(`{"id": %q, "reason": "it was not us"}`, id)
	return l.ask(a, token, http.MethodPost, "/v1/approvals", body, &answer), answer.Detail
}

// check has the stacks checked, whatever their interval.
func (l approvalLab) check(a *agent) {
	l.Helper()
	began := time.Now()
	var answer api.Check
	if code := l.ask(a, operatorToken, http.MethodPost, "/v1/tasks/task.terraform.infra/check", "", &answer); code != http.StatusAccepted {
		l.Fatalf("the check was answered with %d", code)
	}
	until(l, "the stacks are checked", func() bool {
		var answer api.Stacks
		l.ask(a, operatorToken, http.MethodGet, "/v1/stacks", "", &answer)
		return len(answer.Stacks) > 0 && answer.Stacks[0].LastCheck.After(began)
	})
}

func (l approvalLab) untilReverted(name string) {
	l.Helper()
	until(l, name+" is reverted", func() bool { return content(l.file(name)) == "as declared" })
}

// last waits for the newest transition to be of an event, and returns it.
func (l approvalLab) last(a *agent, event history.Event) (last history.Transition) {
	l.Helper()
	until(l, string(event)+" is in the history", func() bool {
		var past api.History
		l.ask(a, operatorToken, http.MethodGet, "/v1/history?limit=1", "", &past)
		if len(past.Transitions) == 1 {
			last = past.Transitions[0]
		}
		return last.Event == event
	})
	return last
}

// driftlessAs runs a command with a token in its environment.
func (l approvalLab) driftlessAs(token string, a *agent, args ...string) (out string, code int) {
	l.Helper()
	cmd := exec.Command(binary, append(args, "-address="+a.address)...)
	cmd.Env = append(os.Environ(), "DRIFTLESS_TOKEN="+token)
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	_ = cmd.Run() // the code says how it ended
	return text.String(), cmd.ProcessState.ExitCode()
}

// TestWhatIsApprovedIsRevertedOnce goes from drift to an approval, to what has
// become of it; and to the next drift, which takes another.
func TestWhatIsApprovedIsRevertedOnce(t *testing.T) {
	l := newApprovalLab(t, "a")
	l.by("by hand", "a")
	a := l.startNamed()
	one := l.awaited(a, "a", "")
	if len(one.Remedy.Changes) != 1 || one.Remedy.Changes[0].Address != "fixture_file.this" || one.Remedy.Changes[0].Action != "update" || one.Since.IsZero() {
		t.Errorf("it awaits an approval of %+v", one)
	}
	id := one.Remedy.ID
	for _, refused := range []struct {
		name, token, id string
		code            int
		detail          string
	}{
		{"a viewer", viewerToken, id, 403, "this needs the role operator"},
		{"nobody", "", id, 401, "this needs a token"},
		{"an id that nobody awaits", operatorToken, "0000000000000000", 404, "GET /v1/approvals"},
		{"all ids", operatorToken, "*", 404, "no remedy awaits"},
	} {
		if code, detail := l.approve(a, refused.token, refused.id); code != refused.code || !strings.Contains(detail, refused.detail) {
			t.Errorf("%s: got %d %s", refused.name, code, detail)
		}
	}
	if out, code := l.driftlessAs(operatorToken, a, "drift"); code != 0 || !strings.Contains(out, "to update fixture_file.this: driftless approve "+id) {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	if content(l.file("a")) != "by hand" {
		t.Error("it was reverted before it was approved")
	}
	if code, detail := l.approve(a, operatorToken, id); code != http.StatusAccepted {
		t.Fatalf("got %d %s", code, detail)
	}
	l.untilReverted("a")
	remedied := l.last(a, history.Remediated)
	if remedied.Remedy.ApprovedBy != "on-call" || remedied.Remedy.ID != id {
		t.Errorf("the history has %+v", remedied.Remedy)
	}
	until(t, "the approval is used up", func() bool { return len(l.approvals(a)) == 0 })
	if out, code := l.driftlessAs(operatorToken, a, "history"); code != 0 || !strings.Contains(out, "as on-call had approved") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	account := read(t, filepath.Join(l.dir, "data", "audit.jsonl"))
	approved, applied := strings.Index(account, `"actor":"on-call"`), strings.Index(account, `"event":"before"`)
	if approved < 0 || applied < approved || !strings.Contains(account[:applied], id) || !strings.Contains(account[:applied], "it was not us") {
		t.Errorf("the account is:\n%s", account)
	}

	l.by("by hand", "a") // the same as before
	l.check(a)
	if again := l.awaited(a, "a", ""); again.Remedy.ID == id {
		t.Error("the same drift, after it was reverted, has the same id")
	}
	if content(l.file("a")) != "by hand" {
		t.Error("an approval counts twice")
	}
	a.mustStop()
}

// TestAnApprovalOutlivesTheAgent has the agent killed after an approval, and
// before the check that would have used it has begun in earnest.
func TestAnApprovalOutlivesTheAgent(t *testing.T) {
	l := newApprovalLab(t, "a")
	l.by("by hand", "a")
	a := l.startNamed()
	id := l.awaited(a, "a", "").Remedy.ID
	l.shutGate()
	if out, code := l.driftlessAs(operatorToken, a, "approve", "-reason=it was not us", id); code != 0 || !strings.Contains(out, "to update fixture_file.this") {
		t.Fatalf("exit code %d:\n%s", code, out)
	}
	if code, detail := l.approve(a, operatorToken, id); code != http.StatusConflict || !strings.Contains(detail, "on-call") {
		t.Errorf("to approve of it again: %d %s", code, detail)
	}
	a.signal(syscall.SIGKILL)
	<-a.exited
	if content(l.file("a")) != "by hand" {
		t.Fatal("the check did not wait")
	}

	a = l.startNamed()
	if all := l.approvals(a); len(all) != 1 || all[0].Granted == nil || all[0].Granted.By != "on-call" {
		t.Errorf("after the restart is known: %+v", all)
	}
	write(t, l.gate(), "")
	l.untilReverted("a")
	if remedied := l.last(a, history.Remediated); remedied.Remedy.ApprovedBy != "on-call" {
		t.Errorf("the history has %+v", remedied.Remedy)
	}
	a.mustStop()
}

// TestAnApprovalIsOfOneDriftAndNoOther approves of what has changed meanwhile,
// and takes back what was approved.
func TestAnApprovalIsOfOneDriftAndNoOther(t *testing.T) {
	l := newApprovalLab(t, "a")
	l.by("by hand", "a")
	a := l.startNamed()
	id := l.awaited(a, "a", "").Remedy.ID
	l.by("by another hand", "a")
	if code, detail := l.approve(a, operatorToken, id); code != http.StatusAccepted {
		t.Fatalf("got %d %s", code, detail)
	}
	another := l.awaited(a, "a", id).Remedy.ID
	until(t, "the approval has ended", func() bool { return len(l.approvals(a)) == 1 })
	l.check(a)
	if got := content(l.file("a")); got != "by another hand" {
		t.Errorf("the file is %q", got)
	}
	if code, _ := l.approve(a, operatorToken, id); code != http.StatusNotFound {
		t.Errorf("what is no more is answered with %d", code)
	}

	l.shutGate() // before the check of an approval has looked
	if code, detail := l.approve(a, operatorToken, another); code != http.StatusAccepted {
		t.Fatalf("got %d %s", code, detail)
	}
	if out, code := l.driftlessAs(operatorToken, a, "approve", "-revoke", another); code != 0 || !strings.Contains(out, "Taken back") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	if out, code := l.driftlessAs(operatorToken, a, "approve", "-revoke", another); code != 1 || !strings.Contains(out, "no such approval") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	a.kill()
	write(t, l.gate(), "")
	a = l.startNamed()
	l.check(a)
	l.awaited(a, "a", "")
	if got := content(l.file("a")); got != "by another hand" {
		t.Errorf("after it was taken back the file is %q", got)
	}
	a.mustStop()
}

// TestNobodyApprovesWhoIsNotKnown has an agent that asks nobody who they are.
func TestNobodyApprovesWhoIsNotKnown(t *testing.T) {
	l := newApprovalLab(t, "a")
	l.by("by hand", "a")
	a := l.start("")
	id := l.awaited(a, "a", "").Remedy.ID
	if code, detail := l.approve(a, "", id); code != http.StatusForbidden || !strings.Contains(detail, "block auth") {
		t.Errorf("got %d %s", code, detail)
	}
	if out, code := l.driftlessAs("", a, "approve", id); code != 1 || !strings.Contains(out, "block auth") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	if all := l.approvals(a); len(all) != 1 || all[0].Granted != nil {
		t.Errorf("there are %+v", all)
	}
	a.mustStop()
}
