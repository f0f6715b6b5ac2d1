package terraform

import (
	"testing"
)

// TestProvidersNeedNoTLSInAPrivateDirectory is about what protects the sockets
// of providers from other users: their directory, or TLS where they are
// elsewhere.
func TestProvidersNeedNoTLSInAPrivateDirectory(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		env     map[string]string
		inherit []string
		want    string
	}{
		"sockets are private":                             {want: "1"},
		"the stack has temporary files elsewhere":         {env: map[string]string{"TMPDIR": "/var/tmp"}},
		"temporary files are elsewhere, as for the agent": {inherit: []string{"TMPDIR"}},
		"the stack has sockets elsewhere":                 {env: map[string]string{"PLUGIN_UNIX_SOCKET_DIR": "/run"}},
		"the stack wants TLS all the same":                {env: map[string]string{disableTLSName: ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &run{stack: stack{env: test.env}, dirs: runDirs{temp: "/tmp/private"}}
			got, _ := lookup(environment([]string{"TMPDIR=/tmp"}, test.inherit, r), disableTLSName)
			if got != test.want {
				t.Errorf("%s is %q, want %q", disableTLSName, got, test.want)
			}
		})
	}
}
