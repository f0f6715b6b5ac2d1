package files

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/user"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/atomicfile"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// apply puts one planned change of a file in place, be it of one task or
// merged from several: it goes by the change alone.
func apply(ctx context.Context, env plugin.Env, path string, change plugin.Change) (cty.Value, plugin.Diagnostics) {
	if change.Action == plugin.NoOp {
		return change.After, nil
	}
	if !change.After.IsWhollyKnown() || change.Fidelity == plugin.KnownAfterApply {
		return cty.NilVal, plugin.Error(nil, "Change not known", "What is to become of %s was not known when it was planned. It has to be planned again before it can be applied.", path)
	}
	var p payload
	if err := json.Unmarshal(change.Payload, &p); err != nil {
		return cty.NilVal, plugin.Error(nil, "Invalid plan", "The plan for %s can't be read: %s.", path, err)
	}
	dir, err := atomicfile.OpenExact(string(p.Dir))
	if err != nil {
		return cty.NilVal, applyError(path, err)
	}
	defer func() { _ = dir.Close() }() // a directory has nothing left to write
	_, name := splitPath(path)
	a := &applier{env: env, dir: dir, name: name, path: path, payload: p, change: change}
	if diags := a.run(ctx); diags.HasErrors() {
		return cty.NilVal, diags
	}
	return change.After, nil
}

func applyError(path string, err error) plugin.Diagnostics {
	return plugin.Error(plugin.Attr("path"), "File not changed", "%s could not be brought into the planned state: %s.", path, err)
}

type applier struct {
	payload
	env    plugin.Env
	dir    *atomicfile.Dir
	name   string
	path   string
	change plugin.Change
}

func (a *applier) run(ctx context.Context) plugin.Diagnostics {
	differences, err := a.stale()
	if err != nil {
		return applyError(a.path, err)
	}
	if len(differences) > 0 {
		return plugin.Error(plugin.Attr("path"), "The file has changed since the plan", "%s is not as it was planned from: %s. Nothing was written; plan again.", a.path, strings.Join(differences, ", "))
	}
	if err := a.keep(ctx); err != nil {
		return applyError(a.path, err)
	}
	if err := a.act(ctx); err != nil {
		return applyError(a.path, err)
	}
	if err := a.verify(); err != nil {
		return applyError(a.path, err)
	}
	return nil
}

// stale returns what differs between the change's before and the file now.
func (a *applier) stale() ([]string, error) {
	before := a.change.Before
	planned := !before.IsNull() && !before.GetAttr("mode").IsNull()
	info, err := a.dir.Lstat(a.name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && planned:
		return []string{"it is gone"}, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !planned:
		return []string{"it did not exist, and now " + describeType(info.Type) + " is there"}, nil
	}
	// Only a regular file has a size in the value.
	if regular := !before.GetAttr("size").IsNull(); regular != (info.Type == 0) {
		return []string{"it is " + describeType(info.Type) + " now"}, nil
	}
	return a.compare(before, info)
}

func (a *applier) compare(before cty.Value, info atomicfile.Info) (differences []string, err error) {
	if mode := schema.FormatMode(info.Mode); mode != before.GetAttr("mode").AsString() {
		differences = append(differences, fmt.Sprintf("its mode was %s and is %s", before.GetAttr("mode").AsString(), mode))
	}
	if was := before.GetAttr("owner").AsString(); !sameID(was, info.UID, userNumber) {
		differences = append(differences, fmt.Sprintf("its owner was %s and is user %d", was, info.UID))
	}
	if was := before.GetAttr("group").AsString(); !sameID(was, info.GID, groupNumber) {
		differences = append(differences, fmt.Sprintf("its group was %s and is group %d", was, info.GID))
	}
	was, ok := knownString(before.GetAttr("checksum"))
	if !a.Content || !ok {
		return differences, nil
	}
	sum, err := a.checksum()
	if err != nil {
		return nil, err
	}
	if sum != was {
		differences = append(differences, fmt.Sprintf("its content had %s and has %s", was, sum))
	}
	return differences, nil
}

func (a *applier) checksum() (string, error) {
	f, err := a.dir.Open(a.name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return checksumStream(f)
}

// sameID reports whether a name, or a number in decimal, stands for id.
func sameID(name string, id int, lookup func(string) (string, error)) bool {
	if name == strconv.Itoa(id) {
		return true
	}
	number, err := lookup(name)
	return err == nil && number == strconv.Itoa(id)
}

func userNumber(name string) (string, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return "", err
	}
	return u.Uid, nil
}

func groupNumber(name string) (string, error) {
	g, err := user.LookupGroup(name)
	if err != nil {
		return "", err
	}
	return g.Gid, nil
}

func (a *applier) act(ctx context.Context) error {
	switch {
	case a.File == nil:
		return a.dir.Remove(a.name)
	case a.keepsContent():
		return a.dir.SetMeta(a.name, metaOf(*a.File))
	}
	if _, err := a.dir.RemoveLeftovers(a.env.Now()); err != nil {
		a.env.Log.Warn("temporary files of an earlier crash could not be removed", "error", err)
	}
	content, err := a.content()
	if err != nil {
		return err
	}
	defer content.Close()
	return a.dir.Write(ctx, a.name, content, atomicfile.Options{
		Meta: metaOf(*a.File), Validate: a.File.Validate,
		ReplaceSymlink: a.wasSymlink(),
	})
}

// keepsContent reports whether only owner and mode change.
func (a *applier) keepsContent() bool {
	before, after := a.change.Before, a.change.After
	if before.IsNull() || before.GetAttr("size").IsNull() {
		return false
	}
	was, now := before.GetAttr("checksum"), after.GetAttr("checksum")
	return !a.Content && a.change.Text == nil || !was.IsNull() && was.RawEquals(now)
}

// wasSymlink reports whether the plan was to put the file in a link's place:
// no other thing but a regular file, which has a size, is ever replaced.
func (a *applier) wasSymlink() bool {
	return !a.change.Before.IsNull() && a.change.Before.GetAttr("size").IsNull()
}

// content opens what is to be written. It is checked against the checksum of
// the plan as it is read.
func (a *applier) content() (io.ReadCloser, error) {
	want, _ := knownString(a.change.After.GetAttr("checksum"))
	switch {
	case a.change.Text != nil:
		return checkSum(io.NopCloser(bytes.NewReader(a.change.Text.After)), want), nil
	case a.Stream != nil:
		return openStream(*a.Stream)
	}
	return checkSum(io.NopCloser(strings.NewReader("")), want), nil
}

// verify reads back what was done: a file system may take a call and ignore it.
func (a *applier) verify() error {
	info, err := a.dir.Lstat(a.name)
	if a.File == nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return errors.Join(errors.New("it is still there after it was removed"), err)
	}
	if err != nil {
		return err
	}
	if info.Mode != a.File.Mode || info.UID != a.File.UID || info.GID != a.File.GID {
		return fmt.Errorf("the file system did not take the owner or the mode: the file has mode %s, user %d, group %d instead of mode %s, user %d, group %d",
			schema.FormatMode(info.Mode), info.UID, info.GID, schema.FormatMode(a.File.Mode), a.File.UID, a.File.GID)
	}
	return nil
}

func metaOf(file plugin.File) atomicfile.Meta {
	return atomicfile.Meta{Mode: file.Mode, UID: file.UID, GID: file.GID}
}
