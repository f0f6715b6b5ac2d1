package logs

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// boilerplate is longer than the head by which files are told apart.
var boilerplate = strings.Repeat("# this line begins every log of this program\n", 30)

// soon is long enough for what was written to be read and saved, and too
// short for a file to count as finished.
const soon = 2500 * time.Millisecond

func TestFilesAreFollowed(t *testing.T) {
	header := strings.Split(strings.TrimSpace(boilerplate), "\n")
	tests := map[string]struct {
		atEnd bool
		do    func(r *rig)
		want  []string
	}{
		"a file that is there at the first start is followed from its end": {atEnd: true, do: func(r *rig) {
			r.write("app.log", "old\n")
			r.start()
			r.pass(soon)
			r.append("app.log", "new\n")
		}, want: []string{"new"}},

		"a line that is being written at the first start comes whole": {atEnd: true, do: func(r *rig) {
			r.write("app.log", "old\nne")
			r.start()
			r.pass(soon)
			r.append("app.log", "w\n")
		}, want: []string{"new"}},

		"a file that appears later is read from its beginning": {atEnd: true, do: func(r *rig) {
			r.start()
			r.pass(soon)
			r.write("app.log", "first\nsecond\n")
		}, want: []string{"first", "second"}},

		"a file that appears while the agent is down is read from its beginning": {atEnd: true, do: func(r *rig) {
			r.write("app.log", "old\n")
			r.start()
			r.pass(soon)
			r.must(r.stop())
			r.write("app.log.2", "late\n")
			r.start()
		}, want: []string{"late"}},

		"what comes between the first start and a crash is not skipped": {atEnd: true, do: func(r *rig) {
			r.write("app.log", "old\n")
			r.sink.silent = true
			r.start()
			r.pass(soon)
			r.kill()
			r.append("app.log", "new\n")
			r.sink.silent = false
			r.start()
		}, want: []string{"new"}},

		"a file renamed while the agent is down is read to its end": {do: func(r *rig) {
			r.write("app.log", "one\n")
			r.start()
			r.pass(soon)
			r.must(r.stop())
			r.append("app.log", "two\n")
			r.rename("app.log", "app.log.1")
			r.write("app.log", "three\n")
			r.start()
		}, want: []string{"one", "two", "three"}},

		"a file copied and truncated while the agent is down goes on in the copy": {do: func(r *rig) {
			r.write("app.log", "one\n")
			r.start()
			r.pass(soon)
			r.must(r.stop())
			r.append("app.log", "two\n")
			r.copy("app.log", "app.log.1")
			r.truncate("app.log")
			r.append("app.log", "three\nand more\n")
			r.start()
		}, want: []string{"one", "two", "three", "and more"}},

		"a file truncated and grown past its position while the agent is down is read whole": {do: func(r *rig) {
			r.write("app.log", boilerplate+"one\n")
			r.start()
			r.pass(soon)
			r.must(r.stop())
			r.sink.events = nil
			r.write("app.log", boilerplate+"two, which is a longer line\n")
			r.start()
		}, want: append(slices.Clone(header), "two, which is a longer line")},

		"a file recreated with the same beginning is read whole": {do: func(r *rig) {
			r.write("app.log", boilerplate+"one\n")
			r.start()
			r.pass(soon)
			r.sink.events = nil
			r.remove("app.log")
			r.write("app.log", boilerplate+"two\n")
		}, want: append(slices.Clone(header), "two")},

		"two files with the same beginning are both read whole": {do: func(r *rig) {
			r.write("app.log", boilerplate+"one\n")
			r.write("app.log.2", boilerplate+"two\n")
			r.start()
		}, want: slices.Concat(header, []string{"one"}, header, []string{"two"})},

		"two short files that are alike are both read": {do: func(r *rig) {
			r.write("app.log", "started\n")
			r.write("app.log.2", "started\n")
			r.start()
			r.pass(2 * settleTime)
		}, want: []string{"started", "started"}},

		"two short files that begin alike are both read": {do: func(r *rig) {
			r.write("app.log", "started\n")
			r.start()
			r.pass(soon)
			r.write("app.log.2", "started\n")
			r.pass(soon)
			r.append("app.log.2", "stopped\n")
		}, want: []string{"started", "started", "stopped"}},

		"the copy of a file is not read again": {do: func(r *rig) {
			r.write("app.log", numbered(0, 3)+boilerplate)
			r.start()
			r.pass(soon)
			r.copy("app.log", "app.log.bak")
			r.pass(2 * settleTime)
			r.restart()
			r.pass(2 * settleTime)
			r.append("app.log.bak", "written to the copy\n")
		}, want: slices.Concat(strings.Fields(strings.ReplaceAll(numbered(0, 3), " ", "_")), header, []string{"written to the copy"})},

		"a copy that is found before its original is not read again": {do: func(r *rig) {
			r.write("app.log.z", boilerplate+"one\n")
			r.write("app.log", boilerplate)
			r.start()
			r.pass(soon)
			r.append("app.log.z", "two\n")
		}, want: append(slices.Clone(header), "one", "two")},

		// Many file systems give the new file the inode of the old one.
		"a short file recreated long after with the same beginning is read whole": {do: func(r *rig) {
			r.write("app.log", "started\n")
			r.start()
			r.pass(soon)
			r.remove("app.log")
			r.pass(3 * settleTime)
			r.write("app.log", "started\nstopped\n")
		}, want: []string{"started", "started", "stopped"}},

		"a file moved out of sight is read to its end": {do: func(r *rig) {
			r.write("app.log", "one\n")
			r.start()
			r.pass(soon)
			r.rename("app.log", "elsewhere")
			r.append("elsewhere", "two\n")
		}, want: []string{"one", "two"}},

		"a file moved out of sight and back is not read again": {do: func(r *rig) {
			r.write("app.log", "one\n")
			r.start()
			r.pass(soon)
			r.rename("app.log", "elsewhere")
			r.pass(3 * settleTime)
			r.append("elsewhere", "two\n")
			r.rename("elsewhere", "app.log")
		}, want: []string{"one", "two"}},

		"a last line without an end waits": {do: func(r *rig) {
			r.write("app.log", "one\ntwo")
			r.start()
			r.pass(3 * settleTime)
		}, want: []string{"one"}},

		"a last line without an end is sent when its file is gone": {do: func(r *rig) {
			r.write("app.log", "one\ntwo")
			r.start()
			r.pass(soon)
			r.remove("app.log")
			r.pass(3 * settleTime)
		}, want: []string{"one", "two"}},

		"a last line without an end is sent when another file took its place": {do: func(r *rig) {
			r.write("app.log", "one\ntwo")
			r.start()
			r.pass(soon)
			r.rename("app.log", "app.log.1")
			r.write("app.log", "three\n")
			r.pass(3 * settleTime)
		}, want: []string{"one", "three", "two"}},

		"a link to a file is followed, and a file with two names is read once": {do: func(r *rig) {
			r.write("elsewhere", "one\n")
			r.must(os.Symlink(r.path("elsewhere"), r.path("app.log")))
			r.must(os.Link(r.path("elsewhere"), r.path("app.log.2")))
			r.start()
		}, want: []string{"one"}},

		"a truncated file that keeps its beginning is not read again": {do: func(r *rig) {
			r.write("app.log", boilerplate)
			r.start()
			r.pass(soon)
			r.append("app.log", "one\n")
			r.pass(soon)
			r.must(os.Truncate(r.path("app.log"), int64(len(boilerplate))))
			r.pass(soon)
			r.append("app.log", "two\n")
		}, want: append(slices.Clone(header), "one", "two")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, "app.log*")
				if test.atEnd {
					r.config.StartAt = "end"
				}
				test.do(r)
				r.pass(soon)
				r.must(r.stop())
				got := r.sink.bodies()
				for i := range got {
					if strings.HasPrefix(got[i], "line ") {
						got[i] = strings.ReplaceAll(got[i], " ", "_")
					}
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("lines differ (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestWhichFilesAreFollowed(t *testing.T) {
	longAgo := time.Now().Add(-time.Hour)
	tests := map[string]struct {
		patterns []string
		adjust   func(c *fileConfig)
		want     []string
	}{
		"all that a pattern matches, in any directory": {
			[]string{"**/*.log"}, func(*fileConfig) {}, []string{"a.log", "b.log", "deep.log", "old.log"}},
		"each once, however many patterns match it": {
			[]string{"a*", "*.log"}, func(*fileConfig) {}, []string{"a.log", "b.log", "old.log"}},
		"none that is excluded by its name": {
			[]string{"**/*.log"}, func(c *fileConfig) { c.Exclude = []string{"[ad]*.log"} }, []string{"b.log", "old.log"}},
		"none that is excluded by its path": {
			[]string{"**/*.log"}, func(c *fileConfig) { c.Exclude = []string{"**/sub/**"} }, []string{"a.log", "b.log", "old.log"}},
		"none that was not written to for long": {
			[]string{"*.log"}, func(c *fileConfig) { c.IgnoreOlder = time.Minute }, []string{"a.log", "b.log"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, test.patterns...)
			test.adjust(&r.config)
			r.must(os.Mkdir(r.path("sub"), 0o755))
			for _, name := range []string{"a.log", "b.log", "old.log", "sub/deep.log"} {
				r.write(name, "in "+name+"\n")
			}
			r.must(os.Chtimes(r.path("old.log"), longAgo, longAgo))
			tailer := r.tailer()
			defer tailer.closeAll()
			tailer.begin(t.Context())
			var got []string
			for f := tailer.next(); f != nil; f = tailer.next() {
				got = append(got, receivedAt(f.batch, 0).Path)
			}
			slices.Sort(got)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("files differ (-want +got):\n%s", diff)
			}
		})
	}
}
