package plan

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/msgpack"

	"github.com/driftless-hq/driftless/internal/atomicfile"
	"github.com/driftless-hq/driftless/internal/version"
)

// fileFormat is the version of the plan file.
const fileFormat = "1"

// maxFileSize bounds what is read as a plan file.
const maxFileSize = 256 << 20

// File is a saved plan. It holds no values but those that may be shown: what
// would be done is told by a keyed digest, and to apply the plan means to
// plan again and to find the same.
type File struct {
	Format     string            `json:"format"`
	Version    string            `json:"driftless_version"`
	Created    time.Time         `json:"created"`
	Host       string            `json:"host"`
	Config     string            `json:"config"`        // the path of the configuration
	ConfigHash string            `json:"config_sha256"` // the digest of its files
	Variables  map[string]string `json:"variables,omitempty"`
	Steps      []FileStep        `json:"steps"`
}

// FileStep is one step of a saved plan.
type FileStep struct {
	Record
	Digest string `json:"digest"`
}

// Save fills in the steps and writes the file for its owner alone to read.
func (f File) Save(ctx context.Context, path string, p *Plan, key []byte) error {
	f.Format, f.Version = fileFormat, version.Number
	for _, s := range p.Steps {
		f.Steps = append(f.Steps, FileStep{s.Record(), s.digest(key)})
	}
	content, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the plan: %w", err)
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
	r, err := os.Open(path)
	if err != nil {
		return f, fmt.Errorf("read the plan: %w", err)
	}
	defer r.Close()
	if err := json.NewDecoder(io.LimitReader(r, maxFileSize)).Decode(&f); err != nil {
		return f, fmt.Errorf("%s is not a plan file: %w", path, err)
	}
	if f.Format != fileFormat {
		return f, fmt.Errorf("%s has the plan format %q, and this driftless reads %q; plan again with this version", path, f.Format, fileFormat)
	}
	return f, nil
}

// ErrStale says that a saved plan is no longer what would be done.
var ErrStale = errors.New("the saved plan is stale")

// Check compares a saved plan with one just made. The error names what has
// moved on.
func (f File) Check(p *Plan, key []byte) error {
	saved := make(map[string]string, len(f.Steps))
	for _, s := range f.Steps {
		saved[s.Address.String()] = s.Digest
	}
	for _, s := range p.Steps {
		digest, known := saved[s.Addr.String()]
		switch {
		case !known:
			return fmt.Errorf("%w: %s is not in it; plan again", ErrStale, s.Addr)
		case !hmac.Equal([]byte(digest), []byte(s.digest(key))):
			return fmt.Errorf("%w: what would be done about %s is not what it was when the plan was made; plan again", ErrStale, s.Addr)
		}
		delete(saved, s.Addr.String())
	}
	for a := range saved {
		return fmt.Errorf("%w: %s is no longer part of it; plan again", ErrStale, a)
	}
	return nil
}

// digest covers all that decides what applying the step would do.
func (s *Step) digest(key []byte) string {
	h := hmac.New(sha256.New, key)
	c := s.Change
	fmt.Fprintf(h, "%s %v %s %s %s %t\n", s.Addr, s.With, s.State, c.Action, c.Fidelity, s.DetectOnly)
	writeValue(h, c.Before)
	writeValue(h, c.After)
	if c.Text != nil {
		writeBytes(h, c.Text.Before)
		writeBytes(h, c.Text.After)
	}
	for _, f := range c.Findings {
		fmt.Fprintf(h, "%q %q %q\n", f.Name, f.Verdict, f.Summary)
	}
	writeBytes(h, c.Payload)
	return hex.EncodeToString(h.Sum(nil))
}

func writeBytes(w io.Writer, p []byte) {
	fmt.Fprintf(w, "%d\n", len(p))
	w.Write(p) //nolint:errcheck // a hash never fails
}

// writeValue writes a value without its expressions, which have no form of
// their own outside the process.
func writeValue(w io.Writer, v cty.Value) {
	if v == cty.NilVal {
		writeBytes(w, nil)
		return
	}
	if !v.IsNull() && v.IsKnown() && v.Type().IsObjectType() {
		fields := make(map[string]cty.Value)
		for name := range v.Type().AttributeTypes() {
			if field := v.GetAttr(name); !field.Type().IsCapsuleType() {
				fields[name] = field
			}
		}
		v = cty.ObjectVal(fields)
	}
	packed, err := msgpack.Marshal(v, v.Type())
	if err != nil {
		packed = []byte(err.Error())
	}
	writeBytes(w, packed)
}
