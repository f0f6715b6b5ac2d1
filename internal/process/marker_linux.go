package process

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// maxScans bounds how often the processes are looked through: a program that
// forks faster than it is killed would keep it up for ever.
const maxScans = 100

// KillMarked kills every process, but this one, that was started with
// [Marker](id) in its environment, and returns how many there were. It looks
// again until none is left. Processes of other users can't be looked into
// unless by root, and are passed over.
func KillMarked(id string) (killed int, err error) {
	if id == "" || strings.ContainsRune(id, 0) {
		return 0, errors.New("kill the processes of a run: the run has no id")
	}
	entry := &environEntry{text: []byte("\x00" + Marker(id) + "\x00")}
	seen := map[int]bool{}
	for range maxScans {
		found, err := marked(entry)
		if err != nil {
			return len(seen), fmt.Errorf("kill the processes of run %s: %w", id, err)
		}
		if len(found) == 0 {
			return len(seen), nil
		}
		for _, pid := range found {
			if err := killMarked(pid, entry); err != nil {
				return len(seen), fmt.Errorf("kill process %d of run %s: %w", pid, id, err)
			}
			seen[pid] = true
		}
		time.Sleep(pollTime) // a killed process needs a moment to go
	}
	return len(seen), fmt.Errorf("kill the processes of run %s: some are still there after %d rounds", id, maxScans)
}

// marked returns the ids of all processes with the entry but this one.
func marked(entry *environEntry) ([]int, error) {
	pids, err := processes()
	self := os.Getpid()
	return slices.DeleteFunc(pids, func(pid int) bool { return pid == self || !entry.isOf(pid) }), err
}

// killMarked takes hold of the process before it looks at it again, so that
// it can't kill another that was given the same number since.
func killMarked(pid int, entry *environEntry) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	if entry.isOf(pid) {
		err = p.Kill()
	}
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	return errors.Join(err, p.Release())
}

// maxLooks bounds how often a process is looked at that shows no environment.
const maxLooks = 10

// environEntry looks for one entry in the environments of processes. All of
// them are looked through after each run that is marked, so this makes no more
// of it than the kernel asks for.
type environEntry struct {
	text    []byte // between two zeros
	environ []byte // of the last process, with a zero before and after it
}

// isOf reports whether a process was started with the entry. A process that
// has gone, or that isn't ours to look into, was not. One that is about to
// become another program shows no environment for a moment.
func (e *environEntry) isOf(pid int) bool {
	dir := "/proc/" + strconv.Itoa(pid)
	for range maxLooks {
		if err := e.read(dir + "/environ"); err != nil {
			return false
		}
		if len(e.environ) > 2 {
			return bytes.Contains(e.environ, e.text)
		}
		if _, err := os.Readlink(dir + "/exe"); err != nil {
			return false // it has ended, or is a part of the kernel
		}
		time.Sleep(time.Millisecond)
	}
	return false
}

func (e *environEntry) read(file string) error {
	fd, err := unix.Open(file, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	e.environ = append(e.environ[:0], 0)
	for n := 1; n > 0 && err == nil; {
		e.environ = slices.Grow(e.environ, 4<<10)
		n, err = unix.Read(fd, e.environ[len(e.environ):cap(e.environ)])
		e.environ = e.environ[:len(e.environ)+max(n, 0)]
	}
	e.environ = append(e.environ, 0)
	return errors.Join(err, unix.Close(fd))
}
