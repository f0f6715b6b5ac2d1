package command_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// openPty opens a pseudo-terminal that is so many columns wide.
func openPty(t *testing.T, columns uint16) (master, tty *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = master.Close() }) // it may be closed already
	fd := int(master.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns})
	}
	if err != nil {
		t.Fatal(err)
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return master, tty
}

// onTerminal runs a command on a terminal of its own and returns what it wrote
// there.
func onTerminal(t *testing.T, columns uint16, env []string, input string, args ...string) (text string, code int) {
	t.Helper()
	master, tty := openPty(t, columns)
	cmd := exec.Command("driftless", args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.Env = append(append(os.Environ(), "TERM=xterm", "NO_COLOR="), env...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := tty.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := master.WriteString(input); err != nil {
		t.Fatal(err)
	}
	written, err := io.ReadAll(master)
	if err != nil && !errors.Is(err, syscall.EIO) { // which says that nobody has the terminal open any more
		t.Fatal(err)
	}
	var failed *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(written), "\r\n", "\n"), cmd.ProcessState.ExitCode()
}

var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// narrowDir is a configuration with much to say.
func narrowDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"c/main.hcl": `
agent { data_dir = "${path.config}/data" }
task "file" "message_of_the_day" {
  path    = "${path.config}/motd"
  content = "hello\n"
  mode    = "0640"
  tags    = ["greeting"]
}
task "command" "fails" {
  command = ["false"]
  tags    = ["trouble"]
}
task "file" "after" {
  path       = "${path.config}/after"
  content    = "x"
  depends_on = [task.command.fails]
}
`,
		"wrong/main.hcl": `
variable "a_rather_long_name" {}
output "answer" {
  value = { question = "what is it", answer = var.a_rather_long_nam, and = "something more to read" }
}
`,
	}
	for name, content := range files {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOutputFitsANarrowTerminal(t *testing.T) {
	dir := narrowDir(t)
	const columns = 40
	for _, tt := range []struct {
		name string
		args []string
		code int
		want []string
	}{
		{"plan", []string{"plan", "-config=" + dir + "/c", "-skip-tags=trouble"}, 0,
			[]string{"  + task.file.message_of_the_day\n      /", "\nThis is only a part of the configuration\n(-skip-tags=trouble): 2 tasks left out.\n"}},
		{"apply", []string{"apply", "-auto-approve", "-config=" + dir + "/c"}, 1,
			[]string{"  ✗ task.command.fails\n    failed: ", "  × task.file.after\n    left out: task.command.fails failed", " 1 changed, 0 unchanged,\n1 failed, 1 left out."}},
		{"validate", []string{"validate", "-config=" + dir + "/wrong", "-var=a_rather_long_name=x"}, 1,
			[]string{"│    4: ...", "a_rather_long_nam", "Did\n│ you mean"}},
		{"graph", []string{"graph", "-config=" + dir + "/c"}, 0, []string{`"task.file.after" -> "task.command.fails"`}},
		{"version", []string{"version"}, 0, []string{"driftless "}},
		{"facts", []string{"facts", "cpu"}, 0, []string{"fact.cpu.logical = ", "fact.cpu.flags =\n    ["}},
		{"help", []string{"-help"}, 0, []string{"  validate\n      check a configuration without"}},
		{"help about a command", []string{"plan", "-help"}, 0, []string{"  -out=FILE\n      save the plan"}},
		{"help with a description", []string{"fmt", "-help"}, 0, []string{"A PATH is a file whose name ends in .hcl\nor a directory"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, code := onTerminal(t, columns, nil, "", tt.args...)
			if code != tt.code {
				t.Errorf("it ended with %d, want %d", code, tt.code)
			}
			text = colour.ReplaceAllString(text, "")
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in the output", want)
				}
			}
			for line := range strings.Lines(text) {
				line = strings.TrimSuffix(line, "\n")
				isOneWord := !strings.Contains(strings.TrimSpace(strings.TrimPrefix(line, "│")), " ")
				if n := utf8.RuneCountInString(line); n > columns && !isOneWord && tt.name != "graph" {
					t.Errorf("a line is %d columns wide: %q", n, line)
				}
			}
			if t.Failed() {
				t.Logf("\n%s", text)
			}
		})
	}
}

func TestColourIsForTerminalsThatWantIt(t *testing.T) {
	dir := narrowDir(t)
	plan := []string{"plan", "-config=" + dir + "/c"}
	wrong := []string{"validate", "-config=" + dir + "/wrong"}
	for _, tt := range []struct {
		name string
		args []string
		env  []string
		want bool
	}{
		{"a plan on a terminal", plan, nil, true},
		{"a mistake on a terminal", wrong, nil, true},
		{"a wrong option on a terminal", []string{"plan", "-nonsense"}, nil, true},
		{"NO_COLOR", plan, []string{"NO_COLOR=1"}, false},
		{"NO_COLOR and a mistake", wrong, []string{"NO_COLOR=1"}, false},
		{"a terminal that can't", plan, []string{"TERM=dumb"}, false},
		{"-no-color", append(plan, "-no-color"), nil, false},
		{"--no-color and a wrong option", []string{"plan", "--no-color", "-nonsense"}, nil, false},
		{"-json", append(plan, "-json"), nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, _ := onTerminal(t, 80, tt.env, "", tt.args...)
			if got := strings.Contains(text, "\x1b"); got != tt.want || text == "" {
				t.Errorf("colour is %t, want %t:\n%q", got, tt.want, text)
			}
		})
	}
}

func TestApplyAsksOnATerminal(t *testing.T) {
	dir := narrowDir(t)
	args := []string{"apply", "-config=" + dir + "/c", "-tags=greeting"}
	for _, answer := range []string{"no\n", "y\n", "\x04"} { // the last is Ctrl-D, the end of the input
		text, code := onTerminal(t, 80, nil, answer, args...)
		if code != 1 || !strings.Contains(text, "Apply these changes?") || !strings.Contains(text, "Nothing was changed.") {
			t.Errorf("after %q it ended with %d:\n%s", answer, code, text)
		}
	}
	text, code := onTerminal(t, 80, nil, "yes\n", args...)
	if code != 0 || !strings.Contains(text, "1 changed") {
		t.Errorf("it ended with %d:\n%s", code, text)
	}
}
