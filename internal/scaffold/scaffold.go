// Package scaffold writes the project of a new provider, which builds and whose
// tests pass, for its author to go on from.
//
//	files, err := scaffold.Write("driftless-plugin-acme", scaffold.Provider{Name: "acme", Module: "example.com/driftless-plugin-acme"})
package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"

	"github.com/driftless-hq/driftless/internal/version"
)

// Executable is how the name of the executable of a provider begins.
const Executable = "driftless-plugin-"

//go:embed all:templates
var templates embed.FS

// Provider says what the new provider is.
type Provider struct {
	Name   string // as configurations require it
	Module string // the path of its Go module
}

// Executable is the name of its executable.
func (p Provider) Executable() string { return Executable + p.Name }

// Prefix is what the names of its types and metrics begin with, so that they
// are no other provider's.
func (p Provider) Prefix() string { return strings.ReplaceAll(p.Name, "-", "_") }

// Version is the release of driftless that it is written for.
func (p Provider) Version() string { return version.Number }

var (
	namePattern   = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	modulePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.~_-]*(/[A-Za-z0-9_~-][A-Za-z0-9.~_-]*)*$`)
)

// maxName is the longest that a name may be, in bytes: it is part of the names
// of files.
const maxName = 64

// Validate says what is wrong with the names.
func (p Provider) Validate() error {
	switch {
	case !namePattern.MatchString(p.Name) || len(p.Name) > maxName:
		return fmt.Errorf("%q can't be the name of a provider. It is a letter and up to %d more lower case letters and digits, with single dashes between them, as in acme or acme-cloud", p.Name, maxName-1)
	case !modulePattern.MatchString(p.Module):
		return fmt.Errorf("%q can't be the path of a Go module. It is written as in example.com/acme/%s", p.Module, p.Executable())
	}
	return nil
}

// Write writes the project into a directory, which it makes. What is in the
// directory already is never changed: an error names it. It returns the names
// of the files, sorted.
func Write(dir string, p Provider) ([]string, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if err := vacant(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("make the directory of the provider: %w", err)
	}
	entries, err := templates.ReadDir("templates")
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".tmpl")
		text, err := render(path.Join("templates", e.Name()), name, p)
		if err != nil {
			return files, fmt.Errorf("make %s: %w", name, err)
		}
		if err := create(filepath.Join(dir, name), text); err != nil {
			return files, err
		}
		files = append(files, name)
	}
	return files, nil
}

// vacant refuses a directory that holds anything: a project in which files of
// two are mixed is worse than none.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look into the directory of the provider: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("the directory %s is not empty: there is %s in it. Nothing was written. Name a directory that is empty or isn't there", dir, entries[0].Name())
	}
	return nil
}

func render(source, name string, p Provider) ([]byte, error) {
	t, err := template.ParseFS(templates, source)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := t.Execute(&text, p); err != nil {
		return nil, err
	}
	if path.Ext(name) != ".go" {
		return text.Bytes(), nil
	}
	return format.Source(text.Bytes())
}

// create makes a file that isn't there.
func create(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}
