package terraform

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestProvidersNeedNoTLSInAPrivateDirectory is about what protects the sockets
// of providers from other users: their directory, or TLS where they are
// elsewhere.
func TestProvidersNeedNoTLSInAPrivateDirectory(t *testing.T) {
	t.Parallel()
	open := t.TempDir()
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(open, "mine")
	if err := os.Mkdir(mine, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		env     map[string]string
		inherit []string
		base    string // of temporary files; empty: /tmp
		want    string
	}{
		"anybody can rename what is beside the sockets":   {base: open},
		"anybody can rename what is above the sockets":    {base: mine},
		"there is no such directory":                      {base: filepath.Join(open, "none")},
		"sockets are private":                             {want: "1"},
		"the stack has temporary files elsewhere":         {env: map[string]string{"TMPDIR": "/var/tmp"}},
		"temporary files are elsewhere, as for the agent": {inherit: []string{"TMPDIR"}},
		"the stack has sockets elsewhere":                 {env: map[string]string{"PLUGIN_UNIX_SOCKET_DIR": "/run"}},
		"the stack wants TLS all the same":                {env: map[string]string{disableTLSName: ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &run{stack: stack{env: test.env}, dirs: runDirs{temp: filepath.Join(cmp.Or(test.base, "/tmp"), "private")}}
			got, _ := lookup(environment([]string{"TMPDIR=/tmp"}, test.inherit, r), disableTLSName)
			if got != test.want {
				t.Errorf("%s is %q, want %q", disableTLSName, got, test.want)
			}
		})
	}
}

// TestTheDirectoryOfARunHasNoLinksInItsPath is about links that belong to
// somebody else, who turns them elsewhere while the run goes on.
func TestTheDirectoryOfARunHasNoLinksInItsPath(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "") //nolint:usetesting // a longer path is not taken
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	plain, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(plain, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for temp, want := range map[string]string{
		filepath.Join(dir, "link"): plain,
		"link":                     plain,
		filepath.Join(dir, "none"): filepath.Join(dir, "none"),
		filepath.Join(dir, strings.Repeat("x", maxTemp)): "/tmp",
	} {
		t.Setenv("TMPDIR", temp)
		if got := filepath.Dir(tempDir("run")); got != want {
			t.Errorf("with temporary files in %s it is in %s, want %s", temp, got, want)
		}
	}
}
