package host

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCPUTimeOverSeveralRounds(t *testing.T) {
	const head = "cpu 0 0 0 0\n"
	for _, test := range []struct {
		name   string
		rounds []string
		want   map[string]cpuTicks
	}{
		{"time goes on", []string{"cpu0 1 1 1 500\n", "cpu0 2 2 2 600\n"}, map[string]cpuTicks{"0": {2, 2, 2, 600}}},
		{"what goes back a little stays where it was", []string{"cpu0 5 1 1 500 9\n", "cpu0 6 1 1 400 8\n"}, map[string]cpuTicks{"0": {6, 1, 1, 500, 9}}},
		{"idle time that goes back three seconds is another CPU's", []string{"cpu0 5 1 1 500 9\n", "cpu0 1 0 0 200 2\n"}, map[string]cpuTicks{"0": {1, 0, 0, 200, 2}}},
		{"a CPU that goes offline is dropped", []string{"cpu0 1 1 1 1\ncpu1 1 1 1 1\n", "cpu0 1 1 1 1\n"}, map[string]cpuTicks{"0": {1, 1, 1, 1}}},
		{"a CPU that comes back starts anew", []string{"cpu0 1 1 1 1\ncpu1 9 9 9 9\n", "cpu0 1 1 1 1\n", "cpu0 1 1 1 1\ncpu1 2 2 2 2\n"}, map[string]cpuTicks{"0": {1, 1, 1, 1}, "1": {2, 2, 2, 2}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newCPU(newKernelFile("stat"), t.TempDir())
			for i, text := range test.rounds {
				if err := p.update([]byte(head+text), uint64(i+1)); err != nil {
					t.Fatal(err)
				}
			}
			got := map[string]cpuTicks{}
			for _, s := range p.cpus {
				got[s.id] = s.ticks
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("ticks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoCPUIsAnError(t *testing.T) {
	p := newCPU(newKernelFile("stat"), t.TempDir())
	if err := p.update([]byte("ctxt 5\n"), 1); err == nil {
		t.Error("no error")
	}
}

func TestCPUThatGoesOffline(t *testing.T) {
	dir := editable(t)
	c := fixture(t, dir, partCPU)
	if e := mustCollect(t, c); len(e.of("node_cpu_core_throttles_total")) != 2 || e.series[`node_cpu_online{cpu="1"}`] != 1 {
		t.Fatal("not two CPUs online at first")
	}
	write(t, filepath.Join(dir, "proc/stat"), "cpu0 1 1 1 100000\n")
	write(t, filepath.Join(dir, "sys/devices/system/cpu/online"), "0\n")
	write(t, filepath.Join(dir, "sys/devices/system/cpu/cpu1/topology/core_id"), "")
	e := mustCollect(t, c)
	if got := e.of("node_cpu_core_throttles_total"); len(got) != 1 {
		t.Errorf("throttles: %v", got)
	}
	if got, ok := e.series[`node_cpu_online{cpu="1"}`]; !ok || got != 0 {
		t.Errorf("node_cpu_online is %v, %v", got, ok)
	}
	if got := e.of("node_cpu_guest_seconds_total"); len(got) != 2 {
		t.Errorf("guest times: %v", got)
	}
}
