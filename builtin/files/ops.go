package files

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/atomicfile"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// op is one step of bringing a directory into its state. It makes a directory
// where Before is nil, removes what is there where After is nil, and sets
// owner and mode otherwise.
type op struct {
	Path   exactString  // without symbolic links
	Before *plugin.File `json:",omitempty"`
	After  *plugin.File `json:",omitempty"`
}

func encodeOps(ops []op) []byte {
	encoded, err := json.Marshal(ops)
	if err != nil {
		// Strings, numbers and structs of them always have an encoding.
		panic(err)
	}
	return encoded
}

// applyOps does what was planned for a directory, after a look at all of it:
// where one thing is not as it was, nothing is done.
func applyOps(at string, change plugin.Change) (cty.Value, plugin.Diagnostics) {
	if change.Action == plugin.NoOp {
		return change.After, nil
	}
	if !change.After.IsWhollyKnown() || change.Fidelity == plugin.KnownAfterApply {
		return cty.NilVal, plugin.Error(nil, "Change not known", "What is to become of %s was not known when it was planned. It has to be planned again before it can be applied.", at)
	}
	var ops []op
	if err := json.Unmarshal(change.Payload, &ops); err != nil {
		return cty.NilVal, plugin.Error(nil, "Invalid plan", "The plan for %s can't be read: %s.", at, err)
	}
	dirs := &openDirs{}
	defer dirs.close()
	for _, do := range []func(op) error{dirs.check, dirs.do} {
		for _, o := range ops {
			err := do(o)
			if stale, ok := errors.AsType[staleError](err); ok {
				return cty.NilVal, plugin.Error(plugin.Attr("path"), "The directory has changed since the plan", "%s: %s. Plan again.", at, stale)
			}
			if err != nil {
				return cty.NilVal, plugin.Error(plugin.Attr("path"), "Directory not changed", "%s could not be brought into the planned state: %s.", at, err)
			}
		}
	}
	return change.After, nil
}

// staleError says what is not as it was planned from.
type staleError string

func (e staleError) Error() string { return string(e) }

// openDirs keeps the directory of the last operation open, as the next one is
// mostly in the same.
type openDirs struct{ last *atomicfile.Dir }

func (d *openDirs) open(at string) (*atomicfile.Dir, error) {
	if d.last != nil && d.last.Path() == at {
		return d.last, nil
	}
	d.close()
	dir, err := atomicfile.OpenExact(at)
	if err != nil {
		return nil, err
	}
	d.last = dir
	return dir, nil
}

func (d *openDirs) close() {
	if d.last != nil {
		_ = d.last.Close() // only ever read from
		d.last = nil
	}
}

// check compares what is at the path with what the operation starts from.
func (d *openDirs) check(o op) error {
	at := string(o.Path)
	info, err := d.lstat(at)
	switch {
	case errors.Is(err, fs.ErrNotExist) && o.Before == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return staleError(at + " is gone")
	case err != nil:
		return err
	case o.Before == nil:
		return staleError(fmt.Sprintf("%s did not exist, and now %s is there", at, describeType(info.Type)))
	}
	now, was := fileOf(info), *o.Before
	switch {
	case now.Type != was.Type:
		return staleError(fmt.Sprintf("%s was %s and is %s", at, describeType(was.Type), describeType(now.Type)))
	case differsInAccess(now, was):
		return staleError(fmt.Sprintf("%s had mode %s, user %d, group %d and has mode %s, user %d, group %d", at,
			schema.FormatMode(was.Mode), was.UID, was.GID, schema.FormatMode(now.Mode), now.UID, now.GID))
	case o.After == nil && !now.IsDir() && (now.Size != was.Size || now.Target != was.Target && utf8.ValidString(now.Target)):
		return staleError(fmt.Sprintf("the content of %s, which is to be deleted, has changed", at))
	}
	return nil
}

func (d *openDirs) lstat(at string) (atomicfile.Info, error) {
	dir, err := d.open(path.Dir(at))
	if err != nil {
		return atomicfile.Info{}, err
	}
	return dir.Lstat(path.Base(at))
}

// do looks once more, right before it acts.
func (d *openDirs) do(o op) error {
	if err := d.check(o); err != nil {
		return err
	}
	dir, err := d.open(path.Dir(string(o.Path)))
	if err != nil {
		return err
	}
	name := path.Base(string(o.Path))
	switch {
	case o.After == nil:
		return dir.Remove(name)
	case o.Before == nil:
		return dir.Mkdir(name, metaOf(*o.After))
	}
	return dir.SetMeta(name, metaOf(*o.After))
}
