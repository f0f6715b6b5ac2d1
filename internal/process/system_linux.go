package process

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// dieWithParent has the kernel kill the program when this process is gone,
// however it ended. It holds for the program alone, not for its children.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }

// setThreadUmask sets the umask of the calling thread, and of what it forks.
// The threads of a process share one umask until a thread leaves them.
func setThreadUmask(umask uint32) error {
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return fmt.Errorf("set a umask: %w", err)
	}
	unix.Umask(int(umask))
	return nil
}

func isFirstThread() bool { return unix.Gettid() == unix.Getpid() }
