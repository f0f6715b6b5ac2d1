//go:build !linux

package process

// KillMarked does nothing: only Linux shows the environment of processes to
// those who didn't start them.
func KillMarked(string) (killed int, err error) { return 0, nil }
