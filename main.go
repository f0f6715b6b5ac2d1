// Command driftless keeps machines and clouds from drifting.
package main

import (
	"os"
	"runtime/debug"

	"github.com/driftless-hq/driftless/command"
	"github.com/driftless-hq/driftless/command/view"
)

// gcPercent has memory collected earlier than by default, unless GOGC says
// otherwise: what runs on every machine is to be small first.
const gcPercent = 60

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	os.Exit(command.Main(os.Args, view.OS()))
}
