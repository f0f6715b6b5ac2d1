package pluginhost

import (
	"bytes"
	"fmt"
	"os"
	"sync"
)

// maxGreeting bounds, in bytes, the line by which a process says where it is
// reached.
const maxGreeting = 16 << 10

// greeting is the standard output of a process: one line that says where it is
// reached. Nothing else has a place there.
type greeting struct {
	pipe  *os.File
	stray func([]byte) // is given what comes after

	mu   sync.Mutex
	line []byte
	done bool
}

var errNoGreeting = fmt.Errorf("the first line is longer than %d bytes", maxGreeting)

// Read implements [io.Reader] for the first line.
func (g *greeting) Read(p []byte) (int, error) {
	for {
		n, err := g.pipe.Read(p)
		if n == 0 || err != nil {
			return 0, err
		}
		if n, err = g.take(p[:n]); n > 0 || err != nil {
			return n, err
		}
	}
}

// take returns how much of what was read belongs to the line.
func (g *greeting) take(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.done {
		g.stray(p)
		return 0, nil
	}
	end := bytes.IndexByte(p, '\n') + 1
	if g.done = end > 0; !g.done {
		end = len(p)
	} else if end < len(p) {
		g.stray(p[end:])
	}
	g.line = append(g.line, p[:end]...)
	if len(g.line) > maxGreeting {
		return 0, errNoGreeting
	}
	return end, nil
}

// Close implements [io.Closer].
func (g *greeting) Close() error { return g.pipe.Close() }

func (g *greeting) text() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return string(bytes.TrimSpace(g.line))
}
