//go:build !unix

package facts

import "io/fs"

// trusted has nothing to say of files without owners and modes. Programs are
// never run there: what may be executed is told by the mode.
func trusted(fs.FileInfo) error { return nil }
