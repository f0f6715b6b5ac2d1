//go:build unix

package command_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAnApplyWhoseReaderHasGoneStopsInGoodOrder has nobody read on while a step
// runs.
func TestAnApplyWhoseReaderHasGoneStopsInGoodOrder(t *testing.T) {
	dir := workshop(t, "")
	cmd := exec.Command("driftless", "apply", "-auto-approve", "-json", "-config="+dir)
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+filepath.Join(dir, "home"))
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = writer
	var problems output
	cmd.Stderr = &problems
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // mostly it has ended
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(reader)
	for lines.Scan() && !strings.Contains(lines.Text(), `"task.command.slow: run"`) {
		continue
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	until(t, "the slow task runs", func() bool { return exists(dir, "pids") })
	touch(t, dir, "go")
	_ = cmd.Wait() // the code tells
	if got := cmd.ProcessState.ExitCode(); got != 141 {
		t.Errorf("it ended with %d, want 141", got)
	}
	if problems.String() != "" {
		t.Errorf("it wrote %q to stderr", problems.String())
	}
	if !exists(dir, "finished") || exists(dir, "last") {
		t.Error("the step that ran was ended, or the run went on")
	}
	if !exists(dir, "data/records.json") {
		t.Error("nothing was recorded")
	}
}
