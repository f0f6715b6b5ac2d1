//go:build !unix

package process

import "os"

// lockFile does nothing: this system locks no files for those who don't ask.
func lockFile(*os.File) error { return nil }

func unlockFile(*os.File) error { return nil }
