package sinks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// content reads a file, which may be missing.
func content(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(b)
}

func wantContent(t testing.TB, path, want string) {
	t.Helper()
	if diff := cmp.Diff(want, content(t, path)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", filepath.Base(path), diff)
	}
}

// namesIn lists a directory and what is below it, sorted.
func namesIn(t testing.TB, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		names = append(names, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

// toHosts is a batch of one event for each host, in turn.
func toHosts(hosts ...string) *event.Batch {
	var b event.Builder
	for i, host := range hosts {
		b.Log(at, fmt.Appendf(nil, "%s %d", host, i))
		b.String("host", host)
	}
	return b.Batch()
}

func TestFileWritesEachFormat(t *testing.T) {
	const stamp = "2025-03-04T05:06:07Z"
	tests := map[string]struct {
		given body
		want  string
	}{
		"json is the default": {body{}, `{"timestamp":"` + stamp + `","message":"one"}` + "\n"},
		"ndjson is the same":  {body{"format": "ndjson"}, `{"timestamp":"` + stamp + `","message":"one"}` + "\n"},
		"raw":                 {body{"format": "raw"}, "one\n"},
		"text":                {body{"format": "text"}, stamp + " one\n"},
		"logfmt":              {body{"format": "logfmt"}, "timestamp=" + stamp + " message=one\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "new", "dir", "out.log")
			tt.given["path"] = path
			write(t, newWorld().open(t, "file", tt.given), lines("one"))
			wantContent(t, path, tt.want)
		})
	}
}

func TestFileSetsTheModesOfWhatItMakes(t *testing.T) {
	old := syscall.Umask(0o077)
	t.Cleanup(func() { syscall.Umask(old) })
	dir := t.TempDir()
	existing := filepath.Join(dir, "existing.log")
	if err := os.WriteFile(existing, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{filepath.Join(dir, "new.log"): 0o644, existing: 0o600} {
		write(t, newWorld().open(t, "file", body{"path": path, "mode": "0644"}), lines("x"))
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
		}
	}
}

func TestFileSortsTheEventsOfABatchByPath(t *testing.T) {
	dir := t.TempDir()
	sink := newWorld().open(t, "file", body{"path": dir + "/{host}/%Y.log", "format": "raw", "fsync": true})
	for range 2 {
		write(t, sink, toHosts("a", "a", "b", "../c", "a", "b"))
	}
	wantContent(t, dir+"/a/2025.log", "a 0\na 1\na 4\na 0\na 1\na 4\n")
	wantContent(t, dir+"/b/2025.log", "b 2\nb 5\nb 2\nb 5\n")
	wantContent(t, dir+"/___c/2025.log", "../c 3\n../c 3\n")
}

func TestFileTakesThePresentForAnEventWithoutATime(t *testing.T) {
	dir := t.TempDir()
	w := newWorld()
	w.now.advance(24 * time.Hour)
	var b event.Builder
	b.Log(time.Time{}, []byte("x"))
	write(t, w.open(t, "file", body{"path": dir + "/%d.log", "format": "raw"}), b.Batch())
	wantContent(t, dir+"/05.log", "x\n")
}

// TestFileKeepsFewFilesOpen also shows that a file which was closed to make
// room is found again.
func TestFileKeepsFewFilesOpen(t *testing.T) {
	dir := t.TempDir()
	var hosts []string
	for i := range 3 * maxOpenFiles {
		hosts = append(hosts, fmt.Sprintf("h%d", i))
	}
	w := newWorld()
	sink := w.open(t, "file", body{"path": dir + "/{host}.log", "format": "raw"})
	for range 2 {
		write(t, sink, toHosts(hosts...))
	}
	if n := openBelow(t, dir); n != maxOpenFiles {
		t.Errorf("%d files are open, want %d", n, maxOpenFiles)
	}
	for i, host := range hosts {
		wantContent(t, dir+"/"+host+".log", strings.Repeat(fmt.Sprintf("%s %d\n", host, i), 2))
	}

	w.now.advance(idleTime + time.Second)
	write(t, sink, toHosts("h1"))
	if n := openBelow(t, dir); n != 1 {
		t.Errorf("%d files are open after a while, want 1", n)
	}
}

// openBelow counts the files below dir that this process has open.
func openBelow(t *testing.T, dir string) int {
	t.Helper()
	fds, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	if len(fds) == 0 {
		t.Skip("without /proc the open files can't be counted")
	}
	n := 0
	for _, fd := range fds {
		if target, err := os.Readlink(fd); err == nil && strings.HasPrefix(target, dir+"/") {
			n++
		}
	}
	return n
}

func TestFileDoesNotHoardBuffers(t *testing.T) {
	sink := newWorld().open(t, "file", body{"path": t.TempDir() + "/{host}.log", "format": "raw"}).(*fileSink)
	const files = 10
	for large := range files {
		var b event.Builder
		for i := range files {
			size := 1
			if i == large {
				size = maxKeptBytes / 4
			}
			b.Log(at, []byte(strings.Repeat("x", size)))
			b.Int("host", int64(i))
		}
		write(t, sink, b.Batch())
	}
	kept := 0
	for _, group := range sink.groups[:cap(sink.groups)] {
		kept += cap(group.lines)
	}
	if kept > maxKeptBytes {
		t.Errorf("%d bytes are kept, want at most %d", kept, maxKeptBytes)
	}
}

func TestFileTakesBackABatchThatCanNotBeWrittenWhole(t *testing.T) {
	dir := t.TempDir()
	w := newWorld()
	sink := w.open(t, "file", body{"path": dir + "/{host}.log", "format": "raw"})
	write(t, sink, toHosts("a"))

	obstacle := dir + "/b.log"
	if err := os.Mkdir(obstacle, 0o700); err != nil {
		t.Fatal(err)
	}
	batch := toHosts("a", "b")
	err := sink.Write(t.Context(), batch)
	if err == nil || plugin.IsPermanent(err) || !strings.Contains(err.Error(), obstacle) {
		t.Fatalf("got %v, want an error that names %s and can be retried", err, obstacle)
	}
	wantContent(t, dir+"/a.log", "a 0\n")

	if err := os.Remove(obstacle); err != nil {
		t.Fatal(err)
	}
	write(t, sink, batch)
	wantContent(t, dir+"/a.log", "a 0\na 0\n")
	wantContent(t, dir+"/b.log", "b 1\n")
}

func TestFileDoesNotWriteWhenItsTimeIsUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	sink := newWorld().open(t, "file", body{"path": path})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sink.Write(ctx, lines("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	wantContent(t, path, "")
}

func TestFileDoesNotWriteWhatItCouldNotRepair(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	w := newWorld()
	sink := w.open(t, "file", body{"path": path, "format": "raw"})
	w.marks.fail = errors.New("the store is full")
	if err := sink.Write(t.Context(), lines("x")); !errors.Is(err, w.marks.fail) {
		t.Errorf("got %v, want %v", err, w.marks.fail)
	}
	wantContent(t, path, "")
	w.marks.fail = nil
	write(t, sink, lines("x"))
	wantContent(t, path, "x\n")
}

func TestFileRefusesWhatItCanNotRotate(t *testing.T) {
	dir := t.TempDir()
	link, pipe := filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := errors.Join(os.Symlink("target", link), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{link: "symbolic link", pipe: "not a regular file"} {
		err := newWorld().open(t, "file", body{"path": path}).Write(t.Context(), lines("x"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", path, err, want)
		}
	}
	if content(t, filepath.Join(dir, "target")) != "" {
		t.Error("the link was followed")
	}
}

func TestFileValidatesWhatItIsGiven(t *testing.T) {
	tests := map[string]struct {
		given body
		want  string
	}{
		"all is well":                   {body{"path": "/a/%Y.log", "rotate": body{"max_size": "1MiB", "max_age": "1d", "max_files": 3}}, ""},
		"a path that can't be meant":    {body{"path": "/a/%q.log"}, "Invalid path of a file sink"},
		"files of no size":              {body{"path": "/a", "rotate": body{"max_size": "0"}}, "Invalid rotation"},
		"files of no age":               {body{"path": "/a", "rotate": body{"max_age": "1ms"}}, "Invalid rotation"},
		"no rotated file kept":          {body{"path": "/a", "rotate": body{"max_files": 0}}, "Invalid rotation"},
		"less than no file kept":        {body{"path": "/a", "rotate": body{"max_files": -1}}, "Invalid rotation"},
		"a mode that isn't four digits": {body{"path": "/a", "mode": "640"}, "Invalid mode"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, diags := newWorld().tryOpen(t, "file", tt.given)
			got := ""
			for _, d := range diags {
				got += d.Summary
			}
			if got != tt.want {
				t.Errorf("got %q, want %q: %v", got, tt.want, diags.Err())
			}
		})
	}
}
