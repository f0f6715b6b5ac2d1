package logfile

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// stampLayout is the time in the name of a rotated file, in UTC.
const stampLayout = "20060102T150405.000Z"

const tempSuffix = ".tmp"

// names makes and recognises the names of the files that are rotated away
// from one path:
//
//	app.log → app-20060102T150405.000Z.log, app-20060102T150405.000Z.1.log.gz
type names struct {
	dir, stem, ext string
}

func newNames(path string) names {
	dir, base := filepath.Split(path)
	ext := filepath.Ext(base)
	if ext == base { // a name such as ".log" is all stem
		ext = ""
	}
	return names{dir: filepath.Clean(dir), stem: strings.TrimSuffix(base, ext), ext: ext}
}

// rotated is a file that was rotated away.
type rotated struct {
	path       string
	stamp      string
	number     int  // tells files of the same millisecond apart
	compressed bool // is complete in compressed form
	temp       bool // is a compression that was interrupted
}

func (n names) pattern() *regexp.Regexp {
	return regexp.MustCompile(`^` + regexp.QuoteMeta(n.stem) +
		`-(\d{8}T\d{6}\.\d{3}Z)(?:\.([1-9]\d{0,8}))?` + regexp.QuoteMeta(n.ext) +
		`(?:(\.gz|\.zst)(\.tmp)?)?$`)
}

// list returns the rotated files, oldest first. What doesn't bear exactly
// such a name, or isn't a regular file, is someone else's.
func (n names) list() ([]rotated, error) {
	entries, err := os.ReadDir(n.dir)
	if err != nil {
		return nil, err
	}
	pattern := n.pattern()
	var found []rotated
	for _, entry := range entries {
		m := pattern.FindStringSubmatch(entry.Name())
		if m == nil || !entry.Type().IsRegular() {
			continue
		}
		number, _ := strconv.Atoi(m[2]) // empty is the first of its millisecond
		found = append(found, rotated{
			path:       filepath.Join(n.dir, entry.Name()),
			stamp:      m[1],
			number:     number,
			compressed: m[3] != "" && m[4] == "",
			temp:       m[4] != "",
		})
	}
	slices.SortFunc(found, func(a, b rotated) int {
		return cmp.Or(cmp.Compare(a.stamp, b.stamp), cmp.Compare(a.number, b.number), cmp.Compare(a.path, b.path))
	})
	return found, nil
}

// free returns a name for a file that is rotated away now, which neither a
// plain nor a compressed file bears.
func (n names) free(now time.Time) (string, error) {
	stamp := now.UTC().Format(stampLayout)
	for number := range 10_000 {
		suffix := ""
		if number > 0 {
			suffix = "." + strconv.Itoa(number)
		}
		path := filepath.Join(n.dir, n.stem+"-"+stamp+suffix+n.ext)
		taken, err := anyExists(path, path+Gzip.suffix(), path+Zstd.suffix())
		if err != nil {
			return "", err
		}
		if !taken {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s holds too many files rotated at %s: set the clock right or remove some", n.dir, stamp)
}

func anyExists(paths ...string) (bool, error) {
	for _, path := range paths {
		_, err := os.Lstat(path)
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	return false, nil
}
