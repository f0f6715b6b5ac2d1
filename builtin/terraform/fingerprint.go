package terraform

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

var (
	// initBlock finds the code on which the outcome of an init depends.
	initBlock = regexp.MustCompile(`(?m)^[ \t]*(terraform|module)\b[^=\n]*\{`)
	// localModule finds the modules that are directories.
	localModule = regexp.MustCompile(`"?source"?[ \t]*[=:][ \t]*"(\.{1,2}/[^"]*)"`)
)

// maxModules bounds how many directories of modules a fingerprint follows. What
// lies beyond is noticed by the plan.
const maxModules = 1000

// fingerprint changes whenever a stack must be initialised anew: with the
// binary, its configuration, the settings of the backend, the versions of
// providers and the code that asks for providers and modules.
func fingerprint(r *run) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, r.binary.version)
	for _, name := range slices.Sorted(maps.Keys(r.stack.backend)) {
		fmt.Fprintf(sum, "%q %q\n", name, r.stack.backend[name])
	}
	if file, ok := lookup(r.environ, cliConfigName); ok {
		text, err := os.ReadFile(file)
		fmt.Fprintf(sum, "%q %v\n", text, err)
	}
	dirs := []string{r.stack.dir}
	for i := 0; i < len(dirs) && i < maxModules; i++ {
		modules, err := addCode(sum, dirs[i])
		if err != nil && i == 0 {
			return "", err
		}
		for _, dir := range modules {
			if !slices.Contains(dirs, dir) {
				dirs = append(dirs, dir)
			}
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// addCode adds the code of a directory that matters, and returns the
// directories of the modules that it uses.
func addCode(sum hash.Hash, dir string) (modules []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if entry.IsDir() || !isCode(entry.Name()) && entry.Name() != lockFileName {
			continue
		}
		code, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		if filepath.Ext(entry.Name()) != ".json" && entry.Name() != lockFileName && !initBlock.Match(code) {
			continue
		}
		fmt.Fprintf(sum, "%s %d\n%s", entry.Name(), len(code), code)
		for _, found := range localModule.FindAllSubmatch(code, -1) {
			modules = append(modules, filepath.Join(dir, filepath.FromSlash(string(found[1]))))
		}
	}
	return modules, nil
}
