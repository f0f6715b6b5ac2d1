package pluginhost

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// descriptors counts the open files of this process.
func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("this system doesn't show the open files of a process: ", err)
	}
	return len(entries)
}

func TestProcessesThatAreKilledLeaveNothingBehind(t *testing.T) {
	const kills = 25
	h, _ := newHost(t)
	h.limits.firstPause, h.limits.lastPause, h.limits.coolDown = time.Millisecond, time.Millisecond, time.Millisecond
	p := launch(t, h)
	before := descriptors(t)
	var dirs []string
	for i := range kills {
		collector := open(t, p, plugin.KindCollector, nil)
		if err := collector.(plugin.Collector).Collect(t.Context(), event.NewBuilder(new(event.Batch))); err != nil {
			t.Fatal(err)
		}
		g, err := p.live(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, g.dir)
		if err := syscall.Kill(g.child.cmd.Process.Pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		<-collector.(plugin.Perishable).Lost()
		if _, err := os.Stat(filepath.Join("/proc", g.child.ID())); err == nil {
			t.Errorf("the process is still there after kill %d", i+1)
		}
	}
	until(t, "all were counted", func() bool { s := h.Status()[0]; return s.Up && s.Crashes == kills && s.Starts == kills+1 })
	until(t, "no more files are open than before", func() bool { return descriptors(t) <= before })
	for _, dir := range dirs {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the directory %s was left behind: %v", dir, err)
		}
	}
}
