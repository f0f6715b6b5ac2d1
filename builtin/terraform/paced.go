package terraform

import (
	"io"
	"time"
)

// readPause is how long the output of a command is left to gather, and how much
// later than it a check may end.
const readPause = 10 * time.Millisecond

// paced hands on what a command writes in larger parts. The command writes each
// message by itself, two for each resource, and to wake up for each of them
// would be most of what a check takes of this process.
type paced struct{ to io.Writer }

func (p paced) Write(b []byte) (int, error) {
	n, err := p.to.Write(b)
	time.Sleep(readPause)
	return n, err
}
