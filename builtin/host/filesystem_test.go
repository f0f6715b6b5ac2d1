package host

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/plugin/event"
)

// mounted is a table of mounts that a test writes.
type mounted struct {
	mounts  []mount
	changed bool
}

func (m *mounted) list(*round) ([]mount, bool, error) {
	changed := m.changed
	m.changed = false
	return m.mounts, changed, nil
}

func (m *mounted) close() error { return nil }

func (m *mounted) set(points ...string) {
	m.mounts, m.changed = nil, true
	for _, point := range points {
		m.mounts = append(m.mounts, mount{device: "dev", point: point, fsType: "ext4", path: point})
	}
}

// disks answers statfs, but for the paths that hang.
type disks struct {
	mu    sync.Mutex
	hung  map[string]chan struct{}
	asked map[string]int
	log   bytes.Buffer
}

func newDisks(hung ...string) *disks {
	d := &disks{hung: map[string]chan struct{}{}, asked: map[string]int{}}
	for _, path := range hung {
		d.hung[path] = make(chan struct{})
	}
	return d
}

func (d *disks) statfs(path string, u *usage) error {
	d.mu.Lock()
	d.asked[path]++
	hung := d.hung[path]
	d.mu.Unlock()
	if hung != nil {
		<-hung
	}
	*u = usage{size: 100}
	return nil
}

func (d *disks) release(path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	close(d.hung[path])
	delete(d.hung, path)
}

func openDisks(t *testing.T, d *disks, points ...string) (*collector, *mounted) {
	t.Helper()
	table := new(mounted)
	table.set(points...)
	log := hclog.New(&hclog.LoggerOptions{Output: &d.log})
	p, err := newFilesystem(defaultFilesystem(), table, environment{log: log, statfs: d.statfs})
	if err != nil {
		t.Fatal(err)
	}
	return &collector{parts: []named{{part: p, name: partFilesystem}}, now: time.Now, turn: make(chan struct{}, 1)}, table
}

// verdicts tells for each mount point its device_error, or "ok" if it has a size.
func verdicts(t *testing.T, c *collector) map[string]string {
	t.Helper()
	var out event.Builder
	if err := c.Collect(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return verdictsOf(out.Batch())
}

func verdictsOf(b *event.Batch) map[string]string {
	got := map[string]string{}
	point, _ := b.Lookup("mountpoint")
	problem, _ := b.Lookup("device_error")
	for i := range b.Len() {
		switch f, value := b.Metric(i); {
		case f == fsDeviceError && value == 1:
			got[string(b.Field(i, point).Text())] = string(b.Field(i, problem).Text())
		case f == fsSize:
			got[string(b.Field(i, point).Text())] = "ok"
		}
	}
	return got
}

func TestHungMountHoldsUpNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisks("/mnt/nfs")
		c, _ := openDisks(t, d, "/", "/mnt/nfs", "/srv")
		want := map[string]string{"/": "ok", "/srv": "ok", "/mnt/nfs": mountTimeout}

		start := time.Now()
		if diff := cmp.Diff(want, verdicts(t, c)); diff != "" {
			t.Errorf("the first collection (-want +got):\n%s", diff)
		}
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("the first collection took %s", took)
		}

		start = time.Now()
		for range 3 {
			if diff := cmp.Diff(want, verdicts(t, c)); diff != "" {
				t.Errorf("a later collection (-want +got):\n%s", diff)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("three later collections took %s", took)
		}
		if d.asked["/mnt/nfs"] != 1 || d.asked["/"] != 4 {
			t.Errorf("asked %v", d.asked)
		}

		d.release("/mnt/nfs")
		synctest.Wait()
		want["/mnt/nfs"] = "ok"
		if diff := cmp.Diff(want, verdicts(t, c)); diff != "" {
			t.Errorf("after it answered (-want +got):\n%s", diff)
		}
		if log := d.log.String(); strings.Count(log, "doesn't answer") != 1 || strings.Count(log, "answers again") != 1 {
			t.Errorf("the log says:\n%s", log)
		}
	})
}

func TestAnswerWithinTheTimeoutIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisks("/slow")
		c, _ := openDisks(t, d, "/slow")
		time.AfterFunc(3*time.Second, func() { d.release("/slow") })
		if got := verdicts(t, c)["/slow"]; got != "ok" {
			t.Errorf("got %q", got)
		}
	})
}

func TestCollectionEndsBeforeItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisks("/mnt/nfs")
		c, _ := openDisks(t, d, "/", "/mnt/nfs")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var out event.Builder
		start := time.Now()
		if err := c.Collect(ctx, &out); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("it took %s", took)
		}
		want := map[string]string{"/": "ok", "/mnt/nfs": mountTimeout}
		if diff := cmp.Diff(want, verdictsOf(out.Batch())); diff != "" {
			t.Errorf("mounts (-want +got):\n%s", diff)
		}
		d.release("/mnt/nfs")
	})
}

func TestHungMountPointIsNeverAskedTwiceAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisks("/mnt/nfs")
		c, table := openDisks(t, d, "/mnt/nfs")
		verdicts(t, c)
		table.set("/") // it was unmounted by force
		verdicts(t, c)
		table.set("/", "/mnt/nfs") // and mounted again
		want := map[string]string{"/": "ok", "/mnt/nfs": mountTimeout}
		if diff := cmp.Diff(want, verdicts(t, c)); diff != "" {
			t.Errorf("mounts (-want +got):\n%s", diff)
		}
		if d.asked["/mnt/nfs"] != 1 {
			t.Errorf("asked %v", d.asked)
		}
		d.release("/mnt/nfs")
	})
}

func TestManyHungMountsHoldFewThreads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var outstanding atomic.Int32
		release := make(chan struct{})
		table := new(mounted)
		var points []string
		for i := range 3 * maxProbes {
			points = append(points, fmt.Sprint("/mnt/", i))
		}
		table.set(points...)
		statfs := func(string, *usage) error {
			outstanding.Add(1)
			<-release
			return nil
		}
		p, err := newFilesystem(defaultFilesystem(), table, environment{log: hclog.NewNullLogger(), statfs: statfs})
		if err != nil {
			t.Fatal(err)
		}
		c := &collector{parts: []named{{part: p, name: partFilesystem}}, now: time.Now, turn: make(chan struct{}, 1)}
		for range 3 {
			if got := len(verdicts(t, c)); got != len(points) {
				t.Errorf("%d mounts are reported", got)
			}
		}
		if got := outstanding.Load(); got != maxProbes {
			t.Errorf("%d are outstanding", got)
		}
		close(release)
		synctest.Wait()
		for point, got := range verdicts(t, c) {
			if got != "ok" {
				t.Errorf("%s: %s", point, got)
			}
		}
	})
}

func TestMountsThatAreGoneAreForgotten(t *testing.T) {
	d := newDisks()
	c, table := openDisks(t, d, "/", "/srv")
	verdicts(t, c)
	table.set("/")
	if diff := cmp.Diff(map[string]string{"/": "ok"}, verdicts(t, c)); diff != "" {
		t.Errorf("mounts (-want +got):\n%s", diff)
	}
	if p := c.parts[0].part.(*filesystemPart).prober; len(p.probes) != 1 {
		t.Errorf("%d probes are kept", len(p.probes))
	}
}

func TestExcludedMountsAreNeverAsked(t *testing.T) {
	d := newDisks("/var/lib/docker/x")
	c, table := openDisks(t, d, "/", "/var/lib/docker/x", "/proc", "/processes")
	table.mounts = append(table.mounts, mount{device: "dev", point: "/run/user", fsType: "overlay", path: "/run/user"})
	want := map[string]string{"/": "ok", "/processes": "ok"}
	if diff := cmp.Diff(want, verdicts(t, c)); diff != "" {
		t.Errorf("mounts (-want +got):\n%s", diff)
	}
	if len(d.asked) != 2 {
		t.Errorf("asked %v", d.asked)
	}
}
