package logfile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2025, 3, 4, 5, 6, 7, 89e6, time.UTC)

func options() Options {
	return Options{Mode: 0o640, Now: func() time.Time { return now }}
}

func open(t *testing.T, path string) *File {
	t.Helper()
	f, err := Open(path, options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
			t.Error(err)
		}
	})
	return f
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, path, text string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", filepath.Base(path), diff)
	}
}

func TestUndoTakesBackTheLastAppendOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	put(t, path, "not ours")
	f := open(t, path)
	start, err := f.Append([]byte("one\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Undo(start, start+4); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Append([]byte("two\n")); err != nil {
		t.Fatal(err)
	}
	want(t, path, "not ours\ntwo\n")
}

func TestUndoLeavesAFileThatOthersWroteTo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	f := open(t, path)
	start, err := f.Append([]byte("one\n"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, path, "one\ntheirs\n")
	if err := f.Undo(start, start+4); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error that names the file", err)
	}
	want(t, path, "one\ntheirs\n")
}

func TestAnAppendThatFailsIsTakenBackBeforeTheNext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	f := open(t, path)
	if _, err := f.Append([]byte("one\n")); err != nil {
		t.Fatal(err)
	}
	whole := f.file
	readOnly, err := os.Open(path) // neither takes a write nor a truncation
	if err != nil {
		t.Fatal(err)
	}
	f.file = readOnly
	if _, err := f.Append([]byte("two\n")); err == nil {
		t.Fatal("the append was accepted")
	}
	if err := readOnly.Close(); err != nil {
		t.Fatal(err)
	}
	f.file = whole
	put(t, path, "one\ntw") // what such a write may have left
	if _, err := f.Append([]byte("two\n")); err != nil {
		t.Fatal(err)
	}
	want(t, path, "one\ntwo\n")
}

func TestRepairLeavesAloneWhatIsNotOurs(t *testing.T) {
	tests := map[string]func(t *testing.T, path string, m *Mark){
		"a file that is gone":           func(t *testing.T, path string, _ *Mark) { must(t, os.Rename(path, path+".1")) },
		"another file in its place":     func(_ *testing.T, _ string, m *Mark) { m.Inode++ },
		"a file that was cut":           func(_ *testing.T, _ string, m *Mark) { m.Size = 100 },
		"a file that ends as it should": func(t *testing.T, path string, _ *Mark) { put(t, path, "one\ntwo\n") },
		"a link in its place": func(t *testing.T, path string, _ *Mark) {
			must(t, os.Rename(path, path+".1"))
			must(t, os.Symlink(path+".1", path))
		},
		"a directory in its place": func(t *testing.T, path string, _ *Mark) {
			must(t, os.Rename(path, path+".1"))
			must(t, os.Mkdir(path, 0o700))
		},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.log")
			put(t, path, "")
			mark := open(t, path).Mark()
			put(t, path, "one\nhalf")
			change(t, path, &mark)
			before := snapshot(t, filepath.Dir(path))
			cut, err := Repair(mark)
			if cut != 0 {
				t.Errorf("%d bytes were cut off, error %v", cut, err)
			}
			if diff := cmp.Diff(before, snapshot(t, filepath.Dir(path))); diff != "" {
				t.Errorf("(-before +after):\n%s", diff)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// snapshot is the content of each file in a directory.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	files := map[string]string{}
	for _, entry := range entries {
		files[entry.Name()] = entry.Type().String()
		if entry.Type().IsRegular() {
			text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
			must(t, err)
			files[entry.Name()] = string(text)
		}
	}
	return files
}

func TestNamesOfRotatedFilesAreRecognised(t *testing.T) {
	tests := map[string]struct{ path, want string }{
		"an extension stays at the end":            {"app.log", "app-20250304T050607.089Z.log"},
		"without an extension":                     {"app", "app-20250304T050607.089Z"},
		"several dots":                             {"app.2025.log", "app.2025-20250304T050607.089Z.log"},
		"a name that is all extension":             {".log", ".log-20250304T050607.089Z"},
		"a name that means something as a pattern": {"a+(b)[c].l*g", "a+(b)[c]-20250304T050607.089Z.l*g"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			n := newNames(filepath.Join(dir, tt.path))
			var made []string
			for _, suffix := range []string{"", ".gz", ".zst"} { // each takes a name from the next
				path, err := n.free(now)
				must(t, err)
				put(t, path+suffix, "")
				made = append(made, path+suffix)
			}
			if filepath.Base(made[0]) != tt.want {
				t.Errorf("got %s, want %s", filepath.Base(made[0]), tt.want)
			}
			found, err := n.list()
			must(t, err)
			var got []string
			for _, f := range found {
				got = append(got, f.path)
			}
			if diff := cmp.Diff(made, got); diff != "" {
				t.Errorf("(-made +found):\n%s", diff)
			}
		})
	}
}

func TestTidyFinishesWhatACrashCutShort(t *testing.T) {
	const plain = "a-20250101T000000.000Z.log"
	tests := map[string]map[string]string{
		"before the compressed file had its name": {plain: "text\n", plain + ".gz.tmp": "part"},
		"before the original was removed":         {plain: "text\n", plain + ".gz": "the same, compressed"},
	}
	for name, files := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range files {
				put(t, filepath.Join(dir, name), text)
			}
			must(t, Tidy(t.Context(), filepath.Join(dir, "a.log"), Keep{Compression: Gzip}))
			left := snapshot(t, dir)
			if text, ok := left[plain+".gz"]; !ok || len(left) != 1 || !strings.HasPrefix(text, "\x1f\x8b") {
				t.Errorf("left is %q", left)
			}
		})
	}
}

func TestTidyThatIsBrokenOffLeavesTheOriginal(t *testing.T) {
	const plain = "a-20250101T000000.000Z.log"
	dir := t.TempDir()
	put(t, filepath.Join(dir, plain), "text\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Tidy(ctx, filepath.Join(dir, "a.log"), Keep{Compression: Zstd}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if diff := cmp.Diff(map[string]string{plain: "text\n"}, snapshot(t, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzLineEndIsBehindTheLastNewline(f *testing.F) {
	f.Add("one\ntwo\nhalf", uint8(0))
	f.Add("no newline", uint8(3))
	f.Add("\n", uint8(1))
	f.Fuzz(func(t *testing.T, text string, base uint8) {
		from := min(int(base), len(text))
		path := filepath.Join(t.TempDir(), "a")
		put(t, path, text)
		file, err := os.Open(path)
		must(t, err)
		defer file.Close()
		got, err := lineEnd(file, int64(from), int64(len(text)))
		must(t, err)
		if want := from + strings.LastIndexByte(text[from:], '\n') + 1; got != int64(want) {
			t.Errorf("got %d, want %d", got, want)
		}
	})
}
