package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/internal/testutil/vaultserver"
)

// aviary is a place in which canaries fly: a host, a Vault, and a server that
// repeats in its errors all that it was sent.
type aviary struct {
	canaries
	dir     string // holds targets, temporary files and the data directory
	envFile string
	env     []string
	echo    *httptest.Server
	refused atomic.Int64
}

func newAviary(t *testing.T) *aviary {
	t.Helper()
	a := &aviary{canaries: newCanaries(), dir: t.TempDir()}
	for _, sub := range []string{"targets", "tmp", "home", "seen"} {
		mkdir(t, filepath.Join(a.dir, sub))
	}
	vault := vaultserver.Start(t)
	_, err := vault.Root(t).Logical().WriteWithContext(t.Context(), "secret/data/app", map[string]any{"data": map[string]any{
		"word": a.canaries["a secret of Vault"], "lines": a.canaries["a secret of Vault with many lines"]}})
	if err != nil {
		t.Fatal(err)
	}
	a.envFile = filepath.Join(t.TempDir(), "env")
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`).Replace
	if err := os.WriteFile(a.envFile, []byte(fmt.Sprintf("FILE_SECRET=\"%s\"\nSHORT_SECRET=%s\n", quote(a.canaries["a secret of the env file"]), a.canaries["a short secret of the env file"])), 0o600); err != nil {
		t.Fatal(err)
	}
	a.echo = httptest.NewServer(http.HandlerFunc(a.refuse))
	t.Cleanup(a.echo.Close)
	a.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(a.dir, "home"), "TMPDIR=" + filepath.Join(a.dir, "tmp"),
		"VAULT_ADDR=" + vault.Address, "VAULT_TOKEN=" + vault.Token,
		"DRIFTLESS_SECRET_ENVIRONMENT=" + a.canaries["a secret of the environment"],
		"DRIFTLESS_VAR_variable=" + a.canaries["a sensitive variable"],
	}
	return a
}

// refuse answers with all that the request said.
func (a *aviary) refuse(w http.ResponseWriter, r *http.Request) {
	a.refused.Add(1)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	w.WriteHeader(http.StatusForbidden)
	fmt.Fprintf(w, "refused: %s %v %s", r.URL, r.Header, body)
}

// flags are those that all commands are given.
func (a *aviary) flags() []string {
	return []string{"-config=" + filepath.Join(a.dir, "main.hcl"), "-env-file=" + a.envFile}
}

// configure writes a configuration that can use all canaries as locals.
func (a *aviary) configure(t *testing.T, text string) {
	t.Helper()
	configure(t, a.dir, fmt.Sprintf(`
variable "variable" {
  type      = string
  sensitive = true
}
locals {
  file        = secret("FILE_SECRET")
  short       = secret("SHORT_SECRET")
  environment = secret("ENVIRONMENT")
  word        = vault("secret/app", "word")
  lines       = vault("secret/app", "lines")
  literal     = sensitive(%q)
  all         = [local.file, local.short, local.environment, local.word, local.lines, local.literal, var.variable]
}
`, a.canaries["the argument of sensitive"])+text)
}

// run runs a command, which may fail, and checks what it has written.
func (a *aviary) run(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, append([]string{args[0]}, append(a.flags(), args[1:]...)...)...)
	cmd.Env = a.env
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	a.check(t, "driftless "+strings.Join(args, " "), out)
	return string(out)
}

// leftovers checks what lies about after a run.
func (a *aviary) leftovers(t *testing.T) {
	t.Helper()
	for _, sub := range []string{"data", "seen", "tmp"} {
		if _, err := os.Stat(filepath.Join(a.dir, sub)); err == nil {
			for _, found := range a.findTree(t, filepath.Join(a.dir, sub)) {
				t.Error(found)
			}
		}
	}
	checkEmpty(t, filepath.Join(a.dir, "tmp"))
}

// innerModule hands on what it is given.
const innerModule = `
variable "all" { type = list(string) }
variable "path" { type = string }
task "file" "inner" {
  path    = "${var.path}/inner"
  content = templatestring(local.template, { all = var.all })
}
locals { template = "%%{ for one in all }$${one}\n%%{ endfor }" }
output "all" { value = var.all }
`

// templates writes what everywhere refers to.
func (a *aviary) templates(t *testing.T) {
	t.Helper()
	write(t, filepath.Join(a.dir, "all.tpl"), "%{ for one in all ~}\n${one}\n%{ endfor ~}\n")
	write(t, filepath.Join(a.dir, "all.j2"), "{% for one in all %}{{ one }}\n{% endfor %}")
	mkdir(t, filepath.Join(a.dir, "inner"))
	write(t, filepath.Join(a.dir, "inner", "main.hcl"), innerModule)
}

// everywhere has each canary arrive where it is meant to be. What the probes
// see of the processes and of temporary files goes to the directory seen.
func (a *aviary) everywhere() string {
	targets, seen := filepath.Join(a.dir, "targets"), filepath.Join(a.dir, "seen")
	probe := fmt.Sprintf(`env >>%[1]s/environment; cat /proc/$PPID/cmdline /proc/$$/cmdline >>%[1]s/arguments; find %[2]s -type f -exec cat {} + >>%[1]s/temporary`,
		seen, filepath.Join(a.dir, "tmp"))
	return fmt.Sprintf(`
task "file" "all" {
  path    = "%[1]s/file"
  content = join("\n", local.all)
  mode    = "0600"
  validate = ["/bin/sh", "-c", "%[2]s; stat -c '%%a %%n' \"$1\" >>%[3]s/modes", "sh", "{{path}}"]
}
task "template" "all" {
  path   = "%[1]s/template"
  source = "%[4]s/all.tpl"
  vars   = { all = local.all }
}
task "lineinfile" "all" {
  for_each = toset(["file", "short", "word"])
  path     = "%[1]s/lines"
  line     = { file = local.file, short = local.short, word = local.word }[each.key]
  create   = true
}
task "command" "env" {
  command = ["/bin/sh", "-c", "printf %%s \"$A\" >%[1]s/command; cat >>%[1]s/command; printf %%s \"$A\"; printf %%s \"$A\" | base64 -w0 >&2"]
  env     = { A = join("\n", local.all) }
  stdin   = join("\n", local.all)
  creates = "%[1]s/command"
}
task "command" "probe" {
  command    = ["/bin/sh", "-c", "%[2]s"]
  depends_on = [task.command.env]
}
task "command" "uses" {
  command = ["/bin/sh", "-c", "cat >%[1]s/uses"]
  stdin   = task.command.env.stdout
  creates = "%[1]s/uses"
}
module "inner" {
  source = "./inner"
  all    = local.all
  path   = "%[1]s"
}
task "file" "jinja" {
  path    = "%[1]s/jinja"
  content = jinjafile("%[4]s/all.j2", { all = module.inner.all })
}
output "all" {
  value     = local.all
  sensitive = true
}
output "one" {
  value     = base64encode(local.word)
  sensitive = true
}
`, targets, probe, seen, a.dir)
}

func TestASecretIsInItsTargetsAndNowhereElse(t *testing.T) {
	a := newAviary(t)
	a.templates(t)
	a.configure(t, a.everywhere())
	planFile := filepath.Join(a.dir, "seen", "plan")
	for _, args := range [][]string{
		{"validate"}, {"validate", "-json"}, {"graph", "-format=json"}, {"plan"}, {"plan", "-json"}, {"plan", "-out=" + planFile}, {"providers", "-json"},
		{"console", "-plan", "[local.all, module.inner.all, task.file.jinja, task.command.env]"}, {"console", "-json", "local.all"},
		{"apply", "-auto-approve", "-json"}, {"plan"}, {"apply", "-auto-approve"},
	} {
		if out := a.run(t, args...); strings.Contains(out, "Error:") || strings.Contains(out, `"@level":"error"`) {
			t.Fatalf("%v failed:\n%s", args, out)
		}
	}
	a.leftovers(t)
	for name, count := range map[string]int{"file": len(a.canaries), "template": len(a.canaries), "command": len(a.canaries), "uses": len(a.canaries), "lines": 3,
		"inner": len(a.canaries), "jinja": len(a.canaries)} {
		content := read(t, filepath.Join(a.dir, "targets", name))
		arrived := 0
		for _, secret := range a.canaries {
			if strings.Contains(content, secret) {
				arrived++
			}
		}
		if arrived != count {
			t.Errorf("%d canaries have arrived in %s, want %d", arrived, name, count)
		}
	}
	for line := range strings.Lines(read(t, filepath.Join(a.dir, "seen", "modes"))) {
		mode, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		if mode != "600" || filepath.Dir(path) != filepath.Join(a.dir, "targets") {
			t.Errorf("a temporary file with secrets has the mode %s and lies at %s", mode, path)
		}
	}
}

// TestTheAgentShowsNoSecret has an agent whose tasks, sinks and collectors fail
// with secrets in their hands, and which logs all it can.
func TestTheAgentShowsNoSecret(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		t.Run("with a log as "+format, func(t *testing.T) {
			a := newAviary(t)
			a.templates(t)
			flow := fmt.Sprintf(`
source "agent" "log" { level = "trace" }
pipeline "log" {
  from = [source.agent.log]
  to   = [sink.file.log, sink.http.refusing]
}
sink "file" "log" { path = "%[1]s/seen/log.json" }
sink "http" "refusing" {
  url     = "%[2]s/?token=${base64encode(local.word)}"
  headers = { X-One = base64encode(local.environment), X-Two = base64encode(local.literal) }
  auth {
    basic {
      username = "driftless"
      password = var.variable
    }
  }
}
collector "exec" "failing" {
  command = ["/bin/sh", "-c", "printf %%s \"$A\" >&2; printf %%s \"$A\" | base64 -w0 >&2; exit 3"]
  format  = "value"
  env     = { A = join("\n", local.all) }
}
task "command" "failing" {
  command = ["/bin/sh", "-c", "cat >&2; env >&2; exit 3"]
  stdin   = join("\n", local.all)
  env     = { A = join(",", local.all) }
}
`, a.dir, a.echo.URL)
			a.configure(t, a.everywhere()+flow)
			agent := start(t, a.env, append([]string{"agent", "-log-level=trace", "-log-format=" + format}, a.flags()...)...)
			until(t, "the task has failed", func() bool { return agent.block("task.command.failing").State == "failed" })
			until(t, "the other tasks are done", func() bool {
				return agent.block("task.command.uses").State == "ok" && agent.block("task.file.all").State == "ok"
			})
			until(t, "the server has refused", func() bool { return a.refused.Load() > 0 })
			served := func() {
				for _, path := range []string{"/v1/status", "/metrics", "/-/ready"} {
					a.check(t, path, []byte(agent.get(path)))
				}
			}
			served()
			for series, want := range map[string]string{"driftless_secret_leases": "0", "driftless_secret_errors_total": "0"} {
				if got := agent.metric(series); got != want {
					t.Errorf("%s is %q, want %s", series, got, want)
				}
			}
			a.checkProcess(t, agent.cmd.Process.Pid)
			a.configure(t, a.everywhere()+"output \"broken\" { value = tonumber(local.word) }")
			response, err := http.Post("http://"+agent.address+"/-/reload", "", nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			if err := response.Body.Close(); err != nil {
				t.Fatal(err)
			}
			if err != nil || response.StatusCode == http.StatusOK {
				t.Fatalf("a broken configuration was taken: %s, %v", body, err)
			}
			a.check(t, "the answer to the reload", body)
			served()
			agent.mustStop()
			a.check(t, "the log", []byte(agent.log.String()))
			if !strings.Contains(agent.log.String(), "(sensitive value)") {
				t.Error("nothing was hidden in the log, so nothing was tested")
			}
			a.leftovers(t)
		})
	}
}

// checkProcess checks the arguments of a process and of its children.
func (a *aviary) checkProcess(t *testing.T, pid int) {
	t.Helper()
	for _, p := range append(children(t, pid), pid) {
		arguments, err := os.ReadFile("/proc/" + strconv.Itoa(p) + "/cmdline")
		if err != nil {
			continue // it has ended
		}
		a.check(t, fmt.Sprintf("the arguments of process %d", p), arguments)
	}
}

func children(t *testing.T, pid int) []int {
	t.Helper()
	var all []int
	for field := range strings.FieldsSeq(read(t, fmt.Sprintf("/proc/%[1]d/task/%[1]d/children", pid))) {
		child, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, child)
	}
	return all
}

// 57 of the failures that an agent has to stand.
func TestTerraformIsHandedASecretAndShowsNone(t *testing.T) {
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skipf("terraform is needed for this: %v", err)
	}
	a := newAviary(t)
	stacks := filepath.Join(a.dir, "stacks")
	mkdir(t, filepath.Join(stacks, "one"))
	write(t, filepath.Join(stacks, "one", "main.tf"), `
variable "token" { type = string }
resource "terraform_data" "this" { input = [var.token, base64encode(var.token)] }
resource "terraform_data" "that" {
  lifecycle {
    precondition {
      condition     = var.token == ""
      error_message = "the token is ${var.token}"
    }
  }
}
output "token" { value = var.token }
`)
	for _, secret := range []string{"local.word", "local.lines", "var.variable", "local.short"} {
		a.configure(t, fmt.Sprintf(`
task "terraform" "t" {
  source    = %q
  variables = { token = %s }
  env       = { TF_LOG = "trace", SECRET = local.environment }
  stacks { include = ["*"] }
}
`, stacks, secret))
		began := time.Now()
		for _, args := range [][]string{{"plan"}, {"plan", "-json"}, {"apply", "-auto-approve"}} {
			a.run(t, args...)
		}
		t.Logf("%s took %s", secret, time.Since(began).Round(time.Millisecond))
		a.leftovers(t)
	}
}
