package terraform

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

var (
	soakStacks = flag.Int("stacks", 40, "how many stacks the test has that nothing grows with checks")
	soakChecks = flag.Int("checks", 200, "how many checks it makes")
)

// TestNothingGrowsWithChecks is 62 (very many stacks when the agent starts) and
// 67 (very many checks). It must be alone, so it isn't parallel.
func TestNothingGrowsWithChecks(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	const atOnce = 4
	f := newFake(t)
	if err := os.RemoveAll(f.root); err != nil {
		t.Fatal(err)
	}
	for i := range *soakStacks {
		f.stack(t, fmt.Sprintf("stack%d", i))
	}
	// Each call notes how many of them there are.
	f.install(t, "command", strings.Replace(fakeScript, "case", `mkdir "$said/running.$$" && set -- "$1" "$said"/running.* && echo $(($# - 1)) >>"$said/counts"`+"\ncase", 1)+
		"failed=$?\nrmdir \"$said/running.$$\"\nexit $failed\n")
	task := f.open(t, map[string]cty.Value{"parallelism": cty.NumberIntVal(atOnce)})
	round := func() {
		change, diags := task.Plan(t.Context(), nil)
		if len(diags) > 0 || len(change.Findings) != *soakStacks || change.Action != plugin.NoOp {
			t.Fatalf("%d findings, %s, diagnostics %v", len(change.Findings), change.Action, diags)
		}
	}
	round()
	round() // what is only made once is there now
	before := held(t, task, temp)
	for done := 2 * *soakStacks; done < *soakChecks; done += *soakStacks {
		round()
	}
	after := held(t, task, temp)
	t.Logf("before %+v, after %+v", before, after)
	if after.Heap < before.Heap+before.Heap/4+(1<<20) {
		after.Heap = before.Heap
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("held after 2 checks of each stack, and after all (-before +after):\n%s", diff)
	}
	for count := range strings.FieldsSeq(read(t, f.bin+"/counts")) {
		if len(count) > 1 || count > fmt.Sprint(atOnce) {
			t.Fatalf("%s commands ran at once, where %d may", count, atOnce)
		}
	}
}

// holdings are what a process has that could grow.
type holdings struct {
	Goroutines, FDs int
	Files           int // of the task, and temporary ones
	Heap            uint64
}

func held(t *testing.T, task *task, temp string) holdings {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("the files that a process has open can't be counted: %v", err)
	}
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return holdings{
		Goroutines: runtime.NumGoroutine(), FDs: len(fds),
		Files: len(filesBelow(t, task.dir)) + len(filesBelow(t, temp)),
		Heap:  memory.HeapAlloc,
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAPathThatIsTooLongForSockets has providers run where the directory for
// temporary files has a very long path.
func TestAPathThatIsTooLongForSockets(t *testing.T) {
	lab := newLab(t)
	lab.stack(t, "stack", oneFile)
	lab.apply(t, "stack")
	temp := lab.file(strings.Repeat("long", 30))
	if err := os.Mkdir(temp, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", temp)
	if diff := cmp.Diff(map[string]string{"stack": "clean first"}, checked(t, lab.open(t, nil))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
