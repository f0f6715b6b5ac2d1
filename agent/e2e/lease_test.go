package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/driftless-hq/driftless/internal/testutil/vaultserver"
)

// leased is a Vault with a secret that has a lease, at leased/app.
type leased struct {
	server *vaultserver.Server
	root   *api.Client
	dir    string
}

func newLeased(t *testing.T) *leased {
	t.Helper()
	server := vaultserver.Start(t)
	l := &leased{server: server, root: server.Root(t), dir: t.TempDir()}
	l.mount(t)
	l.put(t, "first", "1h")
	return l
}

// mount adds the engine whose secrets have leases.
func (l *leased) mount(t *testing.T) {
	t.Helper()
	engine := map[string]any{"type": "kv", "options": map[string]any{"version": "1", "leased_passthrough": "true"}}
	if _, err := l.root.Logical().WriteWithContext(t.Context(), "sys/mounts/leased", engine); err != nil {
		t.Fatal(err)
	}
}

func (l *leased) put(t *testing.T, value, ttl string) {
	t.Helper()
	if _, err := l.root.Logical().WriteWithContext(t.Context(), "leased/app", map[string]any{"password": value, "ttl": ttl}); err != nil {
		t.Fatal(err)
	}
}

// alive returns how many leases there are.
func (l *leased) alive(t *testing.T) int {
	t.Helper()
	listed, err := l.root.Logical().ListWithContext(t.Context(), "sys/leases/lookup/leased/app")
	if err != nil {
		t.Fatal(err)
	}
	if listed == nil {
		return 0
	}
	return len(listed.Data["keys"].([]any))
}

func (l *leased) env() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + l.dir, "VAULT_ADDR=" + l.server.Address, "VAULT_TOKEN=" + l.server.Token}
}

// configure declares a file with the secret, and what else is given.
func (l *leased) configure(t *testing.T, more string) {
	t.Helper()
	configure(t, l.dir, fmt.Sprintf(`
task "file" "password" {
  path     = "%s/password"
  content  = vault("leased/app", "password")
  interval = "1h"
}
`, l.dir)+more)
}

func (l *leased) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, append(args, "-config="+filepath.Join(l.dir, "main.hcl"))...)
	cmd.Env = l.env()
	return cmd
}

func TestACommandLeavesNoLease(t *testing.T) {
	l := newLeased(t)
	for name, tt := range map[string]struct {
		more string
		args []string
		code int
	}{
		"after a plan":   {"", []string{"plan"}, 0},
		"after an apply": {"", []string{"apply", "-auto-approve"}, 0},
		"after an apply that nobody has approved": {"task \"command\" \"c\" { command = [\"/bin/true\"] }", []string{"apply"}, 1},
		"after a task that failed":                {"task \"command\" \"c\" { command = [\"/bin/false\"] }", []string{"apply", "-auto-approve"}, 1},
		"after an error in the configuration":     {"output \"o\" { value = nothing }", []string{"plan"}, 1},
		"after the graph":                         {"", []string{"graph"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			l.configure(t, tt.more)
			cmd := l.command(t, tt.args...)
			out, err := cmd.CombinedOutput()
			if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != tt.code {
				t.Fatalf("%v: %v\n%s", tt.args, err, out)
			}
			if n := l.alive(t); n != 0 {
				t.Errorf("%d leases are left", n)
			}
		})
	}
}

func TestACommandThatIsInterruptedLeavesNoLease(t *testing.T) {
	l := newLeased(t)
	l.configure(t, "task \"command\" \"c\" {\n command = [\"/bin/true\"]\n unless = [\"/bin/sleep\", \"600\"]\n}")
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(s.String(), func(t *testing.T) {
			cmd := l.command(t, "plan")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			until(t, "the secret is read", func() bool { return l.alive(t) == 1 })
			if err := cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 130 {
				t.Errorf("it ended with %v", err)
			}
			if n := l.alive(t); n != 0 {
				t.Errorf("%d leases are left", n)
			}
		})
	}
}

func TestTheAgentKeepsALeaseAndFollowsWhatReplacesIt(t *testing.T) {
	l := newLeased(t)
	l.put(t, "first", "3s")
	l.configure(t, "")
	a := start(t, l.env(), "agent", "-config="+filepath.Join(l.dir, "main.hcl"))
	password := func() string {
		content, err := os.ReadFile(filepath.Join(l.dir, "password"))
		if err != nil {
			return err.Error()
		}
		return string(content)
	}
	until(t, "the file is written", func() bool { return password() == "first" })
	until(t, "the lease is renewed", func() bool { return a.metric("driftless_secret_renewals_total") != "0" })
	if got := a.metric("driftless_secret_leases"); got != "1" {
		t.Errorf("driftless_secret_leases is %q", got)
	}
	l.put(t, "second", "3s")
	began := time.Now()
	if err := l.root.Sys().RevokePrefixWithContext(t.Context(), "leased/app"); err != nil {
		t.Fatal(err)
	}
	until(t, "the file has the new secret", func() bool { return password() == "second" })
	t.Logf("a lease that was revoked was replaced after %s", time.Since(began).Round(time.Millisecond))
	if got := a.metric("driftless_secret_errors_total"); got == "0" {
		t.Error("the renewal that failed is not counted")
	}
	a.mustStop()
	if n := l.alive(t); n != 0 {
		t.Errorf("%d leases are left", n)
	}
}

func TestACertificateIsIssuedByApplyAndNotByPlan(t *testing.T) {
	l := newLeased(t)
	for _, step := range []struct {
		path string
		data map[string]any
	}{
		{"sys/mounts/pki", map[string]any{"type": "pki"}},
		{"pki/root/generate/internal", map[string]any{"common_name": "test"}},
		{"pki/roles/web", map[string]any{"allow_any_name": true, "max_ttl": "24h"}},
	} {
		if _, err := l.root.Logical().WriteWithContext(t.Context(), step.path, step.data); err != nil {
			t.Fatal(err)
		}
	}
	configure(t, l.dir, fmt.Sprintf(`
locals { web = { common_name = "www.example.com" } }
task "file" "pair" {
  path    = "%s/pair.pem"
  content = "${vault("pki/issue/web", "certificate", local.web)}${vault("pki/issue/web", "private_key", local.web)}"
  mode    = "0600"
}
`, l.dir))
	issued := func() int {
		t.Helper()
		listed, err := l.root.Logical().ListWithContext(t.Context(), "pki/certs")
		if err != nil {
			t.Fatal(err)
		}
		return len(listed.Data["keys"].([]any)) - 1 // without that of the authority
	}
	saved := filepath.Join(l.dir, "saved")
	for _, step := range []struct {
		args   []string
		code   int
		issued int
	}{
		{[]string{"validate"}, 0, 0},
		{[]string{"plan", "-detailed-exitcode"}, 2, 0},
		{[]string{"plan", "-out=" + saved}, 0, 1},
		{[]string{"apply", "-auto-approve", saved}, 0, 1},
		{[]string{"plan", "-detailed-exitcode"}, 0, 1},
		{[]string{"apply", "-auto-approve"}, 0, 1},
	} {
		cmd := exec.CommandContext(t.Context(), binary, step.args...)
		cmd.Env = append(l.env(), "DRIFTLESS_CONFIG="+filepath.Join(l.dir, "main.hcl"))
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != step.code || issued() != step.issued {
			t.Fatalf("%v: %v, %d issued, want the exit code %d and %d issued\n%s", step.args, err, issued(), step.code, step.issued, out)
		}
	}
}
