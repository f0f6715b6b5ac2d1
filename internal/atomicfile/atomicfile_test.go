package atomicfile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"golang.org/x/sys/unix"
)

// keep is the options of a write that decides nothing but the mode.
func keep(mode uint32) Options { return Options{Meta: Meta{Mode: mode, UID: -1, GID: -1}} }

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root may do this")
	}
}

func mustWrite(t *testing.T, path, content string, opt Options) {
	t.Helper()
	if err := Write(t.Context(), path, strings.NewReader(content), opt); err != nil {
		t.Fatal(err)
	}
}

func wantFile(t *testing.T, path, content string, mode fs.FileMode) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != content {
		t.Errorf("%s holds %q, %v; want %q", path, got, err, content)
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != mode {
		t.Errorf("mode of %s is %s, want %s", path, info.Mode(), mode)
	}
}

// wantEntries checks that nothing but the named entries is in dir.
func wantEntries(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("%s holds %v, want %v", dir, got, names)
	}
}

func wantError(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v, want an error with %q", err, text)
	}
}

func TestWrite(t *testing.T) {
	defer unix.Umask(unix.Umask(0o077))
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	mustWrite(t, path, "one", keep(0o644))
	wantFile(t, path, "one", 0o644)
	mustWrite(t, path, "two", keep(0o4755))
	wantFile(t, path, "two", fs.ModeSetuid|0o755)
	mustWrite(t, path, "", keep(0o000))
	info, err := Lstat(path)
	if err != nil || info.Mode != 0 || info.Size != 0 {
		t.Errorf("got %+v, %v", info, err)
	}
	wantEntries(t, dir, "file")

	long := filepath.Join(dir, strings.Repeat("n", 255))
	mustWrite(t, long, "long", keep(0o600))
	wantFile(t, long, "long", 0o600)
}

func TestWriteKeepsOrSetsTheOwner(t *testing.T) {
	needRoot(t)
	path := filepath.Join(t.TempDir(), "file")
	mustWrite(t, path, "one", Options{Meta: Meta{Mode: 0o6755, UID: 1234, GID: 5678}})
	mustWrite(t, path, "two", keep(0o6755))
	wantFile(t, path, "two", fs.ModeSetuid|fs.ModeSetgid|0o755)
	if info, err := Lstat(path); err != nil || info.UID != 1234 || info.GID != 5678 {
		t.Errorf("got %+v, %v", info, err)
	}
}

func TestWriteThatFailsLeavesAllAsItWas(t *testing.T) {
	tests := []struct {
		name    string
		content io.Reader
		opt     Options
		detail  string
	}{
		{"the content can't be read", iotest.ErrReader(errors.New("no more")), keep(0o644), "no more"},
		{"a command doesn't accept it", strings.NewReader("new"), Options{Meta: keep(0o644).Meta, Validate: [][]string{{"true"}, {"sh", "-c", "echo because >&2; exit 1"}}}, "because"},
		{"a command isn't there", strings.NewReader("new"), Options{Meta: keep(0o644).Meta, Validate: [][]string{{"no-such-command"}}}, "no-such-command"},
		{"a command is empty", strings.NewReader("new"), Options{Meta: keep(0o644).Meta, Validate: [][]string{{}}}, "empty"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "file")
			mustWrite(t, path, "old", keep(0o600))
			err := Write(t.Context(), path, test.content, test.opt)
			wantError(t, err, test.detail)
			wantFile(t, path, "old", 0o600)
			wantEntries(t, dir, "file")
		})
	}
}

func TestValidationSeesTheNewFileAndNoSecrets(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	t.Setenv("SECRET_TOKEN", "hunter2")
	script := `test "$(cat "$1")" = new && test "$(stat -c %a "$1")" = 640 && test -z "$SECRET_TOKEN"`
	mustWrite(t, path, "new", Options{Meta: keep(0o640).Meta, Validate: [][]string{{"sh", "-c", script, "sh", "{{path}}"}}})
	wantFile(t, path, "new", 0o640)
}

func TestValidationThatHangsIsEndedWithItsChildren(t *testing.T) {
	dir := t.TempDir()
	path, alive := filepath.Join(dir, "file"), filepath.Join(t.TempDir(), "alive")
	if err := syscall.Mkfifo(alive, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		pipe, err := os.Open(alive) // waits for the command to open it too
		cancel()
		if err == nil {
			// The pipe ends when none of the processes that hold it is left.
			_, err = io.Copy(io.Discard, pipe)
			err = errors.Join(err, pipe.Close())
		}
		ended <- err
	}()
	err := Write(ctx, path, strings.NewReader("x"), Options{Meta: keep(0o644).Meta, Validate: [][]string{
		{"sh", "-c", `exec 3>"$0"; sleep 300 & wait`, alive},
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	wantEntries(t, dir)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestSymbolicLinkIsNotFollowed(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	mustWrite(t, target, "old", keep(0o644))
	if err := os.Symlink("target", link); err != nil {
		t.Fatal(err)
	}
	wantError(t, Write(t.Context(), link, strings.NewReader("new"), keep(0o600)), "symbolic link to target")
	wantFile(t, target, "old", 0o644)
	opt := keep(0o600)
	opt.ReplaceSymlink = true
	mustWrite(t, link, "new", opt)
	wantFile(t, link, "new", 0o600)
	wantFile(t, target, "old", 0o644)
	wantError(t, Write(t.Context(), dir, strings.NewReader("new"), keep(0o600)), "not a regular file")
}

func TestRemoveLeftovers(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	old, fresh, other := filepath.Join(dir, tempName("a")), filepath.Join(dir, tempName("b")), filepath.Join(dir, ".c.driftless-notes")
	for _, path := range []string{old, fresh, other} {
		mustWrite(t, path, "", keep(0o600))
	}
	for _, path := range []string{old, other} {
		if err := os.Chtimes(path, now, now.Add(-2*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	removed, err := openDir(t, dir).RemoveLeftovers(now)
	if err != nil || len(removed) != 1 || removed[0] != filepath.Base(old) {
		t.Errorf("removed %v, %v; want %s", removed, err, old)
	}
	for _, path := range []string{fresh, other} {
		if _, err := os.Lstat(path); err != nil {
			t.Error(err)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	path := filepath.Join(b.TempDir(), "file")
	for b.Loop() {
		if err := Write(b.Context(), path, strings.NewReader("content"), keep(0o644)); err != nil {
			b.Fatal(err)
		}
	}
}
