// Package overlay is the machine as the tasks planned so far would leave it:
// the real file system, users and groups, under a layer of what is planned.
//
//	host := overlay.New(overlay.Options{})
//	change, diags := task.Plan(ctx, host) // sees what the tasks before planned
package overlay

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"

	"github.com/driftless-hq/driftless/plugin"
)

// Options says what lies under the layer.
type Options struct {
	// Passwd and Group are the files that users and groups are read from,
	// /etc/passwd and /etc/group when empty. They are read through the
	// layer, so a planned user is known.
	Passwd, Group string
}

// Overlay implements [plugin.Host]. It is safe for concurrent use.
type Overlay struct {
	mu sync.RWMutex
	// planned is what tasks have planned, by canonical path, and children
	// the names planned in each directory.
	planned  map[string]*entry
	children map[string]map[string]bool
	// claimed are the paths that tasks manage, and above the directories on
	// the way to them.
	claimed, above map[string]bool
	// dirs remembers what [Overlay.Canonical] found out of directories, as
	// long as generation stays the same.
	dirs       map[string]string
	generation int

	users, groups *accounts
}

var _ plugin.Host = (*Overlay)(nil)

// entry is what is planned for one path.
type entry struct {
	file    plugin.File
	content []byte
	removed bool
	// fresh says that the directory wasn't one before, so that nothing real
	// shines through below it.
	fresh bool
}

// New returns an overlay in which nothing is planned yet.
func New(opt Options) *Overlay {
	o := &Overlay{
		planned:  map[string]*entry{},
		children: map[string]map[string]bool{},
		claimed:  map[string]bool{},
		above:    map[string]bool{},
		dirs:     map[string]string{},
	}
	o.users = newAccounts(o, userKind, opt.Passwd)
	o.groups = newAccounts(o, groupKind, opt.Group)
	return o
}

// Lstat implements [plugin.Host].
func (o *Overlay) Lstat(name string) (plugin.File, error) {
	return o.lstat(o.Canonical(name))
}

func (o *Overlay) lstat(key string) (plugin.File, error) {
	e, real := o.lookup(key)
	if e != nil {
		return e.file, nil
	}
	if !real {
		return plugin.File{}, notExist("lstat", key)
	}
	return realLstat(key)
}

// lookup returns what is planned at key, or else whether the real file system
// shines through there.
func (o *Overlay) lookup(key string) (e *entry, real bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.lookupLocked(key)
}

func (o *Overlay) lookupLocked(key string) (e *entry, real bool) {
	if len(o.planned) == 0 {
		return nil, true
	}
	if e := o.planned[key]; e != nil {
		if e.removed {
			return nil, false
		}
		return e, false
	}
	for dir := key; dir != "/"; {
		dir = path.Dir(dir)
		if above := o.planned[dir]; above != nil {
			return nil, !above.removed && above.file.IsDir() && !above.fresh
		}
	}
	return nil, true
}

// Content implements [plugin.Host].
func (o *Overlay) Content(name string) ([]byte, error) {
	key := o.Canonical(name)
	e, real := o.lookup(key)
	switch {
	case e == nil && real:
		return realContent(key)
	case e == nil:
		return nil, notExist("read", key)
	case !e.file.IsRegular():
		return nil, notRegular(key)
	case e.file.Unknown:
		return nil, fmt.Errorf("content of %s: %w", key, plugin.ErrUnknown)
	case e.content == nil && e.file.Size > 0:
		// Only owner and mode are planned; the content is still the real one.
		return realContent(key)
	}
	return e.content, nil
}

// Names implements [plugin.Host].
func (o *Overlay) Names(name string) ([]string, error) {
	key := o.Canonical(name)
	file, err := o.lstat(key)
	if err != nil {
		return nil, err
	}
	if !file.IsDir() {
		return nil, &fs.PathError{Op: "list", Path: key, Err: errNotDirectory}
	}
	names := map[string]bool{}
	if e, real := o.lookup(key); real || e != nil && !e.fresh {
		present, err := realNames(key)
		if err != nil {
			return nil, err
		}
		for _, name := range present {
			names[name] = true
		}
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
	for child := range o.children[key] {
		if o.planned[path.Join(key, child)].removed {
			delete(names, child)
		} else {
			names[child] = true
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// Put implements [plugin.Host]. A nil content of a regular file whose size is
// not 0 says that the content stays as it is.
func (o *Overlay) Put(name string, file plugin.File, content []byte) {
	key := o.Canonical(name)
	before, err := o.lstat(key)
	wasDir := err == nil && before.IsDir()
	if file.IsRegular() && content != nil && !file.Unknown {
		file.Size = int64(len(content))
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	e := &entry{file: file, content: content}
	if file.IsDir() {
		e.fresh = !wasDir
		if old := o.planned[key]; wasDir && old != nil {
			e.fresh = old.fresh
		}
	}
	if old := o.planned[key]; content == nil && old != nil && old.file.IsRegular() && file.IsRegular() {
		e.content = old.content
	}
	if !file.IsDir() || e.fresh && !wasDir {
		o.forgetBelow(key)
	}
	o.set(key, e)
	if err != nil {
		o.claim(key)
	}
	if file.IsSymlink() || err == nil && before.IsSymlink() {
		o.forgetDirs()
	}
}

// Remove implements [plugin.Host].
func (o *Overlay) Remove(name string) {
	key := o.Canonical(name)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.forgetBelow(key)
	o.set(key, &entry{removed: true})
	o.forgetDirs()
}

func (o *Overlay) set(key string, e *entry) {
	o.planned[key] = e
	dir, base := path.Split(key)
	dir = path.Clean(dir)
	if base == "" {
		return // the root directory is nobody's child
	}
	if o.children[dir] == nil {
		o.children[dir] = map[string]bool{}
	}
	o.children[dir][base] = true
}

// forgetBelow drops what was planned below key, which is going to be no
// directory, or another one.
func (o *Overlay) forgetBelow(key string) {
	for child := range o.children[key] {
		below := path.Join(key, child)
		o.forgetBelow(below)
		delete(o.planned, below)
	}
	delete(o.children, key)
}
