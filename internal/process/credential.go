package process

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
)

// Credential is whom a program runs as.
type Credential struct {
	UID, GID uint32
	Groups   []uint32 // all supplementary groups
	Name     string   // for USER and LOGNAME
	Home     string   // for HOME
}

// ErrNotRoot says that a program can't be run as someone else.
var ErrNotRoot = errors.New("only root may run a program as another user or group")

// LookupCredential finds a user and a group of this host, each by its name or
// its number. An empty user is that of this process, an empty group the
// user's own. The supplementary groups are those of the user.
//
// It returns nil when this process already runs so and may not change it, and
// an error that is [ErrNotRoot] when it would have to and may not.
func LookupCredential(userName, groupName string) (*Credential, error) {
	if userName == "" {
		userName = strconv.Itoa(os.Geteuid())
	}
	c, err := lookupUser(userName, groupName)
	if err != nil {
		return nil, err
	}
	if groupName != "" {
		if c.GID, err = lookupGroup(groupName); err != nil {
			return nil, err
		}
	}
	if !slices.Contains(c.Groups, c.GID) {
		c.Groups = append(c.Groups, c.GID)
	}
	if os.Geteuid() == 0 {
		return c, nil
	}
	if int(c.UID) == os.Geteuid() && int(c.GID) == os.Getegid() {
		return nil, nil
	}
	return nil, ErrNotRoot
}

func lookupUser(name, group string) (*Credential, error) {
	found, err := user.Lookup(name)
	if err != nil {
		uid, numberErr := strconv.ParseUint(name, 10, 32)
		if numberErr != nil {
			return nil, fmt.Errorf("look up user %s: %w", name, err)
		}
		if found, err = user.LookupId(name); err != nil {
			return numericUser(uint32(uid), group)
		}
	}
	c := &Credential{Name: found.Username, Home: found.HomeDir}
	if c.UID, err = parseID(found.Uid); err != nil {
		return nil, err
	}
	if c.GID, err = parseID(found.Gid); err != nil {
		return nil, err
	}
	ids, err := found.GroupIds()
	if err != nil {
		return nil, fmt.Errorf("look up the groups of user %s: %w", name, err)
	}
	for _, id := range ids {
		gid, err := parseID(id)
		if err != nil {
			return nil, err
		}
		c.Groups = append(c.Groups, gid)
	}
	return c, nil
}

// numericUser is a user that exists only as a number. Its group can't be
// guessed, and must not be the one of this process.
func numericUser(uid uint32, group string) (*Credential, error) {
	if group == "" {
		return nil, fmt.Errorf("user id %d has no entry in the user database: name a group too", uid)
	}
	return &Credential{UID: uid, Name: strconv.FormatUint(uint64(uid), 10), Home: "/"}, nil
}

func lookupGroup(name string) (uint32, error) {
	if found, err := user.LookupGroup(name); err == nil {
		return parseID(found.Gid)
	}
	gid, err := parseID(name)
	if err != nil {
		return 0, fmt.Errorf("look up group %s: there is no such group", name)
	}
	return gid, nil
}

func parseID(id string) (uint32, error) {
	n, err := strconv.ParseUint(id, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is not the number of a user or group", id)
	}
	return uint32(n), nil
}
