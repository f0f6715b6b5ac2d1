// Package version knows which release this is.
package version

import "runtime/debug"

// Number is the version of this release, in semantic versioning.
const Number = "0.1.0"

// Commit returns the commit that the binary was built from, empty where the
// build didn't record it.
func Commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}
