package plugintest

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/driftless-hq/driftless/plugin"
)

// Host is a [plugin.Host] of one directory: what is really there, under a
// layer of what is planned. Nothing outside of the directory can be seen, so
// that a test depends on nothing else of the machine; users and groups are
// those of the machine. It is safe for concurrent use.
type Host struct {
	root string

	mu      sync.Mutex
	planned map[string]planned // by path
}

var _ plugin.Host = (*Host)(nil)

// planned is what will be at a path. Removed says that nothing will.
type planned struct {
	file    plugin.File
	content []byte
	removed bool
	fresh   bool // nothing real shines through below
}

// NewHost returns the host of a directory, in which nothing is planned yet.
func NewHost(root string) *Host {
	return &Host{root: filepath.Clean(root), planned: make(map[string]planned)}
}

// at returns what is planned for a path, whether there is a plan, and an error
// where there will be nothing or the path is outside of the directory.
func (h *Host) at(path string) (planned, bool, error) {
	if path != h.root && !strings.HasPrefix(path, h.root+"/") {
		return planned{}, false, fmt.Errorf("%s is outside of %s, all that this test may touch: %w", path, h.root, fs.ErrPermission)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	p, ok := h.planned[path]
	if p.removed || !ok && h.hidden(path) {
		return planned{}, false, &fs.PathError{Op: "lstat", Path: path, Err: fs.ErrNotExist}
	}
	return p, ok, nil
}

// hidden reports whether something above the path is planned that has nothing
// below it but what is planned, too.
func (h *Host) hidden(path string) bool {
	for dir := filepath.Dir(path); len(dir) >= len(h.root); dir = filepath.Dir(dir) {
		if p, ok := h.planned[dir]; ok && p.fresh {
			return true
		}
	}
	return false
}

// Lstat implements [plugin.Host].
func (h *Host) Lstat(path string) (plugin.File, error) {
	p, ok, err := h.at(path)
	if err != nil || ok {
		return p.file, err
	}
	return lstat(path)
}

func lstat(path string) (plugin.File, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return plugin.File{}, err
	}
	f := plugin.File{Type: info.Mode().Type(), Mode: uint32(info.Mode().Perm()), Size: info.Size()}
	for bit, flag := range map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if info.Mode()&bit != 0 {
			f.Mode |= flag
		}
	}
	f.UID, f.GID = ownerOf(info)
	if f.IsSymlink() {
		f.Target, err = os.Readlink(path)
	}
	return f, err
}

// Content implements [plugin.Host].
func (h *Host) Content(path string) ([]byte, error) {
	p, ok, err := h.at(path)
	switch {
	case err != nil:
		return nil, err
	case ok && p.file.Unknown:
		return nil, fmt.Errorf("the content of %s: %w", path, plugin.ErrUnknown)
	case ok && p.content != nil:
		return p.content, nil
	}
	return os.ReadFile(path)
}

// Names implements [plugin.Host].
func (h *Host) Names(path string) ([]string, error) {
	p, ok, err := h.at(path)
	if err != nil {
		return nil, err
	}
	names := make(map[string]bool)
	if !ok || !p.fresh {
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			names[entry.Name()] = true
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for at, one := range h.planned {
		if filepath.Dir(at) == path && at != path {
			names[filepath.Base(at)] = !one.removed
		}
	}
	maps.DeleteFunc(names, func(_ string, there bool) bool { return !there })
	return slices.Sorted(maps.Keys(names)), nil
}

// Claimed implements [plugin.Host]. A path is claimed once something is planned
// for it.
func (h *Host) Claimed(path string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, ok := h.planned[path]
	return ok && !p.removed
}

// ClaimedBelow implements [plugin.Host].
func (h *Host) ClaimedBelow(path string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for at, p := range h.planned {
		if strings.HasPrefix(at, path+"/") && !p.removed {
			return true
		}
	}
	return false
}

// Put implements [plugin.Host].
func (h *Host) Put(path string, file plugin.File, content []byte) {
	before, err := h.Lstat(path)
	stays := err == nil && before.IsDir() && file.IsDir()
	if content != nil {
		file.Size = int64(len(content))
	} else if p, _, err := h.at(path); err == nil {
		content = p.content // which stays as it is, as does that of the real file
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	fresh := h.planned[path].fresh
	if !stays {
		h.forgetBelow(path)
		fresh = true
	}
	h.planned[path] = planned{file: file, content: bytes.Clone(content), fresh: fresh}
}

// Remove implements [plugin.Host].
func (h *Host) Remove(path string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forgetBelow(path)
	h.planned[path] = planned{removed: true, fresh: true}
}

func (h *Host) forgetBelow(path string) {
	maps.DeleteFunc(h.planned, func(at string, _ planned) bool { return strings.HasPrefix(at, path+"/") })
}

// UserID implements [plugin.Host].
func (h *Host) UserID(name string) (int, error) {
	if id, err := strconv.ParseUint(name, 10, 31); err == nil {
		return int(id), nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(u.Uid)
}

// GroupID implements [plugin.Host].
func (h *Host) GroupID(name string) (int, error) {
	if id, err := strconv.ParseUint(name, 10, 31); err == nil {
		return int(id), nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(g.Gid)
}

// UserName implements [plugin.Host].
func (h *Host) UserName(id int) string {
	if u, err := user.LookupId(strconv.Itoa(id)); err == nil {
		return u.Username
	}
	return strconv.Itoa(id)
}

// GroupName implements [plugin.Host].
func (h *Host) GroupName(id int) string {
	if g, err := user.LookupGroupId(strconv.Itoa(id)); err == nil {
		return g.Name
	}
	return strconv.Itoa(id)
}
