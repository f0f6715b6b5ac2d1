//go:build unix

package process

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// attributes puts the child at the head of a process group of its own.
func attributes(as *Credential) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(attr)
	if as != nil {
		attr.Credential = &syscall.Credential{Uid: as.UID, Gid: as.GID, Groups: as.Groups}
	}
	return attr, nil
}

// signalGroup signals every process of a group. It is no error that there is
// none any more, nor that some belong to others.
func signalGroup(group int, signal syscall.Signal) error {
	err := syscall.Kill(-group, signal)
	if err == nil || errors.Is(err, syscall.ESRCH) || errors.Is(err, syscall.EPERM) {
		return nil
	}
	return fmt.Errorf("send %s to process group %d: %w", signal, group, err)
}

func (r *Result) addUsage(state *os.ProcessState) {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		r.Signal = status.Signal()
	}
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		r.MaxRSS = int64(usage.Maxrss)
		if runtime.GOOS != "darwin" && runtime.GOOS != "ios" {
			r.MaxRSS *= 1024 // everyone else counts in KiB
		}
	}
}
