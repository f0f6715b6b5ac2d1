package config

import (
	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/syntax"
)

// MaxFileSize is how many bytes a configuration file may have.
const MaxFileSize = maxFileSize

// ReadFile reads a file as [Load] does: it must be a regular one, and not
// larger than [MaxFileSize].
func ReadFile(path string) ([]byte, hcl.Diagnostics) { return readFile(path) }

// ParseNative parses a file of the native syntax as [Load] does, within the
// limits. The name is used in positions, and may not have the ending of
// another syntax.
func ParseNative(src []byte, name string) (*hcl.File, hcl.Diagnostics) {
	switch {
	case syntax.Known(name):
		return nil, pathError(name, "Not in the native syntax", "The name of this file says that it is in JSON, YAML or TOML.")
	case len(src) > MaxFileSize:
		return nil, pathError(name, "File too large", "A configuration file may have at most 1 MiB.")
	}
	return parse(src, name)
}
