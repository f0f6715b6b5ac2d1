package pluginhost

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/internal/atomicfile"
)

// Lock says which builds of the providers may be run. It is kept in a file
// beside the configuration, and under version control with it.
type Lock struct {
	Path    string
	Entries map[string]Locked // by the names that the configuration uses
}

// Locked is what is known of one provider.
type Locked struct {
	Source  string
	Version string            // empty: the name of the executable has none
	Hashes  map[string]string // by [Platform]
}

// lockFile is the shape of the file.
type lockFile struct {
	Providers []struct {
		Name    string            `hcl:"name,label"`
		Source  string            `hcl:"source"`
		Version string            `hcl:"version,optional"`
		Hashes  map[string]string `hcl:"hashes"`
	} `hcl:"provider,block"`
}

var hashPattern = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// ReadLock reads the lock file of a directory. Without one nothing is locked.
func ReadLock(dir string) (*Lock, error) {
	l := &Lock{Path: filepath.Join(dir, config.LockFile), Entries: make(map[string]Locked)}
	info, err := os.Stat(l.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, err
	}
	if err := judge(l.Path, info); err != nil {
		return nil, fmt.Errorf("the lock file is not to be trusted: %w", err)
	}
	text, diags := config.ReadFile(l.Path)
	if diags.HasErrors() {
		return nil, l.broken(diags)
	}
	return l, l.parse(text)
}

func (l *Lock) parse(text []byte) error {
	file, diags := config.ParseNative(text, l.Path)
	var shape lockFile
	if !diags.HasErrors() {
		diags = gohcl.DecodeBody(file.Body, nil, &shape)
	}
	if diags.HasErrors() {
		return l.broken(diags)
	}
	for _, p := range shape.Providers {
		if _, exists := l.Entries[p.Name]; exists {
			return l.broken(fmt.Errorf("the provider %q is in it twice", p.Name))
		}
		if p.Version != "" {
			v, err := version.NewSemver(p.Version)
			if err != nil {
				return l.broken(fmt.Errorf("the version of the provider %q: %w", p.Name, err))
			}
			p.Version = v.String()
		}
		for platform, hash := range p.Hashes {
			if !hashPattern.MatchString(hash) {
				return l.broken(fmt.Errorf("the hash of the provider %q for %s is %q, and is written as \"sha256:\" with 64 hexadecimal digits", p.Name, platform, hash))
			}
		}
		l.Entries[p.Name] = Locked{Source: p.Source, Version: p.Version, Hashes: p.Hashes}
	}
	return nil
}

func (l *Lock) broken(err error) error {
	if diags, ok := errors.AsType[hcl.Diagnostics](err); ok {
		err = errors.New(diags[0].Error())
	}
	return fmt.Errorf("read the lock file %s: %w. Repair it, or remove it and run: driftless providers lock", l.Path, err)
}

// lockHeader is what the file begins with.
const lockHeader = `# Written by "driftless providers lock". It says which builds of the providers
# may be run. Keep it under version control, beside the configuration.
`

// Write writes the file.
func (l *Lock) Write(ctx context.Context) error {
	file := hclwrite.NewEmptyFile()
	for _, name := range slices.Sorted(maps.Keys(l.Entries)) {
		one := l.Entries[name]
		file.Body().AppendNewline()
		body := file.Body().AppendNewBlock("provider", []string{name}).Body()
		body.SetAttributeValue("source", cty.StringVal(one.Source))
		if one.Version != "" {
			body.SetAttributeValue("version", cty.StringVal(one.Version))
		}
		hashes := make(map[string]cty.Value, len(one.Hashes))
		for platform, hash := range one.Hashes {
			hashes[platform] = cty.StringVal(hash)
		}
		body.SetAttributeValue("hashes", cty.MapVal(hashes))
	}
	text := append([]byte(lockHeader), file.Bytes()...)
	meta := atomicfile.Meta{Mode: 0o644, UID: -1, GID: -1}
	return atomicfile.Write(ctx, l.Path, bytes.NewReader(text), atomicfile.Options{Meta: meta})
}

// ErrNotLocked says that the lock file doesn't allow a provider to be run.
var ErrNotLocked = errors.New("it is not locked")

// Choose returns the build of a required provider that may be run: the one that
// the lock file names, if that is among the installed ones that fit.
func (l *Lock) Choose(r *config.Requirement, installed []Found) (Binary, error) {
	const wayOut = "To trust what is installed now, run: driftless providers lock"
	locked, ok := l.Entries[r.Name]
	hash := locked.Hashes[Platform()]
	switch {
	case !ok:
		return Binary{}, fmt.Errorf("%w: %s has no entry for the provider %s. %s", ErrNotLocked, l.Path, r.Name, wayOut)
	case locked.Source != r.Source:
		return Binary{}, fmt.Errorf("%w: %s has the source %q for the provider %s, and the configuration requires %q. %s", ErrNotLocked, l.Path, locked.Source, r.Name, r.Source, wayOut)
	case hash == "":
		return Binary{}, fmt.Errorf("%w: %s has no hash of the provider %s for %s. %s", ErrNotLocked, l.Path, r.Name, Platform(), wayOut)
	}
	for _, f := range installed {
		if f.Version == locked.Version {
			return Binary{Path: f.Path, Version: f.Version, Hash: hash}, nil
		}
	}
	return Binary{}, fmt.Errorf("%w: %s names version %s of the provider %s, and the highest that is installed and fits is %s. Install the one that is locked, or trust the other with: driftless providers lock",
		ErrNotLocked, l.Path, versionText(locked.Version), r.Name, versionText(installed[0].Version))
}

func versionText(v string) string {
	if v == "" {
		return "without a number"
	}
	return v
}

// Add locks a build of a provider, and reports whether that is news. The hashes
// for other platforms stay as long as they are of the same version.
func (l *Lock) Add(r *config.Requirement, b Binary) (news bool) {
	old := l.Entries[r.Name]
	if old.Source == r.Source && old.Version == b.Version && old.Hashes[Platform()] == b.Hash {
		return false
	}
	hashes := map[string]string{Platform(): b.Hash}
	if old.Source == r.Source && old.Version == b.Version {
		hashes = maps.Clone(old.Hashes)
		hashes[Platform()] = b.Hash
	}
	l.Entries[r.Name] = Locked{Source: r.Source, Version: b.Version, Hashes: hashes}
	return true
}
