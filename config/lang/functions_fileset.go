package lang

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// maxEntries bounds how many entries of directories one pattern looks at.
const maxEntries = maxElements

// fileSet lists the regular files whose paths within a directory match a
// pattern.
func fileSet(dir string) function.Function {
	return function.New(&function.Spec{
		Params: params("path", "pattern"),
		Type:   function.StaticReturnType(cty.Set(cty.String)),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			root, pattern := under(dir, args[0].AsString()), args[1].AsString()
			switch {
			case !doublestar.ValidatePattern(pattern):
				return cty.NilVal, function.NewArgErrorf(1, "%q is not a valid pattern: a bracket or brace isn't closed", pattern)
			case slices.Contains(strings.Split(pattern, "/"), ".."):
				return cty.NilVal, function.NewArgErrorf(1, "a pattern stays below its directory; name another directory instead of ..")
			}
			tree := &boundedFS{FS: os.DirFS(root)}
			var files []cty.Value
			err := doublestar.GlobWalk(tree, pattern, func(path string, _ fs.DirEntry) error {
				// A link to a file counts as the file.
				if info, err := fs.Stat(tree, path); err == nil && info.Mode().IsRegular() {
					files = append(files, cty.StringVal(path))
				}
				return nil
			})
			switch {
			case errors.Is(err, errManyEntries):
				return cty.NilVal, limitError(fmt.Sprintf("there are more than %d files and directories in %s to look at", maxEntries, root))
			case err != nil:
				return cty.NilVal, err
			case len(files) == 0:
				return cty.SetValEmpty(cty.String), nil
			}
			return cty.SetVal(files), nil
		},
	})
}

var errManyEntries = errors.New("too many entries")

// boundedFS is a file system of which only so much can be looked at.
type boundedFS struct {
	fs.FS
	entries int
}

var _ fs.ReadDirFS = (*boundedFS)(nil)

// ReadDir implements [fs.ReadDirFS].
func (b *boundedFS) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(b.FS, name)
	if b.entries += len(entries); b.entries > maxEntries {
		return nil, errManyEntries
	}
	return entries, err
}
