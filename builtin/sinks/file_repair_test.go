package sinks

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFileRepairsWhatACrashLeft writes as a sink would that is killed, by
// leaving it open and appending what it hadn't finished.
func TestFileRepairsWhatACrashLeft(t *testing.T) {
	tests := map[string]struct{ before, written, torn, want string }{
		"a half line is cut off":                               {"", "one\n", "hal", "one\nnew\n"},
		"a whole line stays":                                   {"", "one\n", "two\n", "one\ntwo\nnew\n"},
		"whole lines before a half one stay":                   {"", "one\n", "two\nhal", "one\ntwo\nnew\n"},
		"a long half line is cut off":                          {"", "one\n", strings.Repeat("x", 300<<10), "one\nnew\n"},
		"what was there before the sink stays, ended":          {"other", "one\n", "hal", "other\none\nnew\n"},
		"nothing written yet leaves what was there before":     {"other", "", "", "other\nnew\n"},
		"the newline that ends what was there before is known": {"other", "", "\nhal", "other\nnew\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.log")
			if err := os.WriteFile(path, []byte(tt.before), 0o600); err != nil {
				t.Fatal(err)
			}
			w := newWorld()
			crashed := w.open(t, "file", body{"path": path, "format": "raw"}).(*fileSink)
			if _, err := crashed.files.get(t.Context(), path); err != nil {
				t.Fatal(err)
			}
			if tt.written != "" {
				write(t, crashed, lines(strings.TrimSuffix(tt.written, "\n")))
			}
			appendTo(t, path, tt.torn)

			write(t, w.open(t, "file", body{"path": path, "format": "raw"}), lines("new"))
			wantContent(t, path, tt.want)
		})
	}
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestFileRepairsFilesThatItDoesNotWriteToAgain(t *testing.T) {
	dir := t.TempDir()
	w := newWorld()
	given := body{"path": dir + "/{host}.log", "format": "raw"}
	write(t, w.open(t, "file", given), toHosts("yesterday", "today"))
	appendTo(t, dir+"/yesterday.log", "hal")
	write(t, w.open(t, "file", given), toHosts("today"))
	wantContent(t, dir+"/yesterday.log", "yesterday 0\n")
}

func TestFileLeavesWhatOthersWroteAfterItWasClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	w := newWorld()
	given := body{"path": path, "format": "raw"}
	first := w.open(t, "file", given)
	write(t, first, lines("one"))
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(w.marks.values) != 0 {
		t.Errorf("marks are left of files that were closed: %v", w.marks.values)
	}
	appendTo(t, path, "from elsewhere")
	write(t, w.open(t, "file", given), lines("two"))
	wantContent(t, path, "one\nfrom elsewhere\ntwo\n")
}

func TestFileStartsThoughItsCheckpointCanNotBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld()
	w.marks.values[marksKey] = []byte("{")
	write(t, w.open(t, "file", body{"path": path, "format": "raw"}), lines("new"))
	wantContent(t, path, "half\nnew\n")
	if !strings.Contains(w.logged.String(), marksKey) {
		t.Errorf("the log doesn't name the checkpoint: %s", w.logged.String())
	}
}
