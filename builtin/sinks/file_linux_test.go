package sinks

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// TestFileSurvivesAFullDisk needs a file system of its own to fill.
func TestFileSurvivesAFullDisk(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can mount a small file system")
	}
	dir := t.TempDir()
	if err := syscall.Mount("driftless-test", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("a small file system can't be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	sink := newWorld().open(t, "file", body{"path": dir + "/{host}.log", "format": "raw"})
	write(t, sink, toHosts("a", "b"))
	ballast := dir + "/ballast"
	if err := os.WriteFile(ballast, make([]byte, 40<<10), 0o600); err != nil {
		t.Fatal(err)
	}

	var b event.Builder
	for _, host := range []string{"a", "b"} {
		b.Log(at, []byte(strings.Repeat(host, 12<<10)))
		b.String("host", host)
	}
	batch := b.Batch()
	for range 3 {
		if err := sink.Write(t.Context(), batch); !errors.Is(err, syscall.ENOSPC) || plugin.IsPermanent(err) {
			t.Fatalf("got %v, want %v, to be retried", err, syscall.ENOSPC)
		}
		wantContent(t, dir+"/a.log", "a 0\n")
		wantContent(t, dir+"/b.log", "b 1\n")
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	write(t, sink, batch)
	wantContent(t, dir+"/a.log", "a 0\n"+strings.Repeat("a", 12<<10)+"\n")
	wantContent(t, dir+"/b.log", "b 1\n"+strings.Repeat("b", 12<<10)+"\n")
}
