package agent

import (
	"fmt"
	"runtime/debug"
)

// guard turns a panic of a provider into an error.
func guard(call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the provider panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return call()
}
