// Package audit keeps the account of what was applied on this host: a file of
// JSON lines that is only ever appended to, and that has reached the disk
// before the thing is done.
//
//	log := audit.Open(dataDir, audit.Options{Actor: "agent"})
//	s := plan.NewSession(graph, catalog, plan.Options{Audit: log.Append, ...})
package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/driftless-hq/driftless/internal/plan"
)

// Name is the name of the file in the data directory. Older ones end in .1, .2
// and so on.
const Name = "audit.jsonl"

// What is kept where [Options] say nothing.
const (
	DefaultMaxSize  = 16 << 20
	DefaultMaxFiles = 8
)

// Options say who acts, and how much is kept.
type Options struct {
	Actor    string // such as "agent", or the name of a user
	MaxSize  int64  // of a file, in bytes, after which another is begun; 0: DefaultMaxSize
	MaxFiles int    // how many files there are at most; 0: DefaultMaxFiles
}

// Log is the account. It can be used by several goroutines; of several
// processes only the one that holds the lock of the host applies anything.
type Log struct {
	path string
	Options
	mu sync.Mutex
}

// Open returns the account in a data directory. Nothing is opened before there
// is something to keep.
func Open(dir string, o Options) *Log {
	if o.MaxSize == 0 {
		o.MaxSize = DefaultMaxSize
	}
	if o.MaxFiles == 0 {
		o.MaxFiles = DefaultMaxFiles
	}
	return &Log{path: filepath.Join(dir, Name), Options: o}
}

// line is an entry with who made it.
type line struct {
	Actor string `json:"actor"`
	PID   int    `json:"pid"`
	plan.AuditEntry
}

// Append adds entries, all of them in one write that has reached the disk when
// it returns.
func (l *Log) Append(_ context.Context, entries []plan.AuditEntry) error {
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for _, e := range entries {
		if err := encoder.Encode(line{l.Actor, os.Getpid(), e}); err != nil {
			return fmt.Errorf("encode the account of %s: %w", e.Address, err)
		}
	}
	return l.write(lines.Bytes())
}

func (l *Log) write(lines []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.append(lines); err != nil {
		return fmt.Errorf("write %s: %w", l.path, err)
	}
	return nil
}

func (l *Log) append(lines []byte) error {
	if err := l.rotate(int64(len(lines))); err != nil {
		return err
	}
	f, err := os.OpenFile(l.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	torn, size, err := isTorn(f)
	if err == nil {
		if torn {
			lines = append([]byte("\n"), lines...)
		}
		_, err = f.Write(lines)
	}
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil && size == 0 {
		err = syncDir(filepath.Dir(l.path)) // the file may be new
	}
	return err
}

// isTorn reports whether the last line was never finished, as by a loss of
// power. It is left as it is: what follows begins on a line of its own.
func isTorn(f *os.File) (torn bool, size int64, err error) {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false, 0, err
	}
	var last [1]byte
	if _, err := f.ReadAt(last[:], info.Size()-1); err != nil && !errors.Is(err, io.EOF) {
		return false, 0, err
	}
	return last[0] != '\n', info.Size(), nil
}

// rotate begins a new file where the old one would become too large.
func (l *Log) rotate(more int64) error {
	info, err := os.Stat(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil || info.Size() == 0 || info.Size()+more <= l.MaxSize {
		return err
	}
	for n := l.MaxFiles - 1; n >= 1; n-- {
		if err := os.Rename(l.file(n-1), l.file(n)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if l.MaxFiles == 1 {
		return os.Remove(l.path)
	}
	return nil
}

// file is the path of the n-th newest file.
func (l *Log) file(n int) string {
	if n == 0 {
		return l.path
	}
	return fmt.Sprintf("%s.%d", l.path, n)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
