// Command driftless keeps machines and clouds from drifting.
package main

import (
	"os"

	"github.com/driftless-hq/driftless/command"
	"github.com/driftless-hq/driftless/command/view"
)

func main() {
	os.Exit(command.Main(os.Args, view.OS()))
}
