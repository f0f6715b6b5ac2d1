package overlay

import (
	"path"
	"strings"
)

// maxLinks is how many symbolic links a path may pass through, as in Linux.
const maxLinks = 40

// Canonical returns the one spelling of an absolute path: the symbolic links
// and dots on the way to its last component are resolved, the last component
// is not. A directory on the way that doesn't exist is taken as it is written.
func (o *Overlay) Canonical(name string) string {
	slash := strings.LastIndexByte(name, '/')
	base := name[slash+1:]
	if slash < 0 || base == "" || base == "." || base == ".." {
		return o.resolve(name)
	}
	written := name[:max(slash, 1)]
	dir := o.dir(written)
	if slash == 0 || dir == written && dir != "/" {
		return name // the usual case, without making a string
	}
	return join(dir, base)
}

// dir is resolve with a memory.
func (o *Overlay) dir(written string) string {
	o.mu.RLock()
	dir, ok := o.dirs[written]
	generation := o.generation
	o.mu.RUnlock()
	if ok {
		return dir
	}
	dir = o.resolve(written)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.generation == generation {
		o.dirs[written] = dir
	}
	return dir
}

// resolve follows every component as the kernel would, through the layer.
func (o *Overlay) resolve(name string) string {
	at, links := "/", 0
	rest := name
	for rest != "" {
		var part string
		part, rest, _ = strings.Cut(rest, "/")
		switch part {
		case "", ".":
			continue
		case "..":
			at = path.Dir(at)
			continue
		}
		next := join(at, part)
		file, err := o.lstat(next)
		if err != nil || !file.IsSymlink() || links == maxLinks {
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

func join(dir, base string) string {
	if dir == "/" {
		return "/" + base
	}
	return dir + "/" + base
}

// forgetDirs must be called with the lock held whenever a path may lead
// elsewhere than before.
func (o *Overlay) forgetDirs() {
	clear(o.dirs)
	o.generation++
}
