package plan_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/plan"
)

// scenery is a random host and a random configuration for it.
type scenery struct {
	rand   *rand.Rand
	dir    string
	config strings.Builder
	tasks  int
	dirs   []string
	files  []string // of an owner or an edit
}

// newScenery makes directories that are declared, on the host, or both, and in
// them files that are owned, edited, or both.
func newScenery(t *testing.T, seed uint64) *scenery {
	t.Helper()
	s := &scenery{rand: rand.New(rand.NewPCG(seed, 0)), dir: t.TempDir(), dirs: []string{""}}
	for i := range 2 + s.rand.IntN(4) {
		above := s.dirs[s.rand.IntN(len(s.dirs))]
		at := filepath.Join(above, fmt.Sprintf("d%d", i))
		s.dirs = append(s.dirs, at)
		declared := s.chance()
		if !declared || s.chance() {
			if err := os.MkdirAll(filepath.Join(s.dir, at), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if declared {
			s.task("directory", at, s.maybe(`mode = "%s"`, "0755", "0700", "0775"))
		}
	}
	for i := range 3 + s.rand.IntN(8) {
		s.file(t, filepath.Join(s.dirs[s.rand.IntN(len(s.dirs))], fmt.Sprintf("f%d", i)))
	}
	return s
}

func (s *scenery) file(t *testing.T, at string) {
	t.Helper()
	_, err := os.Lstat(filepath.Join(s.dir, filepath.Dir(at)))
	if err == nil && s.chance() {
		write(t, s.dir, map[string]string{at: s.pick("", "one\n", "two\n", "three\nfour", "\x00binary")})
		if err := os.Chmod(filepath.Join(s.dir, at), fs.FileMode(0o600|s.rand.IntN(2)*0o044)); err != nil {
			t.Fatal(err)
		}
	}
	s.files = append(s.files, at)
	owned := s.chance()
	if owned {
		if s.rand.IntN(6) == 0 {
			s.task("file", at, `state = "absent"`)
		} else {
			s.task("file", at, s.maybe(`mode = "%s"`, "0644", "0600", "0640"), s.maybe(`content = "%s"`, `one\n`, `two\n`, ""))
		}
	}
	for i := range s.rand.IntN(3) {
		s.task("lineinfile", at, fmt.Sprintf(`line = "line %d"`, i), "create = true", s.maybe(`insert_before = "%s"`, "BOF"))
		owned = true
	}
	if !owned {
		s.files = s.files[:len(s.files)-1]
	}
}

func (s *scenery) chance() bool { return s.rand.IntN(2) == 0 }

func (s *scenery) pick(choices ...string) string { return choices[s.rand.IntN(len(choices))] }

func (s *scenery) maybe(format string, choices ...string) string {
	if s.chance() {
		return ""
	}
	return fmt.Sprintf(format, s.pick(choices...))
}

func (s *scenery) task(kind, at string, args ...string) {
	s.tasks++
	fmt.Fprintf(&s.config, "task %q %q {\n  path = %q\n", kind, fmt.Sprintf("t%02d", s.rand.IntN(1000)*100+s.tasks), filepath.Join(s.dir, at))
	for _, arg := range args {
		fmt.Fprintf(&s.config, "  %s\n", arg)
	}
	s.config.WriteString("}\n")
}

// trace is all of a file that a needless write would change.
type trace struct {
	Mode         fs.FileMode
	Content      string
	Inode        uint64
	Mtime, Ctime syscall.Timespec
}

func traces(t *testing.T, dir string) map[string]trace {
	t.Helper()
	out := make(map[string]trace)
	err := filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		st := info.Sys().(*syscall.Stat_t)
		one := trace{Mode: info.Mode(), Inode: st.Ino, Mtime: st.Mtim, Ctime: st.Ctim}
		if info.Mode().IsRegular() {
			content, err := os.ReadFile(at)
			if err != nil {
				return err
			}
			one.Content = string(content)
		}
		out[at] = one
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestProperties checks on random scenery what holds for every plan.
func TestProperties(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			scene := newScenery(t, seed)
			s := load(t, scene.config.String(), scene.dir)
			before := traces(t, scene.dir)
			p := samePlanWhateverTheParallelism(t, s)
			if diff := cmp.Diff(before, traces(t, scene.dir)); diff != "" {
				t.Fatalf("the plan wrote (-before +after):\n%s", diff)
			}
			_, results, diags := s.run(t.Context())
			wantErrors(t, diags)
			for _, r := range results {
				if want := map[bool]plan.Outcome{true: plan.Changed, false: plan.Unchanged}[step(t, p, r.Step.Addr.String()).Changes()]; r.Outcome != want {
					t.Errorf("%s is %s, want %s", r.Step.Addr, r.Outcome, want)
				}
				isAsPlanned(t, r.Step)
			}
			nothingToDo(t, s, scene)
			disturbed(t, s, scene)
		})
	}
}

// samePlanWhateverTheParallelism plans twice and compares all that a plan says.
func samePlanWhateverTheParallelism(t *testing.T, s *system) *plan.Plan {
	t.Helper()
	s.opt.Parallel = 1
	one := s.plan()
	s.opt.Parallel = 8
	other := s.plan()
	if diff := cmp.Diff(asJSON(t, one), asJSON(t, other)); diff != "" {
		t.Errorf("the plan differs with the parallelism (-1 +8):\n%s", diff)
	}
	if err := save(t, one).Check(other, key); err != nil {
		t.Error(err)
	}
	return one
}

func asJSON(t *testing.T, p *plan.Plan) string {
	t.Helper()
	var text strings.Builder
	for _, step := range p.Steps {
		encoded, err := json.Marshal(step.Record())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&text, "%s\n", encoded)
	}
	return text.String()
}

// isAsPlanned compares the host with what was planned for the path of a step.
func isAsPlanned(t *testing.T, step *plan.Step) {
	t.Helper()
	after := step.Change.After
	at := after.GetAttr("path").AsString()
	info, err := os.Lstat(at)
	mode := after.GetAttr("mode")
	if mode.IsNull() {
		if !os.IsNotExist(err) {
			t.Errorf("%s: %s is there: %v", step.Addr, at, err)
		}
		return
	}
	if err != nil {
		t.Error(err)
		return
	}
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != mode.AsString() {
		t.Errorf("%s: the mode of %s is %s, planned was %s", step.Addr, at, got, mode.AsString())
	}
	if !info.Mode().IsRegular() {
		return
	}
	content, err := os.ReadFile(at)
	if err != nil {
		t.Error(err)
	}
	want := after.GetAttr("checksum")
	if got := fmt.Sprintf("sha256:%x", sha256.Sum256(content)); !want.RawEquals(cty.StringVal(got)) {
		t.Errorf("%s: %s has %s, planned was %#v", step.Addr, at, got, want)
	}
}

// nothingToDo plans and applies what is as declared.
func nothingToDo(t *testing.T, s *system, scene *scenery) {
	t.Helper()
	before := traces(t, scene.dir)
	p, results, diags := s.run(t.Context())
	wantErrors(t, diags)
	for _, r := range results {
		if r.Outcome != plan.Unchanged {
			t.Errorf("a second run finds %s %s: %q", r.Step.Addr, r.Outcome, r.Step.Change.Reasons)
		}
	}
	if diff := cmp.Diff(before, traces(t, scene.dir)); diff != "" {
		t.Errorf("a second run of %s wrote (-before +after):\n%s", actions(p), diff)
	}
}

// disturbed changes one path after the other, and finds that its step and no
// other differs.
func disturbed(t *testing.T, s *system, scene *scenery) {
	t.Helper()
	for _, name := range scene.files {
		at := filepath.Join(scene.dir, name)
		if err := os.WriteFile(at, []byte("disturbed\n"), 0o604); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(at, 0o604); err != nil {
			t.Fatal(err)
		}
		for _, step := range s.plan().Steps {
			isOf := step.Change.After.GetAttr("path").AsString() == at
			if step.Changes() && !isOf {
				t.Errorf("%s is disturbed, and %s differs because of %q", at, step.Addr, step.Change.Reasons)
			}
			if isOf && !step.Changes() && managesAnything(step) {
				t.Errorf("%s is disturbed, and %s doesn't differ", at, step.Addr)
			}
		}
		_, _, diags := s.run(t.Context())
		wantErrors(t, diags)
		nothingToDo(t, s, scene)
	}
}

// managesAnything reports whether a step declares more than that there is a
// file.
func managesAnything(step *plan.Step) bool {
	set := maps.Keys(step.Change.After.AsValueMap())
	return step.Type == "lineinfile" || len(step.With) > 0 || slices.ContainsFunc(slices.Collect(set), func(name string) bool {
		declared := name == "content" || name == "state" && step.Change.After.GetAttr(name).AsString() == "absent"
		return declared && !step.Change.After.GetAttr(name).IsNull()
	})
}
