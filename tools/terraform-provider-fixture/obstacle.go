package main

import (
	"fmt"
	"os"
	"time"
)

// obstacle is in the way of writing a file, for the tests of an apply. Where
// there is a file whose name ends in .refuse beside it, that fails. Where there
// is one that ends in .hold, that waits; see [wait].
func obstacle(path string) error {
	if _, err := os.Stat(path + ".refuse"); err == nil {
		return fmt.Errorf("the API answered 500 to the change of %s", path)
	}
	return wait(path+".hold", path+".held")
}

// admit is in the way of reading a file, for the tests of credentials that end.
// Where there is a file whose name ends in .stop beside it, a read waits; see
// [wait]. Where there is one that ends in .token, what that holds is the only
// credential that the environment may have in FIXTURE_TOKEN. What it has instead
// is in the error, as careless providers have it.
func admit(path string) error {
	if err := wait(path+".stop", path+".stopped"); err != nil {
		return err
	}
	taken, err := os.ReadFile(path + ".token")
	given := os.Getenv("FIXTURE_TOKEN")
	if err != nil || given == string(taken) {
		return nil // none is asked for, or it is the one
	}
	return fmt.Errorf("the API answered 401 to the token %q: it has expired", given)
}

// wait waits until a file is gone, deaf to being stopped as most providers are.
// Before that it makes the other one.
func wait(file, sign string) error {
	for {
		if _, err := os.Stat(file); err != nil {
			return nil // it is gone, or never was
		}
		if err := os.WriteFile(sign, nil, 0o644); err != nil {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}
