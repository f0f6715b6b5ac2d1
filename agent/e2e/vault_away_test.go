package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/agent/api"
)

// hostConfig is a host of which some needs a secret and some doesn't. All that
// is asked of Vault goes through one local.
func hostConfig(dir string) string {
	return fmt.Sprintf(`
locals { password = vault("leased/app", "password") }
output "password" {
  value     = local.password
  sensitive = true
}

collector "loadavg" "this" {}

source "file" "log" {
  paths    = ["%[1]s/*.log"]
  start_at = "beginning"
}
pipeline "plain" {
  from = [source.file.log]
  to   = [sink.file.plain]
}
sink "file" "plain" {
  path   = "%[1]s/plain.out"
  format = "text"
  batch { max_age = "10ms" }
}

source "file" "audit" {
  paths    = ["%[1]s/*.audit"]
  start_at = "beginning"
}
pipeline "secret" {
  from = [source.file.audit]
  to   = [sink.file.secret]
}
sink "file" "secret" {
  path   = "%[1]s/secret-${local.password}.out"
  format = "text"
  batch { max_age = "10ms" }
}

task "file" "plain" {
  path    = "%[1]s/plain"
  content = "plain"
}
task "file" "password" {
  path       = "%[1]s/password"
  content    = local.password
  interval   = "1h"
  depends_on = [task.file.plain]
}
task "file" "after" {
  path       = "%[1]s/after"
  content    = "after"
  interval   = "1h"
  depends_on = [task.file.password]
}
`, dir)
}

// ready returns what /-/ready answers.
func (a *agent) ready() (code int, text string) {
	a.t.Helper()
	response, err := http.Get("http://" + a.address + "/-/ready")
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func (l *leased) at(name string) string { return filepath.Join(l.dir, name) }

func TestAnAgentStartsWhileVaultIsDownAndCatchesUp(t *testing.T) {
	const secret = "s3cret-of-the-host"
	l := newLeased(t)
	l.server.Stop(t)
	configure(t, l.dir, hostConfig(l.dir))
	write(t, l.at("a.log"), "one line\n")
	write(t, l.at("b.audit"), "one deed\n")
	a := start(t, l.env(), "agent", "-config="+l.at("main.hcl"))

	until(t, "logs are shipped", func() bool { return strings.HasSuffix(content(l.at("plain.out")), " one line\n") })
	until(t, "the task without a secret is applied", func() bool { return content(l.at("plain")) == "plain" })
	if a.metric(`node_load1`) == "" {
		t.Error("the host is not measured")
	}
	const name = `vault("leased/app", "password")`
	until(t, "the tasks have failed", func() bool { return a.block("task.file.password").LastRun != nil })
	for _, block := range []string{"task.file.password", "task.file.after", "sink.file.secret"} {
		b := a.block(block)
		if b.State != api.StateWaiting || !cmp.Equal(b.Secrets, []string{name}) {
			t.Errorf("%s is %s and waits for %q", block, b.State, b.Secrets)
		}
		if got := a.metric(fmt.Sprintf(`driftless_secret_awaited{block=%q,secret=%q}`, block, name)); got != "1" {
			t.Errorf("the metric of %s is %q", block, got)
		}
	}
	if code, text := a.ready(); code != http.StatusServiceUnavailable || !strings.Contains(text, "sink.file.secret: waits for "+name) || !strings.Contains(text, "Vault at "+l.server.Address) {
		t.Errorf("/-/ready answers %d:\n%s", code, text)
	}
	if got := a.metric("driftless_secret_vault_away"); got != "1" {
		t.Errorf("driftless_secret_vault_away is %q", got)
	}
	if log := a.log.String(); strings.Contains(log, "driftless: Error in function call") {
		t.Errorf("each run logs what is told of the blocks that wait:\n%s", log)
	}

	l.server.Restart(t)
	l.mount(t)
	l.put(t, secret, "1h")
	until(t, "the tasks have caught up", func() bool { return content(l.at("password")) == secret && content(l.at("after")) == "after" })
	until(t, "what waited for its sink is delivered", func() bool { return strings.HasSuffix(content(l.at("secret-"+secret+".out")), " one deed\n") })
	until(t, "the agent is ready", func() bool { code, _ := a.ready(); return code == http.StatusOK })
	if b := a.block("task.file.password"); b.State != api.StateOK || b.Secrets != nil {
		t.Errorf("the task is told as %+v", b)
	}
	if metrics := a.get("/metrics"); strings.Contains(metrics, "driftless_secret_awaited{") || a.metric("driftless_secret_vault_away") != "0" {
		t.Errorf("the metrics tell of an outage:\n%s", metrics)
	}
	a.mustStop()
	for _, s := range []string{secret, l.server.Token} {
		if strings.Contains(a.log.String(), s) {
			t.Errorf("a secret is in the log:\n%s", a.log)
		}
	}
}

func TestAReloadWhileVaultIsDownTakesOverWhatNeedsNoSecret(t *testing.T) {
	l := newLeased(t)
	configure(t, l.dir, hostConfig(l.dir))
	a := start(t, l.env(), "agent", "-config="+l.at("main.hcl"))
	until(t, "the password is written", func() bool { return content(l.at("password")) == "first" })
	since := a.block("sink.file.secret").Since
	l.server.Stop(t)
	configure(t, l.dir, hostConfig(l.dir)+fmt.Sprintf(`
task "file" "new" {
  path    = "%[1]s/new"
  content = "new"
}
task "file" "new_password" {
  path    = "%[1]s/new_password"
  content = vault("leased/other", "password")
}
`, l.dir))
	if answer := a.post("/-/reload"); strings.Contains(answer, "not") {
		t.Fatalf("the reload was refused: %s", answer)
	}
	until(t, "the new task is applied", func() bool { return content(l.at("new")) == "new" })
	until(t, "the task with a new secret waits", func() bool { return a.block("task.file.new_password").State == api.StateWaiting })
	if got := a.block("sink.file.secret"); got.State != "running" || !got.Since.Equal(*since) {
		t.Errorf("the sink whose secret is good still was not left alone: %+v", got)
	}
	if got := a.block("task.file.password"); got.Secrets != nil {
		t.Errorf("a task whose secret is good still waits for %q", got.Secrets)
	}
}

func TestWhatVaultRefusesStopsOneTaskAtTheStartAndANewOneAtAReload(t *testing.T) {
	l := newLeased(t)
	config := hostConfig(l.dir) + fmt.Sprintf("task \"file\" \"other\" {\n  path = \"%s/other\"\n  content = vault(\"leased/other\", \"password\")\n}\n", l.dir)
	configure(t, l.dir, config)
	a := start(t, l.env(), "agent", "-config="+l.at("main.hcl"))
	until(t, "the password is written", func() bool { return content(l.at("password")) == "first" })
	until(t, "the task waits", func() bool { return a.block("task.file.other").State == api.StateWaiting })
	if problem := a.block("task.file.other").Error; !strings.Contains(problem, "there is nothing at this path") {
		t.Errorf("the task tells %q", problem)
	}

	configure(t, l.dir, config+fmt.Sprintf("task \"file\" \"typo\" {\n  path = \"%s/typo\"\n  content = vault(\"leased/ap\", \"password\")\n}\n", l.dir))
	if answer := a.post("/-/reload"); !strings.Contains(answer, `"leased/ap"`) || !strings.Contains(answer, "main.hcl:") {
		t.Errorf("a reload with a path that there isn't answers %s", answer)
	}
	configure(t, l.dir, config+"# a comment\n")
	if answer := a.post("/-/reload"); strings.Contains(answer, "not") {
		t.Errorf("a reload that asks for nothing new was refused: %s", answer)
	}

	if _, err := l.root.Logical().WriteWithContext(t.Context(), "leased/other", map[string]any{"password": "granted"}); err != nil {
		t.Fatal(err)
	}
	until(t, "the task has caught up", func() bool { return content(l.at("other")) == "granted" })
}

func TestAnAgentStartsWithATokenThatVaultDoesNotTake(t *testing.T) {
	l := newLeased(t)
	configure(t, l.dir, hostConfig(l.dir))
	a := start(t, append(l.env(), "VAULT_TOKEN=hvs.of-the-past"), "agent", "-config="+l.at("main.hcl"))
	until(t, "the task without a secret is applied", func() bool { return content(l.at("plain")) == "plain" })
	until(t, "the task waits", func() bool { return a.block("task.file.password").State == api.StateWaiting })
	if problem := a.block("task.file.password").Error; !strings.Contains(problem, "permission denied") {
		t.Errorf("the task tells %q", problem)
	}
	if got := a.metric("driftless_secret_vault_away"); got != "0" {
		t.Errorf("a Vault that refuses is told to be away: %q", got)
	}
}

func TestAMistakeRefusesTheStartWhileVaultIsDown(t *testing.T) {
	l := newLeased(t)
	l.server.Stop(t)
	for name, tt := range map[string]struct{ more, want string }{
		"an argument that there isn't": {
			"task \"file\" \"f\" {\n  path = \"/nowhere\"\n  contents = local.password\n}", "Unsupported argument"},
		"a mode that is none, beside a secret": {
			"task \"file\" \"f\" {\n  path = \"/nowhere\"\n  content = local.password\n  mode = \"999\"\n}", "Invalid value for mode"},
		"a path that Vault can't have": {
			"task \"file\" \"f\" {\n  path = \"/nowhere\"\n  content = vault(\"/leased\", \"password\")\n}", "leave out the slash"},
		"how many blocks there are depends on a secret": {
			"task \"file\" \"f\" {\n  for_each = nonsensitive(local.password)\n  path = each.key\n}", "leased/app"},
		"how often a task is run depends on a secret": {
			"task \"file\" \"f\" {\n  path = \"/nowhere\"\n  interval = local.password\n}", "leased/app"},
		"whether a block takes part depends on a secret": {
			"collector \"uname\" \"f\" {\n  when = local.password == \"yes\"\n}", "leased/app"},
	} {
		t.Run(name, func(t *testing.T) {
			l.dir = t.TempDir()
			configure(t, l.dir, hostConfig(l.dir)+tt.more)
			out, err := l.command(t, "agent").CombinedOutput()
			if err == nil || !strings.Contains(string(out), tt.want) || !strings.Contains(string(out), "main.hcl") {
				t.Errorf("the agent ended with %v:\n%s", err, out)
			}
			if _, err := os.Stat(l.at("plain")); err == nil {
				t.Error("a task was run")
			}
		})
	}
}

// TestWhatFailedForASecretIsCheckedWhenVaultIsBack asks for a check during an
// outage, of a stack that is due only in an hour.
func TestWhatFailedForASecretIsCheckedWhenVaultIsBack(t *testing.T) {
	for name, credential := range map[string]string{"with another credential": "second", "with the same one": "first"} {
		t.Run(name, func(t *testing.T) { checkAfterOutage(t, credential) })
	}
}

func checkAfterOutage(t *testing.T, credential string) {
	t.Helper()
	l := newLeasedLab(t, "1h")
	l.server.Stop(t)
	until(t, "the credential has ended", func() bool { return l.agent.block("task.terraform.cloud").Secrets != nil })
	if answer := l.agent.post("/v1/tasks/task.terraform.cloud/check"); !strings.Contains(answer, "started") {
		t.Fatalf("the check was not started: %s", answer)
	}
	l.isTold("error error 1  error")
	l.server.Restart(t)
	l.mount(t)
	l.take(credential)
	l.give(credential)
	l.isTold("error recovered 1  checked")
	l.end()
}
