package sinks

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func TestFileIsRotatedBySize(t *testing.T) {
	dir := t.TempDir()
	w := newWorld()
	sink := w.open(t, "file", body{"path": dir + "/a.log", "format": "raw", "rotate": body{"max_size": "8"}})
	for _, text := range []string{"one", "two", "three", "longer than the limit", "four"} {
		write(t, sink, lines(text))
		w.now.advance(time.Millisecond)
	}
	want := []string{"a-20250304T050607.002Z.log", "a-20250304T050607.003Z.log", "a-20250304T050607.004Z.log", "a.log"}
	if diff := cmp.Diff(want, namesIn(t, dir)); diff != "" {
		t.Fatalf("names (-want +got):\n%s", diff)
	}
	for i, text := range []string{"one\ntwo\n", "three\n", "longer than the limit\n", "four\n"} {
		wantContent(t, filepath.Join(dir, want[i]), text)
	}
}

func TestFilesRotatedAtOnceHaveDifferentNames(t *testing.T) {
	dir := t.TempDir()
	sink := newWorld().open(t, "file", body{"path": dir + "/a.log", "format": "raw", "rotate": body{"max_size": "1"}})
	for _, text := range []string{"one", "two", "three", "four"} {
		write(t, sink, lines(text))
	}
	wantContent(t, dir+"/a-20250304T050607.000Z.log", "one\n")
	wantContent(t, dir+"/a-20250304T050607.000Z.1.log", "two\n")
	wantContent(t, dir+"/a-20250304T050607.000Z.2.log", "three\n")
	wantContent(t, dir+"/a.log", "four\n")
}

// TestFileIsRotatedByAge begins at the present, because the age of a file is
// what the file system says.
func TestFileIsRotatedByAge(t *testing.T) {
	dir := t.TempDir()
	w := newWorld()
	w.now.at = time.Now()
	given := body{"path": dir + "/a.log", "format": "raw", "rotate": body{"max_age": "1h"}}
	sink := w.open(t, "file", given)
	write(t, sink, lines("one"))
	w.now.advance(59 * time.Minute)
	write(t, sink, lines("two"))
	if err := sink.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if names := namesIn(t, dir); len(names) != 1 {
		t.Fatalf("rotated too early: %v", names)
	}
	w.now.advance(time.Minute + time.Second)
	write(t, w.open(t, "file", given), lines("three"))
	if names := namesIn(t, dir); len(names) != 2 {
		t.Fatalf("a restart made the file young again: %v", names)
	}
	wantContent(t, dir+"/a.log", "three\n")
}

func TestFileCompressesWhatItRotated(t *testing.T) {
	const plain = "a-20250304T050607.000Z.log"
	for compression, suffix := range map[string]string{"gzip": ".gz", "zstd": ".zst"} {
		t.Run(compression, func(t *testing.T) {
			dir := t.TempDir()
			sink := newWorld().open(t, "file", body{"path": dir + "/a.log", "format": "raw", "compression": compression, "rotate": body{"max_size": "1"}})
			write(t, sink, lines("one"))
			write(t, sink, lines("two"))
			if err := sink.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{plain + suffix, "a.log"}, namesIn(t, dir)); diff != "" {
				t.Fatalf("names (-want +got):\n%s", diff)
			}
			if got := decompressed(t, filepath.Join(dir, plain+suffix)); got != "one\n" {
				t.Errorf("got %q", got)
			}
			info, err := os.Stat(filepath.Join(dir, plain+suffix))
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode().Perm() != 0o640 {
				t.Errorf("the mode is %o", info.Mode().Perm())
			}
		})
	}
}

func decompressed(t testing.TB, path string) string {
	t.Helper()
	var r io.Reader = strings.NewReader(content(t, path))
	var err error
	switch filepath.Ext(path) {
	case ".gz":
		r, err = gzip.NewReader(r)
	case ".zst":
		r, err = zstd.NewReader(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFileKeepsTheNewestRotatedFilesAndTouchesNoOthers(t *testing.T) {
	dir := t.TempDir()
	foreign := []string{
		"a-20250101T000000.000Z.log.bak",
		"a-20250101T000000.000Z.txt",
		"a-20250101T000000.log",
		"a-20250101T000000.000Z.0.log",
		"a-20250101T000000.000Z.log.tmp",
		"a-2025.log",
		"a.log.1",
		"b-20250101T000000.000Z.log",
		"xa-20250101T000000.000Z.log",
		"sub/a-20250101T000000.000Z.log",
	}
	own := []string{
		"a-20240101T000000.000Z.log",
		"a-20240101T000000.000Z.2.log.gz",
		"a-20240101T000000.000Z.10.log.zst",
		"a-20240201T000000.000Z.log",
	}
	if err := os.Mkdir(dir+"/sub", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range append(foreign, own...) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// A link and a directory that bear such a name were not rotated either.
	err := errors.Join(
		os.Symlink("a.log.1", dir+"/a-20230101T000000.000Z.log"),
		os.Mkdir(dir+"/a-20230102T000000.000Z.log", 0o700))
	if err != nil {
		t.Fatal(err)
	}

	sink := newWorld().open(t, "file", body{"path": dir + "/a.log", "format": "raw", "rotate": body{"max_size": "1", "max_files": 3}})
	write(t, sink, lines("one"))
	write(t, sink, lines("two"))
	if err := sink.Close(t.Context()); err != nil {
		t.Fatal(err)
	}

	want := append([]string{
		"a-20230101T000000.000Z.log",
		"a-20240101T000000.000Z.10.log.zst",
		"a-20240201T000000.000Z.log",
		"a-20250304T050607.000Z.log",
		"a.log",
	}, foreign...)
	slices.Sort(want)
	if diff := cmp.Diff(want, namesIn(t, dir)); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if _, err := os.Stat(dir + "/a-20230102T000000.000Z.log"); err != nil {
		t.Error(err)
	}
}

func TestFileTakesUpAnInterruptedCompression(t *testing.T) {
	dir := t.TempDir()
	const plain = "a-20250101T000000.000Z.log"
	given := map[string]string{
		plain:              "rotated\n",
		plain + ".gz.tmp":  "half of it",
		plain + ".zst.tmp": "half of it",
	}
	for name, text := range given {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sink := newWorld().open(t, "file", body{"path": dir + "/a.log", "format": "raw", "compression": "gzip"})
	write(t, sink, lines("new"))
	if err := sink.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{plain + ".gz", "a.log"}, namesIn(t, dir)); diff != "" {
		t.Fatalf("names (-want +got):\n%s", diff)
	}
	if got := decompressed(t, filepath.Join(dir, plain+".gz")); got != "rotated\n" {
		t.Errorf("got %q", got)
	}
}

func TestFileNoticesThatOthersRotateIt(t *testing.T) {
	tests := map[string]struct {
		rotate func(path string) error
		want   string
	}{
		"renamed":                 {func(path string) error { return os.Rename(path, path+".1") }, "two\n"},
		"removed":                 {os.Remove, "two\n"},
		"cut in place":            {func(path string) error { return os.Truncate(path, 0) }, "two\n"},
		"replaced by another one": {replace, "other\ntwo\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.log")
			w := newWorld()
			sink := w.open(t, "file", body{"path": path, "format": "raw"})
			write(t, sink, lines("one"))
			if err := tt.rotate(path); err != nil {
				t.Fatal(err)
			}
			w.now.advance(time.Second)
			write(t, sink, lines("two"))
			wantContent(t, path, tt.want)
		})
	}
}

func replace(path string) error {
	return errors.Join(os.WriteFile(path+".new", []byte("other\n"), 0o600), os.Rename(path+".new", path))
}

// TestAReaderThatFollowsGetsWholeFiles reads a file as a log shipper does
// while it is rotated and what was rotated is compressed and removed.
func TestAReaderThatFollowsGetsWholeFiles(t *testing.T) {
	dir := t.TempDir()
	path := dir + "/a.log"
	sink := newWorld().open(t, "file", body{"path": path, "format": "raw", "compression": "gzip", "rotate": body{"max_size": "400"}})
	write(t, sink, lines("begin"))
	held, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	finished := make(chan struct{})
	followed := make(chan []string)
	go func() { followed <- follow(t, path, held, finished) }()

	want := "begin\n"
	for i := range 300 {
		first, second := fmt.Sprintf("line %d", i), fmt.Sprintf("and %d", i)
		write(t, sink, lines(first, second))
		want += first + "\n" + second + "\n"
	}
	close(finished)
	seen := <-followed
	if err := sink.Close(t.Context()); err != nil {
		t.Fatal(err)
	}

	var files []string
	for _, name := range inOrder(namesIn(t, dir)) {
		files = append(files, decompressed(t, filepath.Join(dir, name)))
	}
	if diff := cmp.Diff(want, strings.Join(files, "")); diff != "" {
		t.Errorf("all files together (-want +got):\n%s", diff)
	}
	for _, text := range seen {
		if !slices.Contains(files, text) {
			t.Errorf("the reader got %q, which is no file", text)
		}
	}
}

// follow keeps held until path names another file, reads what it holds to the
// end, and goes on with the other until the writer has finished. It returns
// what it read of each.
func follow(t *testing.T, path string, held *os.File, finished <-chan struct{}) (seen []string) {
	for {
		select {
		case <-finished:
			return append(seen, rest(t, held))
		default:
		}
		next, err := openOther(path, held)
		if err != nil {
			t.Error(err)
		}
		if next != nil {
			seen = append(seen, rest(t, held))
			held = next
		}
	}
}

func rest(t *testing.T, f *os.File) string {
	text, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Error(err)
	}
	return string(text)
}

// openOther returns nil as long as path names no other file than held.
func openOther(path string, held *os.File) (*os.File, error) {
	before, err := held.Stat()
	if err != nil {
		return nil, err
	}
	now, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && os.SameFile(before, now) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	next, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return next, err
}

// inOrder sorts names by the number behind the time, which is the same for all.
func inOrder(names []string) []string {
	ordered := make([]string, len(names))
	number := regexp.MustCompile(`Z\.(\d+)\.log`)
	for _, name := range names {
		i := 0
		switch m := number.FindStringSubmatch(name); {
		case name == "a.log":
			i = len(names) - 1
		case m != nil:
			i, _ = strconv.Atoi(m[1]) // the pattern lets only digits through
		}
		ordered[i] = name
	}
	return ordered
}
