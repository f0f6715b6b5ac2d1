package process

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// heldBy returns how much memory a process and its descendants hold, in bytes,
// each at its own peak. What has gone, or can't be looked into, holds none.
func heldBy(pid, generations int) int64 {
	held := peakOf(pid)
	if generations == 0 {
		return held
	}
	for _, child := range childrenOf(pid) {
		held += heldBy(child, generations-1)
	}
	return held
}

// peakOf returns the largest resident set that a process has had, in bytes.
func peakOf(pid int) int64 {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(status, []byte("\nVmHWM:"))
	number, _, _ := bytes.Cut(bytes.TrimSpace(rest), []byte(" kB"))
	kilobytes, err := strconv.ParseInt(string(number), 10, 64)
	if err != nil {
		return 0 // it has ended, and waits to be noticed
	}
	return kilobytes << 10
}

// childrenOf asks each thread of a process: a child is that of the thread which
// forked.
func childrenOf(pid int) (children []int) {
	lists, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children")
	if err != nil {
		return nil // the pattern is a good one
	}
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended
		}
		for field := range bytes.FieldsSeq(text) {
			if child, err := strconv.Atoi(string(field)); err == nil {
				children = append(children, child)
			}
		}
	}
	return children
}
