// Driftless-plugin-notes is a provider that keeps notes on the disk. It is an
// example, made to be read and copied: a type of each kind, and a function.
package main

import "github.com/driftless-hq/driftless/plugin"

func main() { plugin.Serve(&provider{}) }
