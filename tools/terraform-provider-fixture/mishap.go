package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

// The ways in which a read can go wrong, by the attribute mishap.
const (
	crash  = "crash"  // the provider ends
	killed = "killed" // it is ended as by a system without memory
	deaf   = "deaf"   // it waits, and ignores being told to end
	orphan = "orphan" // it leaves a process of its own session behind
	refuse = "refuse" // it reports an error
)

// mishap makes what is asked for happen.
func mishap(kind string) error {
	switch kind {
	case crash:
		os.Exit(3)
	case killed:
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			return err
		}
		select {} // until the signal arrives
	case deaf:
		signal.Ignore(syscall.SIGTERM, syscall.SIGINT)
		time.Sleep(time.Hour)
	case orphan:
		cmd := exec.Command("sleep", "3600")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		return cmd.Start()
	case refuse:
		return fmt.Errorf("the API answered 429 Too Many Requests")
	}
	return nil
}
