package files

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/atomicfile"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// planBelow plans what is to be done with what is in the directory. What is
// deleted gets no mode first.
func (p *directoryPlanner) planBelow(file plugin.File) plugin.Diagnostics {
	if len(p.Purge) > 0 {
		if diags := p.purge(""); diags.HasErrors() {
			return diags
		}
	}
	if !p.Recurse {
		return nil
	}
	return p.recurse(p.at, file)
}

// children calls do for every entry of a directory, links not followed.
func (p *directoryPlanner) children(dir string, do func(child string, file plugin.File) plugin.Diagnostics) plugin.Diagnostics {
	if err := p.ctx.Err(); err != nil {
		return plugin.Error(nil, "Plan interrupted", "The plan of %s was interrupted: %s.", p.Path, err)
	}
	names, err := p.host.Names(dir)
	if err != nil {
		return plugin.Error(plugin.Attr("path"), "Unreadable directory", "%s.", sentence(err))
	}
	for _, name := range names {
		child := path.Join(dir, name)
		file, err := p.host.Lstat(child)
		if err != nil {
			return plugin.Error(plugin.Attr("path"), "Unreadable file", "%s.", sentence(err))
		}
		if diags := do(child, file); diags.HasErrors() {
			return diags
		}
	}
	return nil
}

// purge plans to delete what a pattern matches and no task manages. Rel is a
// path below the directory, "" for the directory itself.
func (p *directoryPlanner) purge(rel string) plugin.Diagnostics {
	return p.children(path.Join(p.at, rel), func(child string, file plugin.File) plugin.Diagnostics {
		name := path.Join(rel, path.Base(child))
		if atomicfile.IsTemp(path.Base(child)) {
			return nil // a write that is under way
		}
		kept := p.host.Claimed(child) || p.host.ClaimedBelow(child)
		if p.purges(name) && !kept {
			return p.removeTree(child, file)
		}
		if file.IsDir() && p.purgesDeep() {
			return p.purge(name)
		}
		return nil
	})
}

func (p *directoryPlanner) purges(name string) bool {
	return slices.ContainsFunc(p.Purge, func(pattern string) bool {
		return doublestar.MatchUnvalidated(pattern, name)
	})
}

// purgesDeep reports whether a pattern may match something in a directory
// that doesn't match itself.
func (p *directoryPlanner) purgesDeep() bool {
	return slices.ContainsFunc(p.Purge, func(pattern string) bool {
		return strings.Contains(pattern, "/") || strings.Contains(pattern, "**")
	})
}

// removeTree plans to delete a path and all below, the lowest first. Each is
// an operation of its own, so that what isn't in the plan is never deleted.
func (p *directoryPlanner) removeTree(at string, file plugin.File) plugin.Diagnostics {
	if file.IsDir() {
		if mounted, err := isMountPoint(at); err != nil || mounted {
			return plugin.Error(plugin.Attr("path"), "Mount point", "%s can't be deleted: something is mounted on it. Unmount it first.", at)
		}
		if diags := p.children(at, p.removeTree); diags.HasErrors() {
			return diags
		}
	}
	p.unmanaged = append(p.unmanaged, at)
	p.findings = append(p.findings, finding(at, "unmanaged", describeType(file.Type)+" is deleted"))
	p.add(op{Path: exactString(at), Before: &file})
	return nil
}

func finding(path, verdict, summary string) plugin.Finding {
	return plugin.Finding{Name: path, Verdict: verdict, Summary: summary, Value: cty.StringVal(path)}
}

// isMountPoint asks the real host, as nothing that is only planned is mounted.
func isMountPoint(path string) (bool, error) {
	mounted, err := atomicfile.IsMountPoint(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return mounted, err
}

// recurse plans mode and owner of all below dir, whose own are file's.
func (p *directoryPlanner) recurse(dir string, top plugin.File) plugin.Diagnostics {
	return p.children(dir, func(child string, file plugin.File) plugin.Diagnostics {
		if p.host.Claimed(child) {
			return nil // its own task decides
		}
		if file.IsDir() {
			mounted, err := isMountPoint(child)
			if err != nil {
				return plugin.Error(plugin.Attr("path"), "Unreadable directory", "%s.", sentence(err))
			}
			if mounted {
				p.warnings = append(p.warnings, child+" is left alone, as something is mounted on it.")
				return nil
			}
			if diags := p.recurse(child, top); diags.HasErrors() {
				return diags
			}
		}
		p.planChild(child, file, top)
		return nil
	})
}

func (p *directoryPlanner) planChild(child string, file, top plugin.File) {
	next := file
	if p.Owner != nil {
		next.UID = top.UID
	}
	if p.Group != nil {
		next.GID = top.GID
	}
	if p.Mode != nil {
		next.Mode = recursiveMode(top.Mode, file)
	}
	if !differsInAccess(file, next) {
		return
	}
	p.drifted = append(p.drifted, child)
	p.findings = append(p.findings, finding(child, "drifted", p.describeAccess(file, next)))
	p.add(op{Path: exactString(child), Before: &file, After: &next})
}

// recursiveMode is a declared mode as it goes for something below: x where r
// is set for a directory, x only where it has any for a file.
func recursiveMode(mode uint32, file plugin.File) uint32 {
	switch {
	case file.IsDir():
		return mode | mode&0o444>>2
	case file.IsSymlink():
		return file.Mode // a link has no mode of its own
	case file.Mode&0o111 != 0:
		return mode&0o777 | file.Mode&0o7000
	}
	return mode&0o666 | file.Mode&0o7000
}

func (p *directoryPlanner) describeAccess(now, next plugin.File) string {
	var parts []string
	if now.Mode != next.Mode {
		parts = append(parts, fmt.Sprintf("mode %s → %s", schema.FormatMode(now.Mode), schema.FormatMode(next.Mode)))
	}
	if now.UID != next.UID {
		parts = append(parts, fmt.Sprintf("owner %s → %s", p.host.UserName(now.UID), p.host.UserName(next.UID)))
	}
	if now.GID != next.GID {
		parts = append(parts, fmt.Sprintf("group %s → %s", p.host.GroupName(now.GID), p.host.GroupName(next.GID)))
	}
	return strings.Join(parts, ", ")
}
