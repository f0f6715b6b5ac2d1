//go:build !linux

package pluginhost

import (
	"errors"
	"syscall"
)

// attributes puts a process at the head of a session of its own, without a
// terminal.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// runnable returns the path of the file: nothing else can be run here.
func (c *checked) runnable() string { return c.file.Name() }

// awaitExit does nothing: that a process has ended is learned by waiting for
// it.
func awaitExit(int) error { return nil }

// resident is not known here.
func resident(int) (int64, error) { return 0, errors.ErrUnsupported }
