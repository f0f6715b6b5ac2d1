package host

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"golang.org/x/sys/unix"

	"github.com/driftless-hq/driftless/plugin/event"
)

var update = flag.Bool("update", false, "write the golden files anew")

// fixtureStatfs answers for the mounts of the fixture.
func fixtureStatfs(path string, u *usage) error {
	switch path {
	case "/mnt/nfs":
		return syscall.ESTALE
	case "/":
		*u = usage{size: 1000, free: 600, avail: 500, files: 90, filesFree: 80}
	default:
		*u = usage{size: 2000, free: 1600, avail: 1500, files: 190, filesFree: 180}
	}
	return nil
}

// fixture opens a collector of the parts over a tree of files.
func fixture(t *testing.T, dir string, parts ...string) *collector {
	t.Helper()
	set := settings{parts: parts, path: paths{Proc: filepath.Join(dir, "proc"), Sys: filepath.Join(dir, "sys"), Root: "/"}, filesystem: defaultFilesystem()}
	c, err := open(set, environment{log: hclog.NewNullLogger(), statfs: fixtureStatfs}, ticking())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(t.Context()) })
	for i := range c.parts {
		if u, ok := c.parts[i].part.(*unamePart); ok {
			u.uname = fixtureUname
		}
	}
	return c
}

func fixtureUname(u *unix.Utsname) error {
	copy(u.Sysname[:], "Linux")
	copy(u.Release[:], "6.18.44")
	copy(u.Version[:], "#1 SMP")
	copy(u.Machine[:], "x86_64")
	copy(u.Nodename[:], "web1")
	copy(u.Domainname[:], "(none)")
	return nil
}

// editable is a copy of the fixture that a test may change.
func editable(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/host")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestMinimalProfileOfTheFixture(t *testing.T) {
	got := mustCollect(t, fixture(t, "testdata/host", minimal()...)).text()
	const golden = "testdata/minimal.golden"
	if *update {
		write(t, golden, got)
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("exposition (-want +got):\n%s", diff)
	}
}

func TestMissingFileFailsOnlyItsPart(t *testing.T) {
	dir := editable(t)
	if err := os.Remove(filepath.Join(dir, "proc/loadavg")); err != nil {
		t.Fatal(err)
	}
	c := fixture(t, dir, minimal()...)
	e, err := collect(t, c)
	if err == nil || !strings.Contains(err.Error(), "collector loadavg") || strings.Contains(err.Error(), "collector cpu") {
		t.Errorf("the error is %v", err)
	}
	for _, part := range minimal() {
		if got, want := e.series[`node_scrape_collector_success{collector="`+part+`"}`], oneIf(part != partLoadavg); got != want {
			t.Errorf("success of %s is %v", part, got)
		}
	}
	write(t, filepath.Join(dir, "proc/loadavg"), "1 2 3 4/5 6\n")
	if got := mustCollect(t, c).series["node_load15{}"]; got != 3 {
		t.Errorf("node_load15 is %v after the file came back", got)
	}
}

func TestEmptyTreeFailsEveryPartThatReadsIt(t *testing.T) {
	e, err := collect(t, fixture(t, t.TempDir(), minimal()...))
	if err == nil {
		t.Error("no error")
	}
	for _, part := range minimal() {
		want := oneIf(part == partUname || part == partTime) // which ask the kernel itself
		if got := e.series[`node_scrape_collector_success{collector="`+part+`"}`]; got != want {
			t.Errorf("success of %s is %v", part, got)
		}
	}
}

func TestOptionalFilesOfSysfsMayBeMissing(t *testing.T) {
	dir := editable(t)
	if err := os.RemoveAll(filepath.Join(dir, "sys")); err != nil {
		t.Fatal(err)
	}
	e := mustCollect(t, fixture(t, dir, minimal()...))
	for _, family := range []string{"node_cpu_isolated", "node_cpu_online", "node_cpu_core_throttles_total", "node_network_receive_nohandler_total", "node_time_clocksource_current_info"} {
		if len(e.of(family)) > 0 {
			t.Errorf("there is a %s", family)
		}
	}
}

// A collection must not cost memory where nothing changes. The file systems
// are left out: each of them is asked by a goroutine of its own.
func TestSteadyStateDoesNotAllocate(t *testing.T) {
	c := fixture(t, "testdata/host", without(minimal(), []string{partFilesystem})...)
	var batch event.Batch
	out := event.NewBuilder(&batch)
	allocs := testing.AllocsPerRun(100, func() {
		batch.Reset()
		if err := c.Collect(t.Context(), out); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 0 {
		t.Errorf("a collection allocates %v times", allocs)
	}
}
