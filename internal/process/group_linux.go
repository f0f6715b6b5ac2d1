package process

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"syscall"
)

// groupExists reports whether a process of the group still runs. The kernel
// says at once when there is none; but it counts those that have ended and
// wait for their parent to notice, which in a container may be never.
func groupExists(group int) bool {
	if errors.Is(syscall.Kill(-group, 0), syscall.ESRCH) {
		return false
	}
	pids, err := processes()
	if err != nil {
		return true // without /proc the kernel's word is all there is
	}
	for _, pid := range pids {
		if runsInGroup(pid, group) {
			return true
		}
	}
	return false
}

// runsInGroup reports whether a process is of the group and has not ended.
func runsInGroup(pid, group int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false // it has gone
	}
	// The name before the last parenthesis may hold anything.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 3 || !bytes.Equal(fields[2], strconv.AppendInt(nil, int64(group), 10)) {
		return false
	}
	state := fields[0][0]
	return state != 'Z' && state != 'X'
}

// processes returns the ids of all processes that /proc shows.
func processes() ([]int, error) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	names, err := proc.Readdirnames(-1)
	if err := errors.Join(err, proc.Close()); err != nil {
		return nil, err
	}
	var pids []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}
