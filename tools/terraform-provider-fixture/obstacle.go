package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// obstacle is in the way of writing a file, for the tests of an apply. Where
// there is a file whose name ends in .refuse beside it, that fails. Where there
// is one that ends in .hold, that waits until it is gone, deaf to being stopped
// as most providers are; meanwhile there is one that ends in .held.
func obstacle(path string) error {
	if _, err := os.Stat(path + ".refuse"); err == nil {
		return fmt.Errorf("the API answered 500 to the change of %s", path)
	}
	for {
		_, err := os.Stat(path + ".hold")
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err := os.WriteFile(path+".held", nil, 0o644); err != nil {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}
