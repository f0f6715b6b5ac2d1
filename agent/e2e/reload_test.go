package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// descriptors returns what the process has open below dir, by number.
func (a *agent) descriptors(dir string) string {
	a.t.Helper()
	fds := fmt.Sprintf("/proc/%d/fd", a.cmd.Process.Pid)
	entries, err := os.ReadDir(fds)
	if err != nil {
		a.t.Fatal(err)
	}
	var open []string
	for _, e := range entries {
		target, err := os.Readlink(filepath.Join(fds, e.Name()))
		if err == nil && strings.HasPrefix(target, dir) && !strings.Contains(target, "/data/") {
			open = append(open, e.Name()+" "+target)
		}
	}
	return strings.Join(open, "\n")
}

// hangup has the agent read its configuration again and waits until it has.
func (a *agent) hangup() {
	a.t.Helper()
	said := strings.Count(a.log.String(), "reloaded")
	a.signal(syscall.SIGHUP)
	until(a.t, "the agent has read its configuration again", func() bool { return strings.Count(a.log.String(), "reloaded") > said })
}

func TestAHangupLeavesAloneWhatDidNotChange(t *testing.T) {
	dir, to := t.TempDir(), newReceiver(t)
	w := newWriter(t, dir)
	defer w.close()
	configuration := delivery(dir, to.address)
	a := startConfig(t, dir, configuration)
	deliver := func() {
		t.Helper()
		w.write(100)
		want := len(wanted(w.next))
		until(t, "the lines have arrived", func() bool { return len(to.received()) == want })
	}
	deliver()
	until(t, "the file sink has written", func() bool { return a.block("sink.file.out").Flow.Sent == 90 })
	open, before := a.descriptors(dir), a.status()
	if strings.Count(open, "\n") != 1 {
		t.Fatalf("the log and the file of the sink should be open, and are not:\n%s", open)
	}

	a.hangup()
	configure(t, dir, configuration+"# a comment\n")
	a.hangup()
	configure(t, dir, configuration+"source \"file\" \"broken\" {\n")
	a.hangup()
	if c := a.status().Config; c.LastReloadSuccessful || !strings.Contains(c.Error, "not valid") {
		t.Errorf("after a reload of a broken configuration the status says: %+v", c)
	}
	deliver()
	if now := a.descriptors(dir); now != open {
		t.Errorf("the open files were:\n%s\nand are:\n%s", open, now)
	}
	if n, _ := to.counts(); n != 1 {
		t.Errorf("the sink has made %d connections", n)
	}
	for i, b := range a.status().Blocks {
		if !b.Since.Equal(*before.Blocks[i].Since) {
			t.Errorf("%s was restarted", b.Address)
		}
	}
	a.mustStop()
	compare(t, "http", to.received(), wanted(w.next))
}

func TestAHangupMovesASinkAndLosesNothing(t *testing.T) {
	dir, to := t.TempDir(), newReceiver(t)
	w := newWriter(t, dir)
	defer w.close()
	configuration := delivery(dir, to.address)
	a := startConfig(t, dir, configuration)
	to.fail(unavailable) // so that there is something under way
	const moves = 5
	for i := range moves {
		w.write(2000)
		next := strings.Replace(configuration, "out.ndjson", fmt.Sprintf("out%d.ndjson", i), 1)
		configure(t, dir, strings.Replace(next, `"500ms"`, fmt.Sprintf(`"50%dms"`, i), 1))
		a.hangup()
	}
	to.fail(healthy)
	want := wanted(w.next)
	until(t, "everything has arrived over HTTP", func() bool { return len(to.received()) >= len(want) })
	a.mustStop()
	compare(t, "http", to.received(), want)
	files, err := filepath.Glob(filepath.Join(dir, "out*.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, path := range files {
		got = append(got, fileLines(t, path)...)
	}
	if lost := missing(got, want); len(lost) > 0 || len(got) != len(want) {
		t.Errorf("%d lines are in %d files, %d are missing, want %d", len(got), len(files), len(lost), len(want))
	}
}

func TestAHangupStopsWhatIsRemoved(t *testing.T) {
	dir, to := t.TempDir(), newReceiver(t)
	w := newWriter(t, dir)
	defer w.close()
	a := startConfig(t, dir, delivery(dir, to.address))
	w.write(100)
	until(t, "the lines have arrived", func() bool { return len(to.received()) == 90 })
	configure(t, dir, "")
	a.hangup()
	if blocks := a.status().Blocks; len(blocks) != 0 {
		t.Errorf("there are %d blocks left", len(blocks))
	}
	if open := a.descriptors(dir); open != "" {
		t.Errorf("these files are still open:\n%s", open)
	}
	a.mustStop()
}

func TestAHangupReadsTheFilesOfVariablesAgain(t *testing.T) {
	dir := t.TempDir()
	out, given := filepath.Join(dir, "out"), filepath.Join(t.TempDir(), "given.vars.toml")
	configure(t, dir, fmt.Sprintf(`
variable "auto" {}
variable "given" {}
task "file" "f" {
  path    = %q
  content = "${var.auto} ${var.given}"
}
`, out))
	write(t, filepath.Join(dir, "main.auto.vars.yaml"), "auto: one")
	write(t, given, `given = "one"`)
	a := start(t, nil, "agent", "-config="+dir, "-var-file="+given)
	until(t, "the file is made", func() bool { return content(out) == "one one" })
	write(t, filepath.Join(dir, "main.auto.vars.yaml"), "auto: two")
	a.hangup()
	until(t, "the value of the configuration is taken over", func() bool { return content(out) == "two one" })
	write(t, given, `given = "two"`)
	a.hangup()
	until(t, "the value of the command line is taken over", func() bool { return content(out) == "two two" })
	write(t, given, `given = `)
	a.signal(syscall.SIGHUP)
	until(t, "a broken file is reported", func() bool { return strings.Contains(a.log.String(), "the configuration was not reloaded") })
	if got := content(out); got != "two two" {
		t.Errorf("a broken file of values changed the host: %q", got)
	}
}
