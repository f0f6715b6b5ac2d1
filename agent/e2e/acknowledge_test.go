package e2e

import (
	"strings"
	"syscall"
	"testing"

	"github.com/driftless-hq/driftless/internal/history"
)

// TestADriftIsAcknowledgedFromTheCommandLine goes from drift to its
// acknowledgement, which outlives the agent, and to another drift, which ends it.
func TestADriftIsAcknowledgedFromTheCommandLine(t *testing.T) {
	l := newApprovalLab(t, "a")
	l.by("by hand", "a")
	a := l.startNamed()
	l.awaited(a, "a", "")
	id := l.last(a, history.New).Fingerprint
	expect := func(wantCode int, want string, args ...string) {
		t.Helper()
		out, code := l.driftlessAs(operatorToken, a, args...)
		if text := strings.Join(strings.Fields(out), " "); code != wantCode || !strings.Contains(text, want) {
			t.Errorf("%s: exit code %d, want %q in:\n%s", strings.Join(args, " "), code, want, out)
		}
	}
	expect(0, "id "+id[:12], "drift")
	expect(1, "there is no such drift", "acknowledge", "-reason=we wait", "0123456789abcdef")
	expect(0, "Acknowledged: a of task.terraform.infra. It is not told again before", "acknowledge", "-reason=we wait", "-lasts=2h", id[:12])
	expect(0, "acknowledged by on-call", "drift")
	expect(2, "1 not as declared (1 acknowledged)", "drift", "-detailed-exitcode")
	expect(0, "which on-call has acknowledged until", "history")
	a.signal(syscall.SIGKILL)
	<-a.exited

	a = l.startNamed()
	l.check(a)
	expect(0, "acknowledged by on-call", "drift")
	l.by("by another hand", "a")
	l.check(a)
	if changed := l.last(a, history.Changed); changed.Ended == nil || changed.Ended.Reason != "we wait" || changed.Fingerprint == id {
		t.Errorf("the history has %+v", changed)
	}
	expect(1, "no drift is acknowledged", "acknowledge", "-revoke", id)
	another := l.last(a, history.Changed).Fingerprint
	expect(0, "Acknowledged", "acknowledge", "-json", "-reason=we wait", another)
	expect(0, "Taken back: a of task.terraform.infra", "acknowledge", "-revoke", another)
	expect(0, "the acknowledgement by on-call has ended", "history")
	a.mustStop()
}
