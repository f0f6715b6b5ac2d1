package process

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"time"
)

const (
	// readPause is how much later than it was written something may be read
	// that is little.
	readPause = 100 * time.Millisecond
	// littleOutput is what isn't worth to wake up for, in bytes.
	littleOutput = 16 << 10
)

// reader hands on what a program writes to its stdout in few, large parts. A
// program that writes each of many lines by itself would otherwise wake this
// process for each, which soon is most of what running it takes.
type reader struct {
	pipe, program *os.File // the ends of the pipe
	to            io.Writer
	exited        chan struct{}
	done          chan error // once
}

// readStdout gives cmd, which was not started yet, a stdout to read.
func readStdout(cmd *exec.Cmd, to io.Writer) (*reader, error) {
	pipe, program, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout = program
	r := &reader{pipe, program, to, make(chan struct{}), make(chan error, 1)}
	go func() { r.done <- r.read() }()
	return r, nil
}

// end reads what there still is of a program that has exited, or was never
// started. Who else holds its stdout is not waited for longer than drainTime.
func (r *reader) end() error {
	close(r.exited)
	err := r.pipe.SetReadDeadline(time.Now().Add(drainTime))
	if errors.Is(err, os.ErrClosed) {
		err = nil // it has ended already
	}
	return errors.Join(err, r.program.Close(), <-r.done)
}

// read closes its end of the pipe in the end, so that a program whose output
// nobody takes any more is ended by it, and doesn't wait for a reader.
func (r *reader) read() (err error) {
	defer func() { err = errors.Join(err, r.pipe.Close()) }()
	part := make([]byte, 2*littleOutput)
	for {
		n, err := r.pipe.Read(part)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, os.ErrDeadlineExceeded):
			return nil
		case err != nil:
			return err
		}
		if _, err := r.to.Write(part[:n]); err != nil {
			return err
		}
		if n < littleOutput {
			r.pause()
		}
	}
}

// pause lasts until there may be more to read, or nothing more to wait for.
func (r *reader) pause() {
	pause := time.NewTimer(readPause)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-r.exited:
	}
}
