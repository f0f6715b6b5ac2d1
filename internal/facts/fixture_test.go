package facts

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// fixture is a host written down in one file: what lies in its file system,
// and under want/ the facts that must be learnt from it.
type fixture struct {
	root string
	want map[string][]byte
}

// unpack writes a fixture's host into a temporary directory. Lines of the
// comment that begin with "link" and "dir" make what an archive can't hold.
func unpack(t testing.TB, name string) fixture {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	fx := fixture{root: t.TempDir(), want: map[string][]byte{}}
	for _, file := range archive.Files {
		if group, ok := strings.CutPrefix(file.Name, "want/"); ok {
			fx.want[group] = file.Data
			continue
		}
		writeFile(t, filepath.Join(fx.root, file.Name), file.Data, 0o644)
	}
	for line := range strings.Lines(string(archive.Comment)) {
		words := strings.Fields(line)
		switch {
		case len(words) == 3 && words[0] == "link":
			path := filepath.Join(fx.root, words[1])
			makeDir(t, filepath.Dir(path))
			if err := os.Symlink(words[2], path); err != nil {
				t.Fatal(err)
			}
		case len(words) == 2 && words[0] == "dir":
			makeDir(t, filepath.Join(fx.root, words[1]))
		}
	}
	return fx
}

func makeDir(t testing.TB, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

func writeFile(t testing.TB, path string, content []byte, mode os.FileMode) {
	t.Helper()
	makeDir(t, filepath.Dir(path))
	if err := os.WriteFile(path, content, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask is
		t.Fatal(err)
	}
}

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// facts returns the facts of the fixture's host, whose kernel answers as this
// says.
func (fx fixture) facts(t testing.TB) *Facts {
	t.Helper()
	f := New(Options{Root: fx.root, Now: func() time.Time { return noon }, Log: hclog.NewNullLogger()})
	eth0 := netDevice{MAC: new("02:00:00:00:00:01"), MTU: 1500, Up: true}
	for _, address := range []string{"198.51.100.7/32", "192.0.2.10/24", "fe80::2/64", "2001:db8::10/64"} {
		eth0.add(address)
	}
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	f.calls = calls{
		machine:    func() *string { return new("x86_64") },
		interfaces: func() (map[string]netDevice, error) { return map[string]netDevice{"eth0": eth0}, nil },
		ids:        func() (int, int) { return 1000, 1000 },
	}
	f.spaces = newProber(func(path string) (space, error) {
		if path == "/away" {
			<-hang
		}
		return space{size: 100, available: 50}, nil
	})
	f.spaces.patience = 100 * time.Millisecond
	return f
}

func gather(t testing.TB, f *Facts, group string) cty.Value {
	t.Helper()
	value, err := f.Gather(t.Context(), group)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func encode(t testing.TB, v cty.Value) []byte {
	t.Helper()
	text, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func decode(t testing.TB, text []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}
