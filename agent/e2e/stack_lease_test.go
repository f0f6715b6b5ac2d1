package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/agent/api"
)

// leasedLab is a stack, cloud, whose provider needs a credential that has a
// lease in Vault, and another, local, that needs none.
type leasedLab struct {
	*driftLab
	*leased
	agent *agent
	want  []string // what the sink is told
}

// canary begins every credential, so that one is found wherever it comes out.
const canary = "s3cret-of-the-cloud-"

// newLeasedLab starts the agent, and returns when both stacks are clean.
func newLeasedLab(t *testing.T, interval string) *leasedLab {
	t.Helper()
	l := &leasedLab{driftLab: newDriftLab(t, "cloud", "local"), leased: newLeased(t)}
	l.give("first")
	l.take("first")
	task := func(name, interval, env string) string {
		return fmt.Sprintf(`
task "terraform" %[1]q {
  path          = %[2]q
  interval      = %[3]q
  confirm_after = "1ms"
  env           = { TF_CLI_CONFIG_FILE = %[4]q, %[5]s }
  stacks { include = [%[1]q] }
}
`, name, filepath.Join(l.driftLab.dir, "stacks"), interval, l.rc, env)
	}
	configure(t, l.driftLab.dir, task("cloud", interval, `FIXTURE_TOKEN = vault("leased/app", "password")`)+task("local", "100ms", "")+fmt.Sprintf(`
pipeline "drift" {
  from = [task.terraform.cloud]
  to   = [sink.file.drift]
}
sink "file" "drift" {
  path   = %q
  format = "ndjson"
  batch { max_age = "10ms" }
}
`, l.events()))
	l.agent = start(t, l.env(), "agent", "-config="+filepath.Join(l.driftLab.dir, "main.hcl"))
	l.await("cloud", "clean")
	l.await("local", "clean")
	return l
}

// give has Vault give a credential from now on.
func (l *leasedLab) give(credential string) {
	l.T.Helper()
	l.put(l.T, canary+credential, "3s")
}

// take has the cloud take one credential, and no other.
func (l *leasedLab) take(credential string) {
	l.T.Helper()
	write(l.T, l.file("cloud")+".token", canary+credential)
}

// await waits for a check that tells something.
func (l *leasedLab) await(name, verdict string) {
	l.T.Helper()
	until(l.T, name+" is "+verdict, func() bool {
		return slices.ContainsFunc(l.stacks(l.agent), func(s api.Stack) bool { return s.Name == name && s.Verdict == verdict && s.Fresh })
	})
}

// check asks for a check of the cloud, and returns when its plan has come to
// where it reads the resource, which goes on when proceed is called.
func (l *leasedLab) check() (proceed func()) {
	l.T.Helper()
	stop, stopped := l.file("cloud")+".stop", l.file("cloud")+".stopped"
	remove := func(file string) {
		l.T.Helper()
		if err := os.RemoveAll(file); err != nil {
			l.T.Fatal(err)
		}
	}
	remove(stopped)
	write(l.T, stop, "")
	if answer := l.agent.post("/v1/tasks/task.terraform.cloud/check"); !strings.Contains(answer, "started") {
		l.T.Fatalf("the check was not started: %s", answer)
	}
	until(l.T, "the plan is under way", func() bool { _, err := os.Stat(stopped); return err == nil })
	return func() { remove(stop) }
}

// revoke ends the lease.
func (l *leasedLab) revoke() {
	l.T.Helper()
	if err := l.root.Sys().RevokePrefixWithContext(l.T.Context(), "leased/app"); err != nil {
		l.T.Fatal(err)
	}
}

// isTold waits for what the sink is told beside what it was before.
func (l *leasedLab) isTold(news ...string) {
	l.T.Helper()
	l.want = append(l.want, news...)
	until(l.T, strings.Join(news, ", ")+" is told", func() bool { return len(l.told()) >= len(l.want) })
	if diff := cmp.Diff(l.want, l.told()); diff != "" {
		l.T.Fatalf("told (-want +got):\n%s\n%s", diff, content(l.events()))
	}
}

// isUnknown checks that nothing is told of the cloud but what was known before a
// moment, as something that is not fresh.
func (l *leasedLab) isUnknown(before api.Stack) {
	l.T.Helper()
	if s := l.stack(l.agent, "cloud"); s.Fresh || !s.LastSuccess.Equal(before.LastSuccess) {
		l.T.Errorf("the stack is told as %+v, and before it was %+v", s, before)
	}
	for state, want := range map[string]string{"error": "1", "clean": "0"} {
		series := fmt.Sprintf(`driftless_terraform_stack_state{task="task.terraform.cloud",stack="cloud",workspace="default",state=%q}`, state)
		if got := l.agent.metric(series); got != want {
			l.T.Errorf("%s is %s, want %s", series, got, want)
		}
	}
	if out, code := l.driftless(l.agent, "drift", "-detailed-exitcode"); code == 0 || !strings.Contains(out, "could not be checked") {
		l.T.Errorf("exit code %d:\n%s", code, out)
	}
}

// end looks for a credential in all that the agent tells, and stops it.
func (l *leasedLab) end() {
	l.T.Helper()
	drift, _ := l.driftless(l.agent, "drift")
	history, _ := l.driftless(l.agent, "history")
	places := map[string]string{"events": content(l.events()), "output of drift": drift, "output of history": history}
	for _, path := range []string{"/v1/status", "/v1/stacks", "/v1/history", "/metrics"} {
		places[path] = l.agent.get(path)
	}
	l.agent.mustStop()
	places["log"] = l.agent.log.String()
	for place, text := range places {
		if strings.Contains(text, canary) {
			l.T.Errorf("a credential is in the %s:\n%s", place, text)
		}
	}
}

// TestALeaseThatEndsInTheMiddleOfAPlan is 49.
func TestALeaseThatEndsInTheMiddleOfAPlan(t *testing.T) {
	l := newLeasedLab(t, "1h")

	// The provider is the first to find out.
	l.by("by hand", "cloud")
	before := l.stack(l.agent, "cloud")
	proceed := l.check()
	l.take("second")
	proceed()
	l.isTold("error error 1 cloud error")
	l.isUnknown(before)
	if s := l.stack(l.agent, "cloud"); !strings.Contains(s.Error, "401") || !strings.Contains(s.Error, "it has expired") {
		t.Errorf("the error of the stack is %q", s.Error)
	}
	l.give("second")
	l.revoke()
	l.isTold("error recovered 1 cloud drifted", "drift new 1 cloud drifted")

	// The agent is the first to find out. That the stack is clean is what it was
	// about to find when the lease ended.
	l.by("as declared", "cloud")
	l.check()()
	l.isTold("drift resolved 1 cloud clean")
	proceed = l.check()
	l.by("by hand, again", "cloud")
	l.take("third")
	l.give("third")
	changes := l.changes()
	l.revoke()
	until(t, "the agent has another credential", func() bool { return l.changes() > changes })
	proceed()
	l.isTold("drift new 1 cloud drifted")
	l.end()
}

// changes counts how often the agent was given another credential.
func (l *leasedLab) changes() int {
	return strings.Count(l.agent.log.String(), "the configuration was reloaded")
}

// TestVaultIsDownWhenAStackIsDue is 50.
func TestVaultIsDownWhenAStackIsDue(t *testing.T) {
	l := newLeasedLab(t, "100ms")
	l.server.Stop(t)
	l.isTold("error error 1  error")
	before := l.stack(l.agent, "cloud")
	l.isUnknown(before)
	if problem := l.agent.block("task.terraform.cloud").Error; !strings.Contains(problem, `"leased/app"`) || !strings.Contains(problem, "Vault at "+l.server.Address) {
		t.Errorf("the task tells %q", problem)
	}

	attempts, stop := l.attempts()
	const failed = `driftless_task_runs_total{task="task.terraform.cloud",result="failed"}`
	runs := number(t, l.agent.metric(failed))
	l.by("by hand", "local")
	until(t, "the stack has been due many times", func() bool { return number(t, l.agent.metric(failed)) >= runs+20 })
	l.await("local", "drifted")
	if n := attempts(); n >= 20 {
		t.Errorf("Vault was asked %d times while the stack was due 20 times", n)
	}
	until(t, "Vault was asked whether it is back", func() bool { return attempts() > 0 })
	stop()
	l.isTold() // nothing more
	l.isUnknown(before)

	l.server.Restart(t)
	l.mount(t)
	l.take("second")
	l.give("second")
	l.await("cloud", "clean")
	l.isTold("error recovered 1  checked")
	l.end()
}

// attempts counts who connects to where Vault was, until stop is called.
func (l *leasedLab) attempts() (count func() int64, stop func()) {
	l.T.Helper()
	listener, err := net.Listen("tcp", strings.TrimPrefix(l.server.Address, "http://"))
	if err != nil {
		l.T.Fatal(err)
	}
	var n atomic.Int64
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // it was closed
			}
			n.Add(1)
			conn.Close()
		}
	}()
	return n.Load, func() {
		l.T.Helper()
		if err := listener.Close(); err != nil {
			l.T.Error(err)
		}
		<-ended
	}
}

func number(t *testing.T, text string) (n int) {
	t.Helper()
	if text == "" {
		return 0
	}
	if _, err := fmt.Sscan(text, &n); err != nil {
		t.Fatal(err)
	}
	return n
}
