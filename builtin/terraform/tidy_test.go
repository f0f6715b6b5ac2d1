package terraform

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/process"
)

// provided is the path of a provider below a store.
func provided(version string) string {
	return filepath.Join("example.com", "acme", "cloud", version, "linux_amd64")
}

// TestWhatNoStackUsesIsRemoved has stacks that are gone from the code, of which
// one is being checked by another process. Each uses a version of a provider.
func TestWhatNoStackUsesIsRemoved(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		isNamed               bool
		after                 time.Duration // by the clock of the check that removes
		wantData, wantVersion []string
	}{
		"on the same day nothing is looked at": {after: time.Hour, wantData: []string{"busy", "gone", "there"}, wantVersion: []string{"1.0.0", "2.0.0", "3.0.0", "4.0.0"}},
		"a stack that is gone may come back":   {after: 2 * tidyEvery, wantData: []string{"busy", "gone", "there"}, wantVersion: []string{"1.0.0", "2.0.0", "3.0.0"}},
		"after a month it won't":               {after: unusedFor + tidyEvery, wantData: []string{"busy", "there"}, wantVersion: []string{"1.0.0", "3.0.0"}},
		"a store that was named is left alone": {after: unusedFor + tidyEvery, wantData: []string{"busy", "there"}, wantVersion: []string{"1.0.0", "2.0.0", "3.0.0", "4.0.0"}, isNamed: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			attrs := settings("init", cty.StringVal(initNever)) // which would link anew
			if test.isNamed {
				attrs["plugin_cache"] = cty.StringVal(t.TempDir())
			}
			task := f.open(t, attrs)
			plan(t, task)
			write(t, filepath.Join(task.ownStore(), provided("4.0.0"), "provider"), "of nobody")
			there := filepath.Base(task.dirsOf(stack{dir: filepath.Join(f.root, "stack"), workspace: defaultWorkspace}).keep)
			use(t, task, there, "1.0.0")
			use(t, task, "gone", "2.0.0")
			use(t, task, "busy", "3.0.0")
			claim, err := process.TryTake(filepath.Join(task.dir, "stacks", "busy", claimName), "")
			if err != nil {
				t.Fatal(err)
			}
			now := time.Now().Add(test.after)
			task.now = func() time.Time { return now }
			plan(t, task)
			if err := claim.Release(); err != nil {
				t.Fatal(err)
			}
			data := below(t, filepath.Join(task.dir, "stacks", "*", "data", defaultWorkspace), func(path string) string {
				return filepath.Base(filepath.Dir(filepath.Dir(path)))
			})
			if i := slices.Index(data, there); i >= 0 {
				data[i] = "there"
			}
			slices.Sort(data)
			if diff := cmp.Diff(test.wantData, data); diff != "" {
				t.Errorf("the data of stacks (-want +got):\n%s", diff)
			}
			versions := below(t, filepath.Join(task.ownStore(), packageGlob), func(path string) string { return filepath.Base(filepath.Dir(path)) })
			if diff := cmp.Diff(test.wantVersion, versions); diff != "" {
				t.Errorf("the versions in the store (-want +got):\n%s", diff)
			}
			if rec := filepath.Join(task.dir, "stacks", "gone", "record."+defaultWorkspace+".json"); read(t, rec) != "{}" {
				t.Error("what is known of a stack that is gone is not known any more")
			}
		})
	}
}

// use makes a stack that was checked just now with a version of the provider.
func use(t *testing.T, task *task, id, version string) {
	t.Helper()
	keep, stored := filepath.Join(task.dir, "stacks", id), filepath.Join(task.ownStore(), provided(version))
	write(t, filepath.Join(stored, "provider"), version)
	link := filepath.Join(keep, "data", defaultWorkspace, "providers", provided(version))
	if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(stored, link); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(keep, "record."+defaultWorkspace+".json"), "{}")
}

func below(t *testing.T, glob string, nameOf func(path string) string) (names []string) {
	t.Helper()
	paths, err := filepath.Glob(glob)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		names = append(names, nameOf(path))
	}
	return names
}

// Terraform leaves the link to the version before in place, which would be used
// for ever.
func TestAnInitialisationLinksOnlyWhatItChooses(t *testing.T) {
	t.Parallel()
	r := &run{store: t.TempDir(), dirs: runDirs{data: t.TempDir()}}
	before, own := filepath.Join(r.dirs.data, "providers", provided("1.0.0")), filepath.Join(r.dirs.data, "providers", provided("2.0.0"))
	write(t, filepath.Join(own, "provider"), "on another file system than the store")
	if err := os.MkdirAll(filepath.Dir(before), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(r.store, provided("1.0.0")), before); err != nil {
		t.Fatal(err)
	}
	if err := r.unlinkProviders(); err != nil {
		t.Fatal(err)
	}
	got := below(t, filepath.Join(r.dirs.data, "providers", packageGlob), func(path string) string { return path })
	if diff := cmp.Diff([]string{own}, got); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
}
