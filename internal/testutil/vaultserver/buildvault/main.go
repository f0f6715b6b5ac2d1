// Command buildvault builds the Vault that tests run against, once, and prints
// where it is.
package main

import (
	"fmt"
	"os"

	"github.com/driftless-hq/driftless/internal/testutil/vaultserver"
)

func main() {
	program, err := vaultserver.Build()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(program)
}
