package plan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/internal/plan"
)

func save(t testing.TB, p *plan.Plan) plan.File {
	t.Helper()
	at := filepath.Join(t.TempDir(), "plan")
	f := plan.File{Host: "h", Config: "/c", ConfigHash: "0", Variables: map[string]json.RawMessage{"a": json.RawMessage(`"b"`)}}
	if err := f.Save(t.Context(), at, p, key); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(at)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	loaded, err := plan.Load(at)
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Host != "h" || loaded.Config != "/c" || loaded.ConfigHash != "0" || string(loaded.Variables["a"]) != `"b"` {
		t.Errorf("loaded %+v", loaded)
	}
	return loaded
}

// TestASavedPlanIsStaleWhenWhatItWouldDoIsNot plans, saves, moves something,
// and plans again.
func TestASavedPlanIsStaleWhenWhatItWouldDoIsNot(t *testing.T) {
	const base = `
task "command" "told" {
  command = ["true"]
}
task "file" "f" {
  path    = "DIR/f"
  content = "owner\n"
}
task "lineinfile" "l" {
  path = "DIR/f"
  line = "line"
}
task "file" "copy" {
  path   = "DIR/copy"
  source = "DIR/from"
}
task "box" "waits" {
  name  = "waits"
  value = "x${task.command.told.stdout}"
  color = "blue"
}
task "box" "found" {
  name        = "found"
  value       = "new"
  enforcement = "detect"
}`
	replace := func(old, new string) func(*system, string) {
		return func(s *system, dir string) { s.reload(strings.Replace(base, old, new, 1), dir) }
	}
	tests := []struct {
		name  string
		move  func(s *system, dir string)
		stale string
	}{
		{"when nothing has moved it is not", func(*system, string) {}, ""},
		{"a host that has come to be as declared", func(s *system, dir string) { write(t, dir, map[string]string{"f": "owner\nline\n"}) }, "what would be done about task.file.f "},
		{"a host that differs otherwise", func(s *system, dir string) { write(t, dir, map[string]string{"f": "another\n"}) }, "what would be done about task.file.f "},
		{"a mode on the host", func(s *system, dir string) {
			if err := os.Chmod(filepath.Join(dir, "f"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "what would be done about task.file.f "},
		{"a file that is copied", func(s *system, dir string) { write(t, dir, map[string]string{"from": "moved\n"}) }, "what would be done about task.file.copy "},
		{"an argument", replace(`"owner\n"`, `"other\n"`), "what would be done about task.file.f "},
		{"an argument of a step that waits", replace(`"blue"`, `"green"`), "what would be done about task.box.waits "},
		{"an enforcement", replace(`name  = "waits"`, `name = "waits"
  enforcement = "detect"`), "what would be done about task.box.waits "},
		{"a task more", func(s *system, dir string) {
			s.reload(base+`
task "box" "more" { name = "more" }`, dir)
		}, "task.box.more is not in it"},
		{"a task less", replace(`task "box" "found" {
  name        = "found"
  value       = "new"
  enforcement = "detect"
}`, ""), "task.box.found is no longer part of it"},
		{"what is only reported may differ", func(s *system, _ string) { s.world.put("found", "anything") }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{"f": "old\n", "from": "from\n"})
			s := load(t, base, dir)
			s.world.put("found", "old")
			f := save(t, s.plan())
			tt.move(s, dir)
			err := f.Check(s.plan(), key)
			switch {
			case tt.stale == "" && err != nil:
				t.Error(err)
			case tt.stale != "" && (!errors.Is(err, plan.ErrStale) || !strings.Contains(err.Error(), tt.stale)):
				t.Errorf("got %v, want %q", err, tt.stale)
			}
		})
	}
}

func TestASavedPlanIsOfNoUseWithoutItsKey(t *testing.T) {
	s := load(t, `task "box" "a" { name = "a" }`, "")
	f := save(t, s.plan())
	if err := f.Check(s.plan(), bytes.Repeat([]byte{8}, 32)); !errors.Is(err, plan.ErrStale) {
		t.Errorf("got %v", err)
	}
}

func TestASavedPlanCanBeRead(t *testing.T) {
	s := load(t, `
task "box" "a" {
  name  = "a"
  value = "x"
}`, "")
	f := save(t, s.plan())
	var r struct {
		Address, Action string
		After           map[string]any
	}
	if err := json.Unmarshal(f.Steps[0].Change, &r); err != nil {
		t.Fatal(err)
	}
	if r.Address != "task.box.a" || r.Action != "create" || r.After["value"] != "x" {
		t.Errorf("it reads %+v", r)
	}
}

func TestLoadRefusesWhatIsNoPlan(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct{ name, content, want string }{
		{"nothing", "", "is no plan that plan -out has saved: unexpected end"},
		{"garbage", "\x00\x01\x02", "is no plan that plan -out has saved: invalid character"},
		{"a cut file", `{"format":"1","steps":[{"addr`, "is no plan that plan -out has saved: unexpected end"},
		{"a file with more at its end", `{"format":"1"}{}`, "is no plan that plan -out has saved: invalid character"},
		{"another type", `{"format":"1","steps":{"a":1}}`, "is no plan that plan -out has saved: json: cannot unmarshal object"},
		{"something nested without end", strings.Repeat(`{"steps":[`, 20_000), "exceeded max depth"},
		{"another format", `{"format":"99"}`, `has the format "99", and this driftless reads "1"; plan again`},
		{"another document", `{}`, `has the format ""`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := filepath.Join(dir, "plan")
			if err := os.WriteFile(at, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := plan.Load(at)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), at) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if f.Format != "" || f.Steps != nil {
				t.Errorf("it returned %+v", f)
			}
		})
	}
	if _, err := plan.Load(dir); err == nil {
		t.Error("a directory is taken for a plan")
	}
	if _, err := plan.Load(filepath.Join(dir, "missing")); err == nil || !strings.Contains(err.Error(), "there is no plan") {
		t.Errorf("got %v", err)
	}
}

func TestLoadRefusesAFileWithoutEnd(t *testing.T) {
	at := filepath.Join(t.TempDir(), "plan")
	f, err := os.Create(at)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(1 << 40); err != nil {
		t.Skip("the file system has no sparse files of this size:", err)
	}
	if _, err := plan.Load(at); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("got %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"format":"1","steps":[{"address":"task.box.a","digest":"00","change":{}}]}`))
	f.Add([]byte(`{"format":"1","created":"2026-01-02T03:04:05Z","variables":{"a":"b"}}`))
	at := filepath.Join(f.TempDir(), "plan")
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(at, content, 0o600); err != nil {
			t.Fatal(err)
		}
		loaded, err := plan.Load(at)
		if err != nil {
			return
		}
		if _, err := json.Marshal(loaded); err != nil {
			t.Errorf("what was loaded can't be written: %v", err)
		}
	})
}

// TestDiagnosticsOfAPlanHaveTheirPlace makes sure that an error of a provider
// leads to the line.
func TestDiagnosticsOfAPlanHaveTheirPlace(t *testing.T) {
	s := load(t, `
task "file" "f" {
  path    = "DIR/missing/f"
  content = "x"
}`, t.TempDir())
	_, diags := s.session().Plan(t.Context())
	if len(diags) != 1 || diags[0].Severity != hcl.DiagError || diags[0].Subject == nil || diags[0].Subject.Start.Line != 3 {
		t.Errorf("got %v", diags)
	}
}
