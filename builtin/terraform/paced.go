package terraform

import (
	"io"
	"time"
)

// A pause in reading is a twentieth of the time that the command has run for,
// and no longer than this: so much later may a check end for it. There is none
// where the command writes more than a few messages at a time.
const (
	pauseShare = 20
	maxPause   = 100 * time.Millisecond
	fewBytes   = 16 << 10
)

// paced hands on what a command writes in larger parts. The command writes each
// message by itself, two for each resource, and to wake up for each of them
// would be most of what a check takes of this process.
type paced struct {
	to    io.Writer
	began time.Time
}

func (p paced) Write(b []byte) (int, error) {
	n, err := p.to.Write(b)
	if len(b) < fewBytes {
		time.Sleep(min(time.Since(p.began)/pauseShare, maxPause))
	}
	return n, err
}
