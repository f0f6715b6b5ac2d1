// Command vault is HashiCorp Vault's server, built from its published module
// for tests that want the real one. It is never shipped: Vault's licence
// (BUSL-1.1) doesn't allow that, and nothing of driftless needs it to run.
package main

import (
	"os"

	"github.com/hashicorp/vault/command"
)

func main() { os.Exit(command.Run(os.Args[1:])) }
