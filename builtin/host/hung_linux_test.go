package host

import (
	"fmt"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hashicorp/go-hclog"
)

// TestRealMountThatNeverAnswers mounts a FUSE file system whose server, the
// test, never reads a request. Whoever asks it hangs until the test ends it.
func TestRealMountThatNeverAnswers(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root may mount")
	}
	fuse, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("this machine has no FUSE: %v", err)
	}
	defer fuse.Close()
	dir := t.TempDir()
	if err := unix.Mount("hung", dir, "fuse", 0, fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fuse.Fd())); err != nil {
		t.Skipf("this machine doesn't let us mount: %v", err)
	}
	defer func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	}()

	set := settings{parts: minimal(), path: defaultPaths(), filesystem: defaultFilesystem()}
	set.filesystem.MountTimeout = 200 * time.Millisecond
	c, err := open(set, environment{log: hclog.NewNullLogger(), statfs: statfs}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	hung := fmt.Sprintf(`{device="hung",device_error=%q,fstype="fuse",mountpoint=%q}`, mountTimeout, dir)
	for _, which := range []string{"first", "second"} {
		start := time.Now()
		e := mustCollect(t, c)
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("the %s collection took %s", which, took)
		}
		if e.series["node_filesystem_device_error"+hung] != 1 {
			t.Errorf("the %s collection doesn't say that the mount hangs: %v", which, e.of("node_filesystem_device_error"))
		}
		if len(e.of("node_cpu_seconds_total")) == 0 || e.series[`node_scrape_collector_success{collector="filesystem"}`] != 1 {
			t.Errorf("the %s collection lacks the other measures", which)
		}
	}

	if err := fuse.Close(); err != nil { // the kernel gives up on the server
		t.Fatal(err)
	}
	p := c.parts[len(c.parts)-1].part.(*filesystemPart)
	select {
	case one := <-p.prober.answers:
		if one.path != dir || one.err == nil {
			t.Errorf("%s answered %v", one.path, one.err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the goroutine that asks is still there")
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
