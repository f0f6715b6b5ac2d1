package facts

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"
)

// live returns the facts of the machine that the tests run on.
func live() *Facts {
	return New(Options{Now: time.Now, Log: hclog.NewNullLogger()})
}

func TestFactsOfThisMachine(t *testing.T) {
	f := live()
	for _, name := range f.Names() {
		value := gather(t, f, name)
		if want, _ := f.Type(name); want != cty.DynamicPseudoType && !value.Type().Equals(want) {
			t.Errorf("%s has the type %s", name, value.Type().FriendlyName())
		}
		encode(t, value)
	}

	hostname, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if got := gather(t, f, "host").GetAttr("hostname").AsString(); got != hostname {
		t.Errorf("the hostname is %q, want %q", got, hostname)
	}
	if got := gather(t, f, "user").GetAttr("uid"); got.RawEquals(cty.NumberIntVal(int64(os.Geteuid()))) == false {
		t.Errorf("the user is %#v", got)
	}
	// The affinity of this process may leave it fewer processors, never more.
	if got := gather(t, f, "cpu").GetAttr("logical"); got.LessThan(cty.NumberIntVal(int64(runtime.NumCPU()))).True() {
		t.Errorf("there are %#v processors, but this process may use %d", got, runtime.NumCPU())
	}
	if got := gather(t, f, "memory").GetAttr("total"); !got.GreaterThan(cty.NumberIntVal(1 << 20)).True() {
		t.Errorf("the memory is %#v", got)
	}
	root := gather(t, f, "mount").Index(cty.StringVal("/"))
	if !root.GetAttr("size").GreaterThan(cty.Zero).True() {
		t.Errorf("the root file system is %#v", root)
	}
	if got := gather(t, f, "os").GetAttr("kernel").AsString(); got != "Linux" {
		t.Errorf("the kernel is %q", got)
	}
	if gather(t, f, "network").GetAttr("interfaces").LengthInt() == 0 {
		t.Error("there is no interface, not even the loopback")
	}
}

// TestPackagesOfThisMachine compares with what the package manager's own tool
// says.
func TestPackagesOfThisMachine(t *testing.T) {
	tool, err := exec.LookPath("dpkg-query")
	if err != nil {
		t.Skip("this machine has no dpkg-query to compare with")
	}
	output, err := exec.CommandContext(t.Context(), tool, "-W", "-f", "${db:Status-Status} ${Package} ${Version}\n").Output()
	if err != nil {
		t.Fatal(err)
	}
	list := gather(t, live(), "package").GetAttr("list").AsValueMap()
	want := map[string]bool{}
	for line := range strings.Lines(string(output)) {
		f := strings.Fields(line)
		if len(f) != 3 || f[0] != "installed" || want[f[1]] {
			continue
		}
		want[f[1]] = true
		if got, ok := list[f[1]]; !ok || got.AsString() != f[2] {
			t.Errorf("%s is %#v, dpkg-query says %s", f[1], got, f[2])
		}
	}
	if len(list) != len(want) {
		t.Errorf("%d packages, dpkg-query says %d", len(list), len(want))
	}
}

func TestACustomProgramThatHangsIsEnded(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes as long as a program may")
	}
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "site"), []byte("#!/bin/sh\nexec sleep 600\n"), 0o755)
	started := time.Now()
	value, log := customFacts(t, dir)
	if !value.GetAttr("site").IsNull() || !strings.Contains(log, "longer than 5s") {
		t.Errorf("the facts are %#v and the log %q", value, log)
	}
	if took := time.Since(started); took < customTimeout || took > 6*customTimeout {
		t.Errorf("it took %s, want about %s", took, customTimeout)
	}
}

func BenchmarkGather(b *testing.B) {
	for _, name := range live().Names() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				gather(b, live(), name)
			}
		})
	}
}

func BenchmarkGatherAgain(b *testing.B) {
	f := live()
	b.ReportAllocs()
	for b.Loop() {
		gather(b, f, "os")
	}
}
