package plan

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/atomicfile"
	"github.com/driftless-hq/driftless/internal/version"
)

// FileFormat is the version of the plan file.
const FileFormat = "1"

// maxFileSize bounds what is written and read as a plan file.
const maxFileSize = 256 << 20

// File is a saved plan. It holds no values but those that may be shown: what
// would be done is told by a keyed digest, and to apply the plan means to
// plan again and to find the same.
type File struct {
	Format     string    `json:"format"`
	Version    string    `json:"driftless_version"`
	Created    time.Time `json:"created"`
	Host       string    `json:"host"`
	Config     string    `json:"config"`        // the path of the configuration
	ConfigHash string    `json:"config_sha256"` // the digest of its files
	// Variables are the values that were given, each with its type.
	Variables     map[string]json.RawMessage `json:"variables,omitempty"`
	VariableFiles []VariableFile             `json:"variable_files,omitempty"`
	// Targets and the tags are the part of the configuration that was planned.
	Targets  []string   `json:"targets,omitempty"`
	Tags     []string   `json:"tags,omitempty"`
	SkipTags []string   `json:"skip_tags,omitempty"`
	Steps    []FileStep `json:"steps"`
}

// VariableFile is a file that gave variables values. Its digest is keyed, as
// there may be secrets in it.
type VariableFile struct {
	Path   string `json:"path"`
	Digest string `json:"digest"`
}

// AddVariableFile notes a file that gave variables values, by the SHA-256 of
// its content.
func (f *File) AddVariableFile(path string, content [sha256.Size]byte, key []byte) {
	f.VariableFiles = append(f.VariableFiles, VariableFile{path, contentDigest(content, key)})
}

// CheckVariableFile compares the file at an index of VariableFiles with what it
// was when the plan was made.
func (f File) CheckVariableFile(i int, content [sha256.Size]byte, key []byte) error {
	saved := f.VariableFiles[i]
	if hmac.Equal([]byte(saved.Digest), []byte(contentDigest(content, key))) {
		return nil
	}
	return fmt.Errorf("%w: the values in %s are not what they were when the plan was made; plan again", ErrStale, saved.Path)
}

func contentDigest(content [sha256.Size]byte, key []byte) string {
	d := newDigest(key)
	d.bytes(content[:])
	return d.sum()
}

// FileStep is one step of a saved plan.
type FileStep struct {
	Address string `json:"address"`
	Digest  string `json:"digest"`
	// Change is the [Record] of the step, for a reader.
	Change json.RawMessage `json:"change"`
}

// Save fills in the steps and writes the file for its owner alone to read.
func (f File) Save(ctx context.Context, path string, p *Plan, key []byte) error {
	f.Format, f.Version = FileFormat, version.Number
	f.Tags, f.SkipTags = p.Part.Tags, p.Part.SkipTags
	for _, target := range p.Part.Targets {
		f.Targets = append(f.Targets, target.String())
	}
	for _, s := range p.Steps {
		record, err := json.Marshal(s.Record())
		if err != nil {
			return fmt.Errorf("encode the plan of %s: %w", s.Addr, err)
		}
		f.Steps = append(f.Steps, FileStep{s.Addr.String(), s.digest(key), record})
	}
	content, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the plan: %w", err)
	}
	if len(content) >= maxFileSize {
		return fmt.Errorf("the plan has %d bytes, and a plan file may have %d; apply without saving it, or part the configuration", len(content), maxFileSize)
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("save the plan: %w", err)
	}
	meta := atomicfile.Meta{Mode: 0o600, UID: os.Geteuid(), GID: os.Getegid()}
	if err := atomicfile.Write(ctx, path, bytes.NewReader(append(content, '\n')), atomicfile.Options{Meta: meta}); err != nil {
		return fmt.Errorf("save the plan: %w", err)
	}
	return nil
}

// Load reads a saved plan.
func Load(path string) (File, error) {
	var f File
	info, err := os.Stat(path) // before it is opened, as a pipe has nobody at its other end
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f, fmt.Errorf("there is no plan %s; make one with plan -out=%s", path, path)
	case err != nil:
		return f, fmt.Errorf("read the plan: %w", err)
	case info.IsDir():
		return f, fmt.Errorf("the plan %s is a directory; a configuration is named with -config=%s", path, path)
	case !info.Mode().IsRegular():
		return f, fmt.Errorf("the plan %s is not a regular file", path)
	}
	r, err := os.Open(path)
	if err != nil {
		return f, fmt.Errorf("read the plan: %w", err)
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, maxFileSize+1))
	if err != nil {
		return f, fmt.Errorf("read the plan: %w", err)
	}
	if len(content) > maxFileSize {
		return f, fmt.Errorf("the file %s is no plan: it is larger than %d bytes", path, maxFileSize)
	}
	if err := json.Unmarshal(content, &f); err != nil {
		return File{}, fmt.Errorf("the file %s is no plan that plan -out has saved: %w", path, err)
	}
	if f.Format != FileFormat {
		return File{}, fmt.Errorf("the plan %s has the format %q, and this driftless reads %q; plan again with this version", path, f.Format, FileFormat)
	}
	return f, nil
}

// Part is the part of the configuration that was planned.
func (f File) Part() (Selection, error) {
	part := Selection{Tags: f.Tags, SkipTags: f.SkipTags}
	for _, text := range f.Targets {
		target, err := addr.Parse(text)
		if err != nil {
			return part, fmt.Errorf("read the targets of the saved plan: %w", err)
		}
		part.Targets = append(part.Targets, target)
	}
	return part, nil
}

// ErrStale says that a saved plan is no longer what would be done.
var ErrStale = errors.New("the saved plan is stale")

// Check compares a saved plan with one just made. The error names what has
// moved on.
func (f File) Check(p *Plan, key []byte) error {
	saved := make(map[string]string, len(f.Steps))
	for _, s := range f.Steps {
		saved[s.Address] = s.Digest
	}
	for _, s := range p.Steps {
		address := s.Addr.String()
		digest, known := saved[address]
		switch {
		case !known:
			return fmt.Errorf("%w: %s is not in it; plan again", ErrStale, address)
		case !hmac.Equal([]byte(digest), []byte(s.digest(key))):
			return fmt.Errorf("%w: what would be done about %s is not what it was when the plan was made; plan again", ErrStale, address)
		}
		delete(saved, address)
	}
	for _, address := range slices.Sorted(maps.Keys(saved)) {
		return fmt.Errorf("%w: %s is no longer part of it; plan again", ErrStale, address)
	}
	return nil
}
