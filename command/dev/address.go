package dev

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// The address that the demonstration is served at, and where that is taken
// one with a port that the system chooses.
const (
	usualAddress = "127.0.0.1:8000"
	otherAddress = "127.0.0.1:0"
)

// address returns the address to listen at. A process that takes it between
// now and then makes the agent say so and end.
func address() (string, error) {
	l, err := net.Listen("tcp", usualAddress)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return otherAddress, nil
	case err != nil:
		return "", fmt.Errorf("find an address for the API: %w", err)
	}
	return usualAddress, l.Close()
}
