package facts

import (
	"context"
	"os"
	"os/user"
	"strconv"
	"strings"

	"github.com/driftless-hq/driftless/plugin/schema"
)

type account struct {
	Name  *string `cty:"name"`
	UID   *int    `cty:"uid"`
	GID   *int    `cty:"gid"`
	Home  *string `cty:"home"`
	Shell *string `cty:"shell"`
}

func userGroup() group {
	return group{
		static: true,
		Nested: schema.Nested{Name: "user", Block: schema.Block{
			Doc: "The user that this process runs as. It has numbers only on systems that have them.",
			Attributes: []schema.Attribute{
				stringFact("name", "The name of the user."),
				numberFact("uid", "The number of the user."),
				numberFact("gid", "The number of the user's group."),
				stringFact("home", "The home directory."),
				stringFact("shell", "The login shell; null where the user isn't in `/etc/passwd`."),
			},
		}},
	}
}

func gatherUser(_ context.Context, f *Facts) any {
	uid, gid := f.calls.ids()
	a, ok := parsePasswd(string(f.read(f.inRoot("etc/passwd"))), uid)
	if !ok {
		a = lookupAccount()
	}
	if uid >= 0 { // on Windows it is -1
		a.UID, a.GID = &uid, &gid
	}
	return a
}

// lookupAccount finds a user that only a directory service knows.
func lookupAccount() account {
	current, err := user.Current()
	if err != nil {
		return account{}
	}
	return account{Name: present(current.Username), Home: present(current.HomeDir)}
}

// parsePasswd finds a user in the lines of passwd(5).
func parsePasswd(content string, uid int) (account, bool) {
	for line := range strings.Lines(content) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) == 7 && f[2] == strconv.Itoa(uid) {
			return account{Name: present(f[0]), Home: present(f[5]), Shell: present(f[6])}, true
		}
	}
	return account{}, false
}

func processIDs() (uid, gid int) { return os.Geteuid(), os.Getegid() }
