package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"time"
)

const tempInfix = ".driftless-"

var leftoverName = regexp.MustCompile(`^\..+\.driftless-[0-9a-f]{8}$`)

// leftoverAge is far longer than any write takes.
const leftoverAge = time.Hour

// IsTemp reports whether name is one that [Write] gives its temporary files.
func IsTemp(name string) bool { return leftoverName.MatchString(name) }

// RemoveLeftovers removes the temporary files that a crash an hour before now,
// or longer ago, left behind. It returns their names.
func (d *Dir) RemoveLeftovers(now time.Time) ([]string, error) {
	if _, err := d.file.Seek(0, io.SeekStart); err != nil {
		return nil, d.fail("list", ".", err)
	}
	names, err := d.file.Readdirnames(-1)
	if err != nil {
		return nil, d.fail("list", ".", err)
	}
	var removed []string
	var errs []error
	for _, name := range names {
		if !IsTemp(name) {
			continue
		}
		info, err := d.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && (info.Type != 0 || now.Sub(info.Modified) < leftoverAge) {
			continue
		}
		if err == nil {
			err = d.Remove(name)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("remove the leftover %s: %w", d.join(name), err))
			continue
		}
		removed = append(removed, name)
	}
	return removed, errors.Join(errs...)
}
