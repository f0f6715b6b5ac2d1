package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/driftless-hq/driftless/command"
	"github.com/driftless-hq/driftless/command/view"
)

// A story of somebody who sits at a terminal.
func TestTheConsoleOnATerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	path := filepath.Join(t.TempDir(), "main.hcl")
	if err := os.WriteFile(path, []byte(`variable "name" { default = "world" }`), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openTerminal(t)
	before, err := unix.IoctlGetTermios(int(s.tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	code := make(chan int, 1)
	go func() {
		code <- command.Main([]string{"driftless", "console", "-config", path}, view.Streams{In: s.tty, Out: s.tty, Err: s.tty})
	}()
	s.expect(t, "help, or exit", "> ")
	s.send(t, "var.name\r")
	s.expect(t, "\x1b[32m\"world\"\x1b[0m", "> ") // in colour
	s.send(t, "var.nmae\r")
	s.expect(t, "Error: ", "Did you mean \"name\"?", "> ") // which is no reason to end
	s.send(t, "[\r")
	s.expect(t, ": ")
	s.send(t, "1, 2]\r")
	s.expect(t, "2", "]", "> ")
	s.send(t, "{\r")
	s.expect(t, ": ")
	s.send(t, "half a line\x03") // Ctrl-C takes back the line and those before it
	s.expect(t, "> ")
	s.send(t, "6 * 7\r")
	s.expect(t, "42", "> ")
	s.send(t, "\x1b[A\x7f8\r") // up, backspace, 8
	s.expect(t, "48", "> ")
	s.send(t, "\x1b[A\x01[\x05]\r") // up, to the start, to the end
	s.expect(t, "  \x1b[36m48", "> ")
	s.send(t, "help\r")
	s.expect(t, "fact.os.id", "> ")
	s.send(t, "\x04")
	select {
	case got := <-code:
		if got != 0 {
			t.Errorf("the console ended with %d", got)
		}
	case <-time.After(terminalTimeout):
		t.Fatalf("Ctrl-D doesn't end the console:\n%s", s.seen)
	}
	after, err := unix.IoctlGetTermios(int(s.tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	if *after != *before {
		t.Errorf("the terminal is left as %+v, and was %+v", after, before)
	}
}

// terminalTimeout bounds a test that would wait for ever.
const terminalTimeout = 30 * time.Second

// terminal is a pseudo-terminal, as seen by who sits at it.
type terminal struct {
	tty    *os.File    // the program's side
	keys   *os.File    // the user's side
	shown  chan string // what the program writes, piece by piece
	unread string
	seen   string
}

func openTerminal(t *testing.T) *terminal {
	t.Helper()
	master, tty := openPty(t, 80)
	t.Cleanup(func() { tty.Close() })
	s := &terminal{tty: tty, keys: master, shown: make(chan string, 1000)}
	go func() {
		defer close(s.shown)
		for buffer := make([]byte, 4096); ; {
			n, err := master.Read(buffer)
			if err != nil {
				return // the test is over
			}
			s.shown <- string(buffer[:n])
		}
	}()
	return s
}

func (s *terminal) send(t *testing.T, keys string) {
	t.Helper()
	if _, err := s.keys.WriteString(keys); err != nil {
		t.Fatal(err)
	}
}

// expect waits until the texts were shown, one after the other.
func (s *terminal) expect(t *testing.T, texts ...string) {
	t.Helper()
	limit := time.After(terminalTimeout)
	for _, text := range texts {
		for !strings.Contains(s.unread, text) {
			select {
			case more, ok := <-s.shown:
				if !ok {
					t.Fatalf("the terminal is closed, and %q was not shown:\n%s", text, s.seen)
				}
				s.unread += more
				s.seen += more
			case <-limit:
				t.Fatalf("%q is not shown:\n%s", text, s.seen)
			}
		}
		_, s.unread, _ = strings.Cut(s.unread, text)
	}
}
