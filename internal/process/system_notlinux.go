//go:build !linux

package process

import "errors"

// setThreadUmask refuses: elsewhere the umask belongs to the whole process.
func setThreadUmask(uint32) error {
	return errors.New("a umask can be set on Linux only: call umask in the command itself")
}

func isFirstThread() bool { return false }
