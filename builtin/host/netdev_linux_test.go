package host

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/plugin/event"
)

const netHead = "Inter-|\n face |\n"

func TestNetdevFilters(t *testing.T) {
	const text = netHead + "lo: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\neth0: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n"
	for _, test := range []struct {
		name string
		cfg  netdevConfig
		want []string
	}{
		{"all by default", netdevConfig{}, []string{"lo", "eth0"}},
		{"without those excluded", netdevConfig{ExcludeDevices: "^lo$"}, []string{"eth0"}},
		{"only those included", netdevConfig{IncludeDevices: "^lo$"}, []string{"lo"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := newNetdev(test.cfg, "/nowhere", "/nowhere")
			if err != nil {
				t.Fatal(err)
			}
			if err := p.update([]byte(text), 1); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, l := range p.links {
				got = append(got, l.name)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("devices (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDeviceThatComesBackStartsAnew(t *testing.T) {
	dir := editable(t)
	dev, noHandler := filepath.Join(dir, "proc/net/dev"), filepath.Join(dir, "sys/class/net/eth0/statistics/rx_nohandler")
	c := fixture(t, dir, partNetdev)
	const key = `node_network_receive_nohandler_total{device="eth0"}`
	if e := mustCollect(t, c); e.series[key] != 13 {
		t.Fatalf("%s is %v", key, e.series[key])
	}
	write(t, dev, netHead)
	if e := mustCollect(t, c); len(e.of("node_network_receive_bytes_total")) != 0 {
		t.Error("devices are left that the kernel no longer lists")
	}
	if err := os.Remove(noHandler); err != nil { // a new device has new files
		t.Fatal(err)
	}
	write(t, noHandler, "1\n")
	write(t, dev, netHead+"eth0: 7 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n")
	e := mustCollect(t, c)
	if e.series[key] != 1 || e.series[`node_network_receive_bytes_total{device="eth0"}`] != 7 {
		t.Errorf("after it came back: %v", e.series)
	}
}

// Thousands of devices must not exhaust the descriptors of the process.
func TestFewFilesStayOpenForManyDevices(t *testing.T) {
	dir := editable(t)
	var text strings.Builder
	text.WriteString(netHead)
	for i := range 2 * maxKeptLinks {
		fmt.Fprintf(&text, "veth%d: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n", i)
		stats := filepath.Join(dir, "sys/class/net", fmt.Sprint("veth", i), "statistics")
		if err := os.MkdirAll(stats, 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(stats, "rx_nohandler"), "1\n")
	}
	write(t, filepath.Join(dir, "proc/net/dev"), text.String())
	c := fixture(t, dir, partNetdev)
	before := openFiles(t)
	var out event.Builder
	if err := c.Collect(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if grown := openFiles(t) - before; grown > 10 {
		t.Errorf("%d files more are open", grown)
	}
	if got := out.Len(); got < 2*maxKeptLinks*len(netColumns) {
		t.Errorf("%d samples", got)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
