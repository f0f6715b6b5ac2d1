package terraform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheStoreOfProvidersIsAddedToTheCLIConfiguration(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file, given string
		isAdded     bool
	}{
		"there is none":                         {"", "", true},
		"it has credentials":                    {"terraform.rc", "credentials \"app.example.com\" {\n  token = \"x\"\n}", true},
		"it says where providers come from":     {"terraform.rc", "provider_installation {\n  direct {}\n}\n", false},
		"it has a cache of its own":             {"terraform.rc", "plugin_cache_dir = \"/cache\"\n", false},
		"it is written in another way, as JSON": {"terraform.tfrc.json", "{}", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, store := t.TempDir(), filepath.Join(t.TempDir(), "store")
			r := &run{dirs: runDirs{temp: dir}}
			if test.file != "" {
				file := filepath.Join(t.TempDir(), test.file)
				write(t, file, test.given)
				r.environ = []string{cliConfigName + "=" + file}
			}
			if err := r.giveCLIConfig(store); err != nil {
				t.Fatal(err)
			}
			file, _ := lookup(r.environ, cliConfigName)
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if isAdded := strings.Contains(string(text), store); isAdded != test.isAdded || !strings.Contains(string(text), test.given) {
				t.Errorf("the store is added: %v. The file:\n%s", isAdded, text)
			}
		})
	}
}

func TestProvidersAreStoredOnce(t *testing.T) {
	t.Parallel()
	store, dir := t.TempDir(), t.TempDir()
	const platform = "example.com/acme/cloud/1.2.3/linux_amd64"
	for _, stack := range []string{"one", "two"} {
		r := &run{store: store, dirs: runDirs{data: filepath.Join(dir, stack)}}
		write(t, filepath.Join(r.dirs.data, "providers", platform, "provider"), "of "+stack)
		for range 2 { // the second time there is nothing left to do
			if err := r.storeProviders(); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(filepath.Join(r.dirs.data, "providers", platform, "provider")); string(got) != "of "+stack || err != nil {
			t.Errorf("the stack %s finds %q, error %v", stack, got, err)
		}
	}
	if got, err := os.ReadFile(filepath.Join(store, platform, "provider")); string(got) != "of one" || err != nil {
		t.Errorf("the store has %q, error %v", got, err)
	}
}
