package agent

import (
	"fmt"
	"runtime/debug"

	"github.com/hashicorp/go-hclog"
)

// guard calls a provider and turns a panic of it into an error.
func guard(log hclog.Logger, call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			log.Error("the provider panicked, which is a defect of it", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("its provider panicked, which is a defect of the provider; the log has the stack: %v", p)
		}
	}()
	return call()
}
