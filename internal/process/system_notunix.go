//go:build !unix

package process

import (
	"errors"
	"os"
	"syscall"
)

func attributes(as *Credential) (*syscall.SysProcAttr, error) {
	if as != nil {
		return nil, errors.New("this system can't run a program as another user")
	}
	return nil, nil
}

// signalGroup kills the program at once: there are no signals and no groups.
func signalGroup(pid int, _ syscall.Signal) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	if err := p.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

func groupExists(int) bool { return false }

func (r *Result) addUsage(*os.ProcessState) {}
