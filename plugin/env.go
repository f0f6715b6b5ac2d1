package plugin

import "os"

// MakeDir makes the instance's private directory, readable by its owner only,
// and returns its path.
func (e Env) MakeDir() (string, error) {
	return e.Dir, os.MkdirAll(e.Dir, 0o700)
}
