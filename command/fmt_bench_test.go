package command_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// benchFiles writes files that are not formatted: a hundred of a hundred
// lines, for both programs under the ending of terraform's files too.
func benchFiles(b *testing.B, ending string) string {
	b.Helper()
	dir := b.TempDir()
	for i := range 100 {
		var text strings.Builder
		for j := range 10 {
			fmt.Fprintf(&text, "task \"file\" \"f%d\" {\npath=\"/etc/f%d\" # where\n  content = <<-EOT\n    Hello ${var.env}\n  EOT\nmode=\"0644\"\nvars={\na=[for x in var.list:x if x!=\"\"]\n}\n}\n\n", j, i)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d%s", i, ending)), []byte(text.String()), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// benchCheck runs a program that finds that no file is formatted.
func benchCheck(b *testing.B, program, dir string) {
	for b.Loop() {
		out, err := exec.CommandContext(b.Context(), program, "fmt", "-check", dir).Output()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 3 || strings.Count(string(out), "\n") != 100 {
			b.Fatalf("%v\n%s", err, out)
		}
	}
}

func BenchmarkFmt(b *testing.B) {
	program := filepath.Join(b.TempDir(), "driftless")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", program, "..").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	benchCheck(b, program, benchFiles(b, ".hcl"))
}

// BenchmarkFmtStd is terraform at the same task.
func BenchmarkFmtStd(b *testing.B) {
	program, err := exec.LookPath("terraform")
	if err != nil {
		b.Skip("there is no terraform on the PATH")
	}
	b.Setenv("TF_CLI_CONFIG_FILE", filepath.Join(b.TempDir(), "none"))
	b.Setenv("CHECKPOINT_DISABLE", "1")
	benchCheck(b, program, benchFiles(b, ".tf"))
}
