// Command build builds a program that tests run, once, and prints where it is.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/driftless-hq/driftless/internal/testutil/gotool"
)

func main() {
	if err := build(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func build(names []string) error {
	for _, p := range []gotool.Program{gotool.Vault(), gotool.Tofu()} {
		if len(names) == 1 && names[0] == p.Name {
			path, err := p.Build()
			fmt.Println(path)
			return err
		}
	}
	return errors.New("name one program: vault or tofu")
}
