package command_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/command"
	"github.com/driftless-hq/driftless/command/view"
)

// peakFile names the environment variable with the file that measuredMain
// writes the peak of its memory to, in KiB.
const peakFile = "DRIFTLESS_TEST_PEAK"

// measuredMain is the command, and tells how much memory it took. What the
// system says of a child that has ended counts the memory of its parent, too.
func measuredMain() {
	code := command.Main(append([]string{"driftless"}, os.Args[1:]...), view.OS())
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
		kib, _, _ := bytes.Cut(bytes.TrimSpace(rest), []byte(" "))
		err = os.WriteFile(os.Getenv(peakFile), kib, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(99)
	}
	os.Exit(code)
}

// maxPeak is what a process that validates a hostile configuration may take,
// in MiB. A third of it is what the test's executable takes with an empty one.
const maxPeak = 64

// No configuration, however hostile, ends the process or fills the memory.
func TestAHostileConfigurationIsRefused(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the peak of a process's memory is read from /proc, which only Linux has")
	}
	for name, h := range hostileConfigs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			h.write(t, dir)
			out, peak := validateMeasured(t, dir)
			if !strings.Contains(out, h.want) {
				t.Errorf("it doesn't say %q:\n%.2000s", h.want, out)
			}
			if len(out) > 1<<20 {
				t.Errorf("it says too much: %d bytes", len(out))
			}
			if limit := cmp.Or(h.peak, maxPeak) * raceFactor; peak > limit {
				t.Errorf("it took %d MiB, want at most %d", peak, limit)
			}
		})
	}
}

// validateMeasured returns what validate says of a directory that is not
// valid, and how many MiB it took.
func validateMeasured(t *testing.T, dir string) (out string, peak int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	peakPath := filepath.Join(t.TempDir(), "peak")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, exe)
	cmd.Args = []string{"driftless-measured", "validate", "-config=" + dir}
	cmd.Env = append(os.Environ(), peakFile+"="+peakPath)
	began := time.Now()
	text, err := cmd.CombinedOutput()
	took := time.Since(began)
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 {
		t.Fatalf("it ended with %v, context %v:\n%.2000s", err, ctx.Err(), text)
	}
	kib, err := os.ReadFile(peakPath)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(string(kib))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%v, %d MiB", took.Round(time.Millisecond), n>>10)
	return string(text), n >> 10
}
