package pluginhost

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes puts a process at the head of a session of its own, without a
// terminal, and has the kernel kill it when this one is gone, however it ended.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}

// runnable returns a path at which a child that inherits the file as its
// descriptor 3 finds the very file, whatever its name leads to by then.
func (c *checked) runnable() string { return "/proc/self/fd/3" }

// awaitExit returns when a process has ended. It leaves the process to be
// waited for, so that its number, and that of its group, belong to nobody else
// until then.
func awaitExit(pid int) error {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// resident returns the bytes of memory that a process holds.
func resident(pid int) (int64, error) {
	statm, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(statm)
	if len(fields) < 2 {
		return 0, fmt.Errorf("the kernel says of the memory of process %d only %q", pid, statm)
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize()), err
}
