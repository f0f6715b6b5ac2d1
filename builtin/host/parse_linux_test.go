package host

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseCPU(t *testing.T) {
	for _, test := range []struct {
		name, line string
		id         string // empty: not about one CPU
		ticks      cpuTicks
		fails      bool
	}{
		{"a CPU", "cpu12 1 2 3 4 5 6 7 8 9 10", "12", cpuTicks{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, false},
		{"an old kernel has fewer columns", "cpu0 1 2 3 4", "0", cpuTicks{1, 2, 3, 4}, false},
		{"a new kernel may have more", "cpu0 1 2 3 4 5 6 7 8 9 10 11", "0", cpuTicks{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, false},
		{"the sum of all isn't one CPU", "cpu  1 2 3 4", "", cpuTicks{}, false},
		{"another line", "ctxt 5", "", cpuTicks{}, false},
		{"a word that begins alike", "cpufreq 5", "", cpuTicks{}, false},
		{"no number", "cpu0 1 x", "", cpuTicks{}, true},
		{"a number too large", "cpu0 18446744073709551616", "", cpuTicks{}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			id, ticks, ok, err := parseCPU([]byte(test.line))
			if string(id) != test.id || ticks != test.ticks || ok != (test.id != "") || (err != nil) != test.fails {
				t.Errorf("got %q %v %v %v", id, ticks, ok, err)
			}
		})
	}
}

func TestParseCPUList(t *testing.T) {
	for text, want := range map[string][]int{"": nil, "0": {0}, "0-2,5,7-8": {0, 1, 2, 5, 7, 8}} {
		if got, err := parseCPUList(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"x", "3-1", "0-", ",", "0-99999999999", "-1"} {
		if got, err := parseCPUList(text); err == nil {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestParseMeminfo(t *testing.T) {
	for line, want := range map[string]struct {
		name  string
		value float64
	}{
		"MemTotal:       24684084 kB": {"node_memory_MemTotal_bytes", 24684084 * 1024},
		"Active(anon):  1 kB":         {"node_memory_Active_anon_bytes", 1024},
		"HugePages_Total:       4":    {"node_memory_HugePages_Total", 4},
	} {
		m, err := parseMeminfo([]byte(line))
		if err != nil || m.name() != want.name || m.value != want.value {
			t.Errorf("%q: got %s %v, %v", line, m.name(), m.value, err)
		}
	}
	for _, line := range []string{"", "MemTotal 5 kB", ": 5 kB", "MemTotal:", "MemTotal: x kB", "MemTotal: 5 MB"} {
		if m, err := parseMeminfo([]byte(line)); err == nil {
			t.Errorf("%q: got %v", line, m)
		}
	}
}

func TestParseLoadavg(t *testing.T) {
	if got, err := parseLoadavg([]byte("0.24 10.5 3 2/95 7711\n")); err != nil || got != [3]float64{0.24, 10.5, 3} {
		t.Errorf("got %v, %v", got, err)
	}
	for _, text := range []string{"", "1 2", "1 2 x"} {
		if got, err := parseLoadavg([]byte(text)); err == nil {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestParseStat(t *testing.T) {
	values, err := parseStat([]byte("cpu 1 2\nintr 7 1 2 3\nbtime 5\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		want := map[string]uint64{"intr": 7, "btime": 5}[statFields[i].key]
		if v.n != want || v.found != (want > 0) {
			t.Errorf("%s is %v", statFields[i].key, v)
		}
	}
	for _, text := range []string{"", "cpu 1 2\n", "intr\n", "btime x\n"} {
		if _, err := parseStat([]byte(text)); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestParseNetdev(t *testing.T) {
	want := netValues{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	const columns = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16"
	for line, device := range map[string]string{
		"  eth0: " + columns: "eth0",
		"eth0:" + columns:    "eth0",
		"eth0:1: " + columns: "eth0:1",
	} {
		if name, values, err := parseNetdev([]byte(line)); err != nil || string(name) != device || values != want {
			t.Errorf("%q: got %s %v, %v", line, name, values, err)
		}
	}
	for _, line := range []string{"", "eth0", "eth0: 1 2 3", "eth0: x", ": " + columns, "../x: " + columns} {
		if name, values, err := parseNetdev([]byte(line)); err == nil {
			t.Errorf("%q: got %s %v", line, name, values)
		}
	}
}

func TestParseMount(t *testing.T) {
	for _, test := range []struct {
		name, line, root string
		want             mount
	}{
		{"a mount", "36 35 98:1 /a /mnt rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue", "/",
			mount{device: "/dev/root", point: "/mnt", fsType: "ext3", major: "98", minor: "1", path: "/mnt"}},
		{"read-only where it is mounted", "36 35 98:1 / /mnt ro - ext3 /dev/root rw", "/",
			mount{device: "/dev/root", point: "/mnt", fsType: "ext3", major: "98", minor: "1", path: "/mnt", readOnly: true}},
		{"read-only after an error", "36 35 98:1 / /mnt rw - ext4 /dev/root rw,emergency_ro", "/",
			mount{device: "/dev/root", point: "/mnt", fsType: "ext4", major: "98", minor: "1", path: "/mnt", readOnly: true}},
		{"an option that only begins alike", "36 35 98:1 / /mnt rw,rotate - ext4 /dev/root rw,errors=remount-ro", "/",
			mount{device: "/dev/root", point: "/mnt", fsType: "ext4", major: "98", minor: "1", path: "/mnt"}},
		{"no device", "36 35 0:1 / /mnt rw - tmpfs  rw", "/",
			mount{fsType: "tmpfs", point: "/mnt", major: "0", minor: "1", path: "/mnt"}},
		{"blanks in the path", `36 35 0:1 / /a\040b\011c\134d rw - tmpfs x rw`, "/",
			mount{device: "x", fsType: "tmpfs", point: "/a b\tc\\d", major: "0", minor: "1", path: "/a b\tc\\d"}},
		{"bytes that aren't UTF-8", "36 35 0:1 / /a\xffb rw - tmpfs x rw", "/",
			mount{device: "x", fsType: "tmpfs", point: "/a\uFFFDb", major: "0", minor: "1", path: "/a\xffb"}},
		{"the host's root elsewhere, seen from within", "36 35 0:1 / /host/srv rw - xfs x rw", "/host",
			mount{device: "x", fsType: "xfs", point: "/srv", major: "0", minor: "1", path: "/host/srv"}},
		{"the host's root elsewhere, itself", "36 35 0:1 / /host rw - xfs x rw", "/host",
			mount{device: "x", fsType: "xfs", point: "/", major: "0", minor: "1", path: "/host"}},
		{"the host's root elsewhere, seen by the host", "36 35 0:1 / /srv rw - xfs x rw", "/host",
			mount{device: "x", fsType: "xfs", point: "/srv", major: "0", minor: "1", path: "/host/srv"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseMount(test.line, test.root)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(mount{}), cmpopts.IgnoreFields(mount{}, "probe")); diff != "" {
				t.Errorf("mount (-want +got):\n%s", diff)
			}
		})
	}
	for _, line := range []string{"", "36 35 98:1 / /mnt rw", "36 35 98 / /mnt rw - a b c", "36 35 98:1 / /mnt rw - a b"} {
		if got, err := parseMount(line, "/"); err == nil {
			t.Errorf("%q: got %v", line, got)
		}
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("cpu0 1 2 3 4 5 6 7 8 9 10\nintr 5 1\n"), []byte("cpu0 0 0 0 0\ncpu1 1 1 1 1\n"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		_, _ = parseStat(first) // it must come to an end, whatever it makes of that
		p := newCPU(newKernelFile("stat"), "/nowhere")
		if p.update(first, 1) != nil || p.update(second, 2) != nil {
			return
		}
		if len(p.cpus) == 0 || len(p.cpus) != len(p.byID) {
			t.Errorf("%d CPUs, %d by their id", len(p.cpus), len(p.byID))
		}
	})
}

func FuzzParseCPUList(f *testing.F) {
	f.Add("0-3,8")
	f.Fuzz(func(t *testing.T, text string) {
		cpus, err := parseCPUList(text)
		if err == nil && len(cpus) > 2*maxCPU {
			t.Errorf("%d CPUs", len(cpus))
		}
	})
}

func FuzzParseMeminfo(f *testing.F) {
	f.Add([]byte("Active(anon):       1576 kB"))
	valid := regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
	f.Fuzz(func(t *testing.T, line []byte) {
		if m, err := parseMeminfo(line); err == nil && (!valid.MatchString(m.name()) || m.value < 0) {
			t.Errorf("%s %v", m.name(), m.value)
		}
	})
}

func FuzzParseLoadavg(f *testing.F) {
	f.Add([]byte("0.24 0.08 0.02 2/95 7711\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := parseLoadavg(text); err == nil && len(strings.Fields(string(text))) < 3 {
			t.Errorf("%q has three numbers", text)
		}
	})
}

func FuzzParseNetdev(f *testing.F) {
	f.Add([]byte("head\nhead\n  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"), []byte("\n\n"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		p, err := newNetdev(netdevConfig{}, "/nowhere", "/nowhere")
		if err != nil {
			t.Fatal(err)
		}
		if p.update(first, 1) != nil || p.update(second, 2) != nil {
			return
		}
		if len(p.links) != len(p.byName) {
			t.Errorf("%d devices, %d by their name", len(p.links), len(p.byName))
		}
	})
}

func FuzzParseMounts(f *testing.F) {
	f.Add([]byte("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw\n"), "/host")
	f.Fuzz(func(t *testing.T, text []byte, root string) {
		mounts, err := parseMounts(text, root)
		if err != nil {
			return
		}
		for _, m := range mounts {
			if s := m.device + m.point + m.fsType + m.major + m.minor; s != valid(s) {
				t.Errorf("%q is no label", s)
			}
		}
	})
}
