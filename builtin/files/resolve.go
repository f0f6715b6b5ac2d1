package files

import (
	"path"
	"strings"

	"github.com/driftless-hq/driftless/plugin"
)

// maxLinks is how many symbolic links a path may pass through, as in Linux.
const maxLinks = 40

// resolve returns dir without symbolic links and dots, as the planned host
// has it. Apply goes there without following any link, so that one which
// appears after the plan can't lead it astray.
func resolve(host plugin.Host, dir string) string {
	at, rest := "/", dir
	links := 0
	for rest != "" {
		var part string
		part, rest, _ = strings.Cut(rest, "/")
		if part == "" {
			continue
		}
		next := path.Join(at, part)
		file, err := host.Lstat(next)
		if part == ".." || err != nil || !file.IsSymlink() || links == maxLinks {
			at = next
			continue
		}
		links++
		if strings.HasPrefix(file.Target, "/") {
			at = "/"
		}
		rest = file.Target + "/" + rest
	}
	return at
}
