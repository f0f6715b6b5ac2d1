package terraform

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// installsItself finds what says in a CLI configuration where providers come
// from.
var installsItself = regexp.MustCompile(`(?m)^[ \t]*(provider_installation\b|plugin_cache_dir\b)`)

// giveCLIConfig has the command take providers from the store as well, where
// its configuration doesn't say itself where they come from. Unlike its own
// cache, into which it writes while others run what is in there, a mirror is
// safe for any number of initialisations at once.
func (r *run) giveCLIConfig(store string) error {
	var given []byte
	if name, ok := lookup(r.environ, cliConfigName); ok {
		text, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read the CLI configuration of the command: %w", err)
		}
		if installsItself.Match(text) || strings.HasSuffix(name, ".json") {
			return nil
		}
		given = append(text, '\n')
	}
	if err := os.MkdirAll(store, 0o700); err != nil {
		return err
	}
	file := filepath.Join(r.dirs.temp, "terraform.rc")
	text := fmt.Sprintf("%sprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n  direct {}\n}\n", given, store)
	r.environ = append(r.environ, cliConfigName+"="+file)
	r.store = store
	return os.WriteFile(file, []byte(text), 0o600)
}

// packageGlob are the directories of providers below a store: by host, namespace,
// type, version and platform.
const packageGlob = "*/*/*/*/*"

// ownStore is the store of a task for which none is named.
func (t *task) ownStore() string { return filepath.Join(t.dir, "plugins") }

// storeProviders moves the providers that were downloaded for the stack to
// where others find them, and puts links in their place.
func (r *run) storeProviders() error {
	if r.store == "" {
		return nil
	}
	below := filepath.Join(r.dirs.data, "providers")
	packages, err := filepath.Glob(filepath.Join(below, packageGlob))
	if err != nil {
		return err
	}
	for _, dir := range packages {
		if err := moveToStore(dir, filepath.Join(r.store, strings.TrimPrefix(dir, below))); err != nil {
			return fmt.Errorf("keep a provider for other stacks: %w", err)
		}
	}
	return nil
}

// moveToStore leaves a package where it is that another stack has stored in the
// meantime, or that can't be moved to the file system of the store.
func moveToStore(dir, to string) error {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() {
		return err // a link is one to the store
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := os.Rename(dir, to); err != nil {
		if _, ok := errors.AsType[*os.LinkError](err); ok && !errors.Is(err, fs.ErrPermission) {
			return nil
		}
		return err
	}
	return os.Symlink(to, dir)
}
