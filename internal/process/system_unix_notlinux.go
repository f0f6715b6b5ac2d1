//go:build unix && !linux

package process

import (
	"errors"
	"syscall"
)

// dieWithParent does nothing: only Linux has it for every way to end.
func dieWithParent(*syscall.SysProcAttr) {}

// groupExists reports whether a process of the group is left.
func groupExists(group int) bool {
	return !errors.Is(syscall.Kill(-group, 0), syscall.ESRCH)
}
