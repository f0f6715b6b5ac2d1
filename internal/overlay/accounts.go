package overlay

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os/user"
	"strconv"
	"strings"
	"sync"

	"github.com/driftless-hq/driftless/plugin"
)

// maxID is the highest user or group number; the one above stands for none.
const maxID = 1<<32 - 2

// kind is what makes users and groups differ.
type kind struct {
	word string
	path string
	// find asks the system for what isn't in the file, such as the accounts
	// of a directory service; both numbers and names are decimal text.
	findName func(name string) (id string, err error)
	findID   func(id string) (name string, err error)
}

var userKind = kind{
	word: "user",
	path: "/etc/passwd",
	findName: func(name string) (string, error) {
		u, err := user.Lookup(name)
		if err != nil {
			return "", err
		}
		return u.Uid, nil
	},
	findID: func(id string) (string, error) {
		u, err := user.LookupId(id)
		if err != nil {
			return "", err
		}
		return u.Username, nil
	},
}

var groupKind = kind{
	word: "group",
	path: "/etc/group",
	findName: func(name string) (string, error) {
		g, err := user.LookupGroup(name)
		if err != nil {
			return "", err
		}
		return g.Gid, nil
	},
	findID: func(id string) (string, error) {
		g, err := user.LookupGroupId(id)
		if err != nil {
			return "", err
		}
		return g.Name, nil
	},
}

// accounts are the users or the groups. What was read is kept as long as
// nothing is planned for the file anew.
type accounts struct {
	kind
	overlay *Overlay

	mu      sync.Mutex
	loaded  bool
	planned *entry // the plan that was read, nil for the real file
	unknown bool   // what is in the file is known only after apply
	ids     map[string]int
	names   map[int]string
}

func newAccounts(o *Overlay, k kind, path string) *accounts {
	if path != "" {
		k.path = path
	}
	return &accounts{kind: k, overlay: o}
}

// UserID implements [plugin.Host].
func (o *Overlay) UserID(name string) (int, error) { return o.users.id(name) }

// GroupID implements [plugin.Host].
func (o *Overlay) GroupID(name string) (int, error) { return o.groups.id(name) }

// UserName implements [plugin.Host].
func (o *Overlay) UserName(id int) string { return o.users.name(id) }

// GroupName implements [plugin.Host].
func (o *Overlay) GroupName(id int) string { return o.groups.name(id) }

func (a *accounts) id(name string) (int, error) {
	if n, err := strconv.ParseUint(name, 10, 32); err == nil && n <= maxID {
		return int(n), nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.load(); err != nil {
		return 0, fmt.Errorf("look up the %s %q: %w", a.word, name, err)
	}
	if id, ok := a.ids[name]; ok {
		return id, nil
	}
	if found, err := a.findName(name); err == nil {
		if id, err := strconv.Atoi(found); err == nil {
			a.remember(name, id)
			return id, nil
		}
	}
	if a.unknown {
		return 0, fmt.Errorf("the %s %q: %w", a.word, name, plugin.ErrUnknown)
	}
	return 0, fmt.Errorf("there is no %s %q on this host, and no task before this one makes it", a.word, name)
}

func (a *accounts) name(id int) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	decimal := strconv.Itoa(id)
	if err := a.load(); err != nil {
		return decimal // a number is right too, only harder to read
	}
	if name, ok := a.names[id]; ok {
		return name
	}
	name, err := a.findID(decimal)
	if err != nil {
		name = decimal
	}
	a.names[id] = name
	return name
}

func (a *accounts) remember(name string, id int) {
	a.ids[name] = id
	if _, ok := a.names[id]; !ok {
		a.names[id] = name
	}
}

// load reads the file unless what was read still stands.
func (a *accounts) load() error {
	planned, _ := a.overlay.lookup(a.overlay.Canonical(a.path))
	if a.loaded && planned == a.planned {
		return nil
	}
	content, err := a.overlay.Content(a.path)
	unknown := errors.Is(err, plugin.ErrUnknown)
	switch {
	case unknown:
		content, err = realContent(a.path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	a.loaded, a.planned, a.unknown = true, planned, unknown
	a.ids, a.names = map[string]int{}, map[int]string{}
	for line := range bytes.Lines(content) {
		if name, id, ok := parseAccount(string(line)); ok {
			a.rememberFirst(name, id)
		}
	}
	return nil
}

// rememberFirst lets the first of several lines with one name win, as the C
// library does.
func (a *accounts) rememberFirst(name string, id int) {
	if _, ok := a.ids[name]; !ok {
		a.remember(name, id)
	}
}

// parseAccount reads name and number of a line as in passwd(5) and group(5),
// where they are the first and the third field.
func parseAccount(line string) (name string, id int, ok bool) {
	fields := strings.SplitN(strings.TrimRight(line, "\r\n"), ":", 4)
	if len(fields) < 3 || fields[0] == "" || strings.HasPrefix(fields[0], "#") {
		return "", 0, false
	}
	n, err := strconv.ParseUint(fields[2], 10, 32)
	if err != nil || n > maxID {
		return "", 0, false
	}
	return fields[0], int(n), true
}
