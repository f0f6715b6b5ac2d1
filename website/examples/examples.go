// Package examples holds an example of every type, which the reference pages
// and driftless schema show.
package examples

import (
	"embed"
	"io/fs"
)

//go:embed collector.* sink.* source.* stage.* task.*
var files embed.FS

// Files returns a directory for each type, named as in "task.file".
func Files() fs.FS { return files }
