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
	entry := []byte(Marker(id))
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
func marked(entry []byte) ([]int, error) {
	pids, err := processes()
	return slices.DeleteFunc(pids, func(pid int) bool {
		return pid == os.Getpid() || !hasEntry(pid, entry)
	}), err
}

// killMarked takes hold of the process before it looks at it again, so that
// it can't kill another that was given the same number since.
func killMarked(pid int, entry []byte) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	if hasEntry(pid, entry) {
		err = p.Kill()
	}
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	return errors.Join(err, p.Release())
}

// maxLooks bounds how often a process is looked at that shows no environment.
const maxLooks = 10

// hasEntry reports whether a process was started with the entry. A process
// that has gone, or that isn't ours to look into, was not. One that is about to
// become another program shows no environment for a moment.
func hasEntry(pid int, entry []byte) bool {
	dir := "/proc/" + strconv.Itoa(pid)
	for range maxLooks {
		environ, err := os.ReadFile(dir + "/environ")
		if err != nil {
			return false
		}
		if len(environ) > 0 {
			return slices.ContainsFunc(bytes.Split(environ, []byte{0}), func(one []byte) bool { return bytes.Equal(one, entry) })
		}
		if _, err := os.Readlink(dir + "/exe"); err != nil {
			return false // it has ended, or is a part of the kernel
		}
		time.Sleep(time.Millisecond)
	}
	return false
}
