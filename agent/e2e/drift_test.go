package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/internal/testutil/tfprovider"
)

// driftLab is a set of stacks of one file each, whose drift is made by hand, and an agent
// that tells a sink of it.
type driftLab struct {
	*testing.T
	dir string
	rc  string
}

func newDriftLab(t *testing.T, names ...string) *driftLab {
	t.Helper()
	terraform, err := exec.LookPath("terraform")
	if err != nil {
		t.Skipf("terraform is needed for this: %v", err)
	}
	f := &driftLab{T: t, dir: t.TempDir(), rc: tfprovider.CLIConfig(t)}
	t.Setenv("TF_CLI_CONFIG_FILE", f.rc)
	mkdir(t, filepath.Join(f.dir, "stacks"))
	for _, name := range names {
		mkdir(t, filepath.Join(f.dir, name+".files"))
		apply(t, terraform, filepath.Join(f.dir, "stacks", name), f.code(name))
	}
	return f
}

func (f *driftLab) code(name string) string {
	return tfprovider.Requirements + fmt.Sprintf("resource \"fixture_file\" \"this\" {\n  path    = %q\n  content = \"as declared\"\n}\n", f.file(name))
}

func (f *driftLab) file(name string) string { return filepath.Join(f.dir, name+".files", "file") }

func (f *driftLab) by(hand, name string) {
	f.Helper()
	write(f.T, f.file(name), hand)
}

func (f *driftLab) start() *agent {
	f.Helper()
	return startConfig(f.T, f.dir, fmt.Sprintf(`
task "terraform" "infra" {
  path          = %[1]q
  interval      = "200ms"
  confirm_after = "1ms"
  env           = { TF_CLI_CONFIG_FILE = %[2]q }
  stacks { include = ["*"] }
}
pipeline "drift" {
  from = [task.terraform.infra]
  to   = [sink.file.drift]
}
sink "file" "drift" {
  path   = %[3]q
  format = "ndjson"
  batch { max_age = "10ms" }
}
`, filepath.Join(f.dir, "stacks"), f.rc, f.events()))
}

func (f *driftLab) events() string { return filepath.Join(f.dir, "events") }

// told is what the sink was told, as in "new 2 a b drifted".
func (f *driftLab) told() []string {
	f.Helper()
	var all []string
	for line := range strings.Lines(content(f.events())) {
		var e struct {
			Kind, Transition, Verdict string
			Count                     int
			Stacks                    []string
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			f.Fatalf("%v in %s", err, line)
		}
		slices.Sort(e.Stacks)
		all = append(all, fmt.Sprintf("%s %s %d %s %s", e.Kind, e.Transition, e.Count, strings.Join(e.Stacks, " "), e.Verdict))
	}
	return all
}

// untilTold waits for what is new, after which nothing else may follow for some
// checks.
func (f *driftLab) untilTold(a *agent, want *[]string, news ...string) {
	f.Helper()
	*want = append(*want, news...)
	until(f.T, strings.Join(news, ", ")+" is told", func() bool { return len(f.told()) >= len(*want) })
	f.checked(a)
	if diff := cmp.Diff(*want, f.told()); diff != "" {
		f.Fatalf("told (-want +got):\n%s\n%s", diff, content(f.events()))
	}
}

// checked waits until every stack was checked once more, from the beginning. One
// that can't be checked is held back for a while.
func (f *driftLab) checked(a *agent) {
	f.Helper()
	for range 2 { // the first may have been under way
		began := time.Now()
		until(f.T, "all stacks are checked", func() bool {
			stacks := f.stacks(a)
			return len(stacks) > 0 && !slices.ContainsFunc(stacks, func(s api.Stack) bool { return s.Fresh && !s.LastCheck.After(began) })
		})
	}
}

func (f *driftLab) stacks(a *agent) []api.Stack {
	f.Helper()
	var answer api.Stacks
	if err := json.Unmarshal([]byte(a.get("/v1/stacks")), &answer); err != nil {
		f.Fatal(err)
	}
	return answer.Stacks
}

func (f *driftLab) stack(a *agent, name string) api.Stack {
	f.Helper()
	for _, s := range f.stacks(a) {
		if s.Name == name {
			return s
		}
	}
	f.Fatalf("the agent knows no stack %s", name)
	return api.Stack{}
}

// driftless runs a command that asks the agent, and returns its exit code.
func (f *driftLab) driftless(a *agent, args ...string) (out string, code int) {
	f.Helper()
	cmd := exec.Command(binary, append(args, "-address="+a.address)...)
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	_ = cmd.Run() // the code says how it ended
	return text.String(), cmd.ProcessState.ExitCode()
}

// TestEachTransitionIsToldOnceAndNotAgainAfterARestart is 58, and 40 and 41 of
// the failures that an agent has to stand.
func TestEachTransitionIsToldOnceAndNotAgainAfterARestart(t *testing.T) {
	f := newDriftLab(t, "a", "b", "c")
	var want []string
	a := f.start()
	f.checked(a)
	f.untilTold(a, &want)
	if out, code := f.driftless(a, "drift", "-detailed-exitcode"); code != 0 || !strings.Contains(out, "Nothing has drifted: 3 stacks") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	a.mustStop()

	f.by("by hand", "a")
	f.by("by hand", "b")
	a = f.start()
	f.untilTold(a, &want, "drift new 2 a b drifted") // one cause, one event
	since, sinceB := f.stack(a, "a").Drift.Since, f.stack(a, "b").Drift.Since
	if out, code := f.driftless(a, "drift", "-detailed-exitcode"); code != 2 || !strings.Contains(out, "fixture_file.this") || !strings.Contains(out, `"by hand"`) {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	a.mustStop()

	a = f.start()
	f.untilTold(a, &want)
	if got := f.stack(a, "a").Drift.Since; !got.Equal(since) {
		t.Errorf("after a restart a drifts since %s, before it was %s", got, since)
	}
	if a.metric(`driftless_terraform_drift_since_timestamp_seconds{task="task.terraform.infra",stack="a",workspace="default"}`) == "" {
		t.Error("there is no metric of the drift")
	}
	a.signal(syscall.SIGKILL)
	<-a.exited

	f.by("by hand, again", "a")
	a = f.start()
	f.untilTold(a, &want, "drift changed 1 a drifted")

	write(t, filepath.Join(f.dir, "stacks", "b", "main.tf"), f.code("b")+"nonsense {}\n")
	f.untilTold(a, &want, "error error 1 b error")
	if s := f.stack(a, "b"); s.Fresh || s.Drift == nil || !s.Drift.Since.Equal(sinceB) {
		t.Errorf("of the stack that can't be checked is known: %s, %+v", s.Verdict, s.Drift)
	}
	f.by("as declared", "a") // the broken one doesn't hide what becomes of it
	f.untilTold(a, &want, "drift resolved 1 a clean")

	f.by("by hand", "c")
	f.untilTold(a, &want, "drift new 1 c drifted")
	a.mustStop()
	if err := os.RemoveAll(filepath.Join(f.dir, "stacks", "c")); err != nil {
		t.Fatal(err)
	}
	a = f.start()
	until(t, "the stack is forgotten", func() bool { return len(f.stacks(a)) == 2 })
	f.untilTold(a, &want) // nobody has resolved it

	f.by("as declared", "b")
	write(t, filepath.Join(f.dir, "stacks", "b", "main.tf"), f.code("b"))
	f.untilTold(a, &want, "error recovered 1 b clean", "drift resolved 1 b clean")
	if out, code := f.driftless(a, "history", "-stack=a", "-limit=2"); code != 0 || strings.Count(out, "\n") != 3 || !strings.Contains(out, "a is as declared again after") || !strings.Contains(out, "These are the last 2.") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	f.by("by hand, again", "a")
	f.untilTold(a, &want, "drift new 1 a drifted")
	if s := f.stack(a, "a"); s.Drift.Recurring != 1 {
		t.Errorf("the same drift as before is %+v", s.Drift)
	}
	a.mustStop()
}
