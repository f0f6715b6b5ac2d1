package command_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/builtin/command"
	"github.com/driftless-hq/driftless/internal/overlay"
	"github.com/driftless-hq/driftless/plugin"
)

func TestPlanAsksTheGuards(t *testing.T) {
	there := t.TempDir()
	missing := filepath.Join(there, "missing")
	yes, no := argv("true"), argv("sh", "-c", "exit 7")
	tests := map[string]struct {
		set      given
		action   plugin.Action
		fidelity plugin.Fidelity
		reason   string
	}{
		"no guard runs, and only that it is a change is known": {sh("true"), plugin.Run, plugin.Opaque, "no guard"},
		"creates that exists is enough":                        {sh("true", given{"creates": cty.StringVal(there)}), plugin.NoOp, plugin.Exact, there + " exists"},
		"creates that is missing runs":                         {sh("true", given{"creates": cty.StringVal(missing)}), plugin.Run, plugin.Exact, missing + " doesn't exist"},
		"creates below a file is missing":                      {sh("true", given{"creates": cty.StringVal("/etc/passwd/x")}), plugin.Run, plugin.Exact, "/etc/passwd/x doesn't exist"},
		"removes that exists runs":                             {sh("true", given{"removes": cty.StringVal(there)}), plugin.Run, plugin.Exact, there + " exists"},
		"removes that is missing is enough":                    {sh("true", given{"removes": cty.StringVal(missing)}), plugin.NoOp, plugin.Exact, missing + " doesn't exist"},
		"unless that succeeds is enough":                       {sh("true", given{"unless": yes}), plugin.NoOp, plugin.Predicted, "unless exits with 0"},
		"unless that fails runs":                               {sh("true", given{"unless": no}), plugin.Run, plugin.Predicted, "unless exits with 7"},
		"only_if that succeeds runs":                           {sh("true", given{"only_if": yes}), plugin.Run, plugin.Predicted, "only_if exits with 0"},
		"only_if that fails is enough":                         {sh("true", given{"only_if": no}), plugin.NoOp, plugin.Predicted, "only_if exits with 7"},
		"all guards must be for it":                            {sh("true", given{"creates": cty.StringVal(missing), "unless": no, "only_if": no}), plugin.NoOp, plugin.Predicted, "only_if exits with 7"},
		"a path decides before a command is asked":             {sh("true", given{"creates": cty.StringVal(there), "unless": argv("/no/such/program")}), plugin.NoOp, plugin.Exact, there + " exists"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			change := plan(t, open(t, test.set))
			if change.Action != test.action || change.Fidelity != test.fidelity {
				t.Errorf("%s, %s; want %s, %s", change.Action, change.Fidelity, test.action, test.fidelity)
			}
			if diff := cmp.Diff([]string{test.reason}, change.Reasons); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
			after := change.After.AsValueMap()
			if test.action == plugin.NoOp {
				checkNotRun(t, after)
				if !change.Before.RawEquals(change.After) {
					t.Error("before and after differ, though nothing is to be done")
				}
			} else if after["rc"].IsKnown() || after["stdout"].IsKnown() || after["stderr"].IsKnown() {
				t.Error("the plan knows what a run will give")
			} else if known := after["changed"].IsKnown(); known != (test.fidelity == plugin.Opaque) {
				t.Errorf("that it is a change is known: %t", known)
			}
			if warned := len(change.Warnings) == 1; warned != (test.fidelity == plugin.Opaque) {
				t.Errorf("warnings: %q", change.Warnings)
			}
		})
	}
}

func TestPlanSeesWhatEarlierTasksPlan(t *testing.T) {
	dir := t.TempDir()
	passwd := filepath.Join(dir, "passwd")
	if err := os.WriteFile(passwd, []byte("root:x:0:0::/root:/bin/sh\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	host := overlay.New(overlay.Options{Passwd: passwd})
	made, gone := filepath.Join(dir, "made"), filepath.Join(dir, "gone")
	if err := os.WriteFile(gone, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	host.Put(made, plugin.File{Mode: 0o755}, []byte("#!/bin/sh\n"))
	host.Put(filepath.Join(dir, "cwd"), plugin.File{Type: fs.ModeDir, Mode: 0o755}, nil)
	host.Put(passwd, plugin.File{Mode: 0o644}, []byte("planned:x:4000:4000::/home/planned:/bin/sh\n"))
	host.Remove(gone)
	fails := argv("false")

	tests := map[string]struct {
		set      given
		action   plugin.Action
		fidelity plugin.Fidelity
		reason   string
	}{
		"a path that will be made":         {given{"creates": cty.StringVal(made)}, plugin.NoOp, plugin.Exact, made + " exists"},
		"a path that will be gone":         {given{"removes": cty.StringVal(gone)}, plugin.NoOp, plugin.Exact, gone + " doesn't exist"},
		"a guard that will be made":        {given{"unless": argv(made)}, plugin.Run, plugin.Predicted, made + " is created by an earlier task"},
		"a directory that will be made":    {given{"unless": fails, "cwd": cty.StringVal(filepath.Join(dir, "cwd"))}, plugin.Run, plugin.Predicted, filepath.Join(dir, "cwd") + " is created by an earlier task"},
		"a user that will be made":         {given{"unless": fails, "user": cty.StringVal("planned")}, plugin.Run, plugin.Predicted, "the user is created by an earlier task"},
		"a user that will be made, no ask": {given{"user": cty.StringVal("planned")}, plugin.Run, plugin.Opaque, "no guard"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			change, diags := open(t, sh("true", test.set)).Plan(t.Context(), host)
			if err := diags.Err(); err != nil {
				t.Fatal(err)
			}
			if change.Action != test.action || change.Fidelity != test.fidelity {
				t.Errorf("%s, %s; want %s, %s", change.Action, change.Fidelity, test.action, test.fidelity)
			}
			if diff := cmp.Diff([]string{test.reason}, change.Reasons); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
		})
	}
}

// unknownHost can't tell yet what is at any path.
type unknownHost struct{ *overlay.Overlay }

func (unknownHost) Lstat(string) (plugin.File, error) { return plugin.File{}, plugin.ErrUnknown }

func TestPlanOfAPathThatIsNotKnownYet(t *testing.T) {
	task := open(t, sh("true", given{"creates": cty.StringVal("/x")}))
	change, diags := task.Plan(t.Context(), unknownHost{overlay.New(overlay.Options{})})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	if change.Action != plugin.Run || change.Fidelity != plugin.KnownAfterApply {
		t.Errorf("%s, %s", change.Action, change.Fidelity)
	}
}

func TestPlanRefuses(t *testing.T) {
	tests := map[string]struct {
		set     given
		summary string
		detail  string
	}{
		"a guard that is not there":           {given{"unless": argv("no-such-guard")}, "Guard not found", "creates or removes"},
		"a guard that is ended by a signal":   {given{"only_if": argv("sh", "-c", "kill -9 $$")}, "Guard failed", "signal"},
		"a guard in a directory that is gone": {given{"unless": argv("true"), "cwd": cty.StringVal("/no/such/dir")}, "Guard can't be run", "working directory"},
		"a user that no task makes":           {given{"user": cty.StringVal("no-such-user")}, "Unknown user or group", "no-such-user"},
		"a group that no task makes":          {given{"unless": argv("true"), "group": cty.StringVal("no-such-group")}, "Unknown user or group", "no-such-group"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, diags := open(t, sh("true", test.set)).Plan(t.Context(), overlay.New(overlay.Options{}))
			if !diags.HasErrors() || diags[0].Summary != test.summary || !strings.Contains(diags[0].Detail, test.detail) {
				t.Errorf("diagnostics %v, want %q with %q", diags, test.summary, test.detail)
			}
		})
	}
}

func TestPlanChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made")
	plan(t, open(t, sh("touch "+path, given{"creates": cty.StringVal(path)})))
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the plan has run the command: %v", err)
	}
}

func TestWhatJudgesTheChangeIsAskedAfterTheRun(t *testing.T) {
	judged := sh("true", given{"changed_when": self(func(cty.Value) (cty.Value, error) { return cty.False, nil })})
	if change := plan(t, open(t, judged)); change.After.GetAttr("changed").IsKnown() {
		t.Error("the plan knows what changed_when will say")
	}
}

func TestATriggeredCommandNeedsNoGuard(t *testing.T) {
	instance, diags := command.New().Open(t.Context(), plugin.OpenRequest{
		Type: ref, Addr: "task.command.test", Config: configuration(t, sh("true")), Env: plugin.Env{Triggered: true},
	})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	change := plan(t, instance.(plugin.Task))
	if change.Action != plugin.Run || len(change.Warnings) > 0 {
		t.Errorf("%s with the warnings %q", change.Action, change.Warnings)
	}
}
