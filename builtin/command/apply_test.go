package command_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

func TestApply(t *testing.T) {
	tests := map[string]struct {
		set            given
		rc             int64
		stdout, stderr string
		changed        bool
	}{
		"what it wrote is known":       {sh("echo out; echo err >&2"), 0, "out\n", "err\n", true},
		"an argv needs no shell":       {given{"command": argv("echo", "$HOME", "a  b")}, 0, "$HOME a  b\n", "", true},
		"stdin is what was given":      {given{"command": argv("cat"), "stdin": cty.StringVal("in")}, 0, "in", "", true},
		"an environment variable":      {sh("echo $A", given{"env": cty.MapVal(map[string]cty.Value{"A": cty.StringVal("b")})}), 0, "b\n", "", true},
		"the working directory":        {sh("pwd", given{"cwd": cty.StringVal("/")}), 0, "/\n", "", true},
		"the umask":                    {sh("umask", given{"umask": cty.StringVal("0077")}), 0, "0077\n", "", true},
		"bytes that are not UTF-8":     {sh(`printf 'a\377b'`), 0, "a\uFFFDb", "", true},
		"output over the limit is cut": {sh("printf aaaabbbbcccc", given{"max_output": cty.StringVal("8")}), 0, "aaaa\n[4 bytes left out]\ncccc", "", true},
		"changed_when decides": {sh("echo unchanged", given{"changed_when": self(func(s cty.Value) (cty.Value, error) {
			return s.GetAttr("stdout").NotEqual(cty.StringVal("unchanged\n")), nil
		})}), 0, "unchanged\n", "", false},
		"failed_when decides": {sh("exit 3", given{"failed_when": self(func(s cty.Value) (cty.Value, error) {
			return s.GetAttr("rc").GreaterThan(cty.NumberIntVal(3)), nil
		})}), 3, "", "", true},
		"a signal counts as in the shell": {sh("kill -TERM $$", given{"failed_when": self(func(cty.Value) (cty.Value, error) {
			return cty.False, nil
		})}), 143, "", "", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, diags := apply(t, test.set)
			checkResult(t, got, test.rc, test.stdout, test.stderr, test.changed)
			if len(diags) > 0 {
				t.Errorf("diagnostics: %v", diags)
			}
		})
	}
}

func TestApplyDropsPrivileges(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can run a command as someone else")
	}
	got, _ := apply(t, sh("id -un; id -gn; id -Gn; echo $HOME $USER $LOGNAME", given{"user": cty.StringVal("daemon"), "group": cty.StringVal("bin")}))
	lines := strings.Split(strings.TrimSpace(got["stdout"].AsString()), "\n")
	if len(lines) != 4 || lines[0] != "daemon" || lines[1] != "bin" || strings.Contains(lines[2], "root") || !strings.HasSuffix(lines[3], " daemon daemon") || strings.HasPrefix(lines[3], "/root ") {
		t.Errorf("the command saw %q", lines)
	}
}

func TestApplyFails(t *testing.T) {
	isNot := func(v cty.Value, err error) cty.Value {
		return self(func(cty.Value) (cty.Value, error) { return v, err })
	}
	secret := cty.MapVal(map[string]cty.Value{"TOKEN": cty.StringVal("hunter2")})
	tests := map[string]struct {
		set     given
		summary string
		want    []string
		not     string
	}{
		"an exit status that isn't 0":            {sh("echo why >&2; exit 3"), "Command failed", []string{"status 3", "why"}, ""},
		"the last 20 lines of stderr are shown":  {sh("seq 100 130 >&2; exit 1"), "Command failed", []string{"111", "130"}, "110"},
		"failed_when is true":                    {sh("echo hm >&2", given{"failed_when": isNot(cty.True, nil)}), "Command failed", []string{"status 0", "failed_when", "hm"}, ""},
		"failed_when has no answer":              {sh("true", given{"failed_when": isNot(cty.NullVal(cty.Bool), nil)}), "Expression is not true or false", []string{"failed_when"}, ""},
		"changed_when can't be evaluated":        {sh("true", given{"changed_when": isNot(cty.NilVal, errors.New("division by zero"))}), "Expression failed", []string{"changed_when", "division by zero"}, ""},
		"a program that is not there":            {given{"command": argv("no-such-program")}, "Program not found", []string{"no-such-program"}, ""},
		"a working directory that is not there":  {sh("true", given{"cwd": cty.StringVal("/no/such/dir")}), "Command can't be run", []string{"/no/such/dir"}, ""},
		"a secret of the environment stays one":  {sh("echo bad $TOKEN >&2; exit 1", given{"env": secret}), "Command failed", []string{"bad (sensitive value)"}, "hunter2"},
		"a secret of the arguments is not shown": {given{"command": argv("sh", "-c", "exit 1", "hunter2")}, "Command failed", []string{"sh exited"}, "hunter2"},
		"a secret of stdin stays one":            {sh("cat >&2; exit 1", given{"stdin": cty.StringVal("hunter2\n")}), "Command failed", []string{"(sensitive value)"}, "hunter2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := applyFails(t, test.set)
			if d.Summary != test.summary {
				t.Errorf("summary %q, want %q", d.Summary, test.summary)
			}
			for _, want := range test.want {
				if !strings.Contains(d.Detail, want) {
					t.Errorf("detail %q lacks %q", d.Detail, want)
				}
			}
			if test.not != "" && strings.Contains(d.Detail, test.not) {
				t.Errorf("detail %q holds %q", d.Detail, test.not)
			}
		})
	}
}

func TestApplyEndsTheCommandWithItsContext(t *testing.T) {
	secret := cty.MapVal(map[string]cty.Value{"TOKEN": cty.StringVal("hunter2")})
	task := open(t, sh("echo stuck $TOKEN >&2; sleep 60 & wait", given{"env": secret}))
	change := plan(t, task)
	ctx, cancel := context.WithTimeoutCause(t.Context(), 200*time.Millisecond, errors.New("the timeout is over"))
	defer cancel()
	_, diags := task.Apply(ctx, change)
	err := diags.Err()
	if err == nil {
		t.Fatal("it ended well")
	}
	for _, want := range []string{"Command can't be run", "the timeout is over", "stuck (sensitive value)"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%q holds the secret", err)
	}
}

func TestGuardsAreAskedAgainAtApply(t *testing.T) {
	path := filepath.Join(t.TempDir(), "done")
	for name, guard := range map[string]given{
		"creates": {"creates": cty.StringVal(path)},
		"unless":  {"unless": argv("test", "-e", path)},
		"only_if": {"only_if": argv("test", "!", "-e", path)},
	} {
		t.Run(name, func(t *testing.T) {
			task := open(t, sh("echo ran", guard))
			change := plan(t, task)
			if change.Action != plugin.Run {
				t.Fatalf("the plan is %s", change.Action)
			}
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := os.Remove(path); err != nil {
					t.Error(err)
				}
			}()
			value, diags := task.Apply(t.Context(), change)
			if err := diags.Err(); err != nil {
				t.Fatal(err)
			}
			checkNotRun(t, value.AsValueMap())
		})
	}
}

func TestGuardedCommandConvergesAndNoticesDrift(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made")
	for name, guard := range map[string]given{
		"creates": {"creates": cty.StringVal(path)},
		"unless":  {"unless": argv("test", "-e", path)},
	} {
		t.Run(name, func(t *testing.T) {
			set := sh("echo x >> "+path, guard)
			got, diags := apply(t, set)
			checkResult(t, got, 0, "", "", true)
			if len(diags) > 0 {
				t.Errorf("diagnostics: %v", diags)
			}
			if change := plan(t, open(t, set)); change.Action != plugin.NoOp {
				t.Errorf("the plan after Apply is %s", change.Action)
			}
			got, _ = apply(t, set)
			checkNotRun(t, got)
			if content, err := os.ReadFile(path); err != nil || string(content) != "x\n" {
				t.Errorf("the file holds %q, %v: the command was run twice", content, err)
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if change := plan(t, open(t, set)); change.Action != plugin.Run {
				t.Errorf("the plan after the file was removed is %s", change.Action)
			}
		})
	}
}

func TestApplyWarnsWhenTheCommandWillRunAgain(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct{ guard, summary string }{
		filepath.Join(dir, "missing"): {"creates", "Path was not created"},
		dir:                           {"removes", "Path was not removed"},
	} {
		_, diags := apply(t, sh("true", given{test.guard: cty.StringVal(name)}))
		if len(diags) != 1 || diags[0].Severity != plugin.SeverityWarning || diags[0].Summary != test.summary || !strings.Contains(diags[0].Detail, "run again") {
			t.Errorf("%s: diagnostics %v", test.guard, diags)
		}
	}
}
