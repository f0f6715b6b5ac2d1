package view

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// ErrCleared says that somebody has pressed Ctrl-C instead of ending a line.
var ErrCleared = errors.New("the line was cleared")

// maxLine bounds the lines of an input that is no terminal, in bytes.
const maxLine = 1 << 20

// Lines reads the input line by line. Where somebody is there to type it, they
// get a prompt, can edit the line and go back to earlier ones.
type Lines struct {
	read func(prompt string) (string, error)
}

// NewLines returns the lines of the view's input.
func (v *View) NewLines() *Lines {
	if in, ok := v.In.(*os.File); ok && v.Interactive() && !v.json {
		p := &prompter{in: in, keys: &keys{in: in}}
		p.terminal = term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{p.keys, v.Err}, "")
		p.terminal.History = &history{}
		return &Lines{p.line}
	}
	scanner := bufio.NewScanner(v.In)
	scanner.Buffer(nil, maxLine)
	number := 0
	return &Lines{func(string) (string, error) {
		if number++; scanner.Scan() {
			return scanner.Text(), nil
		}
		if err := scanner.Err(); err != nil {
			return "", fmt.Errorf("read line %d of the input: %w", number, err)
		}
		return "", io.EOF
	}}
}

// Next returns the next line without its end, [io.EOF] after the last, and
// [ErrCleared] where it was given up. It also returns when ctx ends.
func (l *Lines) Next(ctx context.Context, prompt string) (string, error) {
	type result struct {
		line string
		err  error
	}
	results := make(chan result, 1)
	go func() { // a read can't be called off: it ends with the process
		line, err := l.read(prompt)
		results <- result{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-results:
		return r.line, r.err
	}
}

// prompter reads lines from a terminal. The terminal is in raw mode only
// while it does, so that a signal can end what is done in between.
type prompter struct {
	in       *os.File
	keys     *keys
	terminal *term.Terminal
}

func (p *prompter) line(prompt string) (string, error) {
	fd := int(p.in.Fd())
	if width, height, err := term.GetSize(fd); err == nil && width > 0 && height > 0 {
		if err := p.terminal.SetSize(width, height); err != nil {
			return "", err
		}
	}
	before, err := term.MakeRaw(fd)
	if err != nil {
		return "", fmt.Errorf("prepare the terminal for a prompt: %w", err)
	}
	defer term.Restore(fd, before) //nolint:errcheck // it was set a moment ago
	p.terminal.SetPrompt(prompt)
	line, err := p.terminal.ReadLine()
	if p.keys.cleared {
		p.keys.cleared = false
		return "", ErrCleared
	}
	return line, err
}

// keys are the keys that are pressed. Ctrl-C becomes those that empty the line
// and end it: a terminal would take it for the end of the input.
type keys struct {
	in      io.Reader
	waiting []byte
	cleared bool // since the last line
}

const (
	ctrlC     = 0x03
	emptyLine = "\x05\x15\r" // to the end, delete to the start, enter
)

// Read implements [io.Reader]. A Ctrl-C comes alone, so that it is not taken
// to belong to a line before it.
func (k *keys) Read(p []byte) (int, error) {
	if len(k.waiting) == 0 {
		n, err := k.in.Read(p)
		if err != nil {
			return n, err
		}
		k.waiting = append(k.waiting, p[:n]...)
	}
	if k.waiting[0] == ctrlC && len(p) >= len(emptyLine) {
		k.waiting, k.cleared = k.waiting[1:], true
		return copy(p, emptyLine), nil
	}
	n := strings.IndexByte(string(k.waiting[1:]), ctrlC) + 1
	if n == 0 {
		n = len(k.waiting)
	}
	n = copy(p, k.waiting[:n])
	k.waiting = k.waiting[n:]
	return n, nil
}

// history are the lines that can be gone back to, the latest last.
type history struct{ lines []string }

// maxHistory bounds how many lines are kept.
const maxHistory = 500

// Add implements [term.History]. Blank lines, and one that is the same again,
// are not worth going back to.
func (h *history) Add(line string) {
	if strings.TrimSpace(line) == "" || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return
	}
	h.lines = append(h.lines[max(0, len(h.lines)+1-maxHistory):], line)
}

// Len implements [term.History].
func (h *history) Len() int { return len(h.lines) }

// At implements [term.History]; 0 is the latest.
func (h *history) At(i int) string { return h.lines[len(h.lines)-1-i] }

var _ term.History = (*history)(nil)
