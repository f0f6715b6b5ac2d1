package sinks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/builtin/sinks/logfile"
	"github.com/driftless-hq/driftless/plugin"
)

const (
	maxOpenFiles = 64
	// idleTime is after how long without a write a file is closed, so that
	// the space of one that someone removed is given back.
	idleTime = time.Minute

	marksKey = "open files"
)

// filePool holds the open files of a sink, the ones used last. In a checkpoint
// it notes which files are open and how long they were, so that what a crash
// leaves in them can be told from what was there before.
type filePool struct {
	options logfile.Options
	janitor *janitor
	marks   plugin.Checkpoints
	log     hclog.Logger
	now     func() time.Time
	open    map[string]*pooledFile
	uses    uint64
	closed  bool
}

type pooledFile struct {
	*logfile.File
	used uint64 // the larger, the later
	at   time.Time
}

func newFilePool(options logfile.Options, janitor *janitor, env plugin.Env) *filePool {
	return &filePool{
		options: options,
		janitor: janitor,
		marks:   env.Checkpoints,
		log:     env.Log,
		now:     env.Now,
		open:    map[string]*pooledFile{},
	}
}

// repair repairs the files that were open when the sink last ended without
// closing them. What can't be repaired doesn't keep the sink from starting: a
// half line is then ended with a newline.
func (p *filePool) repair(ctx context.Context) error {
	saved, err := p.marks.Load(ctx, marksKey)
	if err != nil || saved == nil {
		return err
	}
	var marks []logfile.Mark
	if err := json.Unmarshal(saved, &marks); err != nil {
		p.log.Warn("the note of the files that were open can't be read, so half lines that a crash left stay in them", "checkpoint", marksKey, "error", err)
	}
	for _, mark := range marks {
		cut, err := logfile.Repair(mark)
		switch {
		case err != nil:
			p.log.Warn("a file that a crash may have left with half a line could not be repaired", "path", mark.Path, "error", err)
		case cut > 0:
			p.log.Info("cut off the half line that a crash left", "path", mark.Path, "bytes", cut)
		}
	}
	return p.marks.Save(ctx, marksKey, nil)
}

// ready returns the file at path with room for n bytes, after rotation where
// that is due.
func (p *filePool) ready(ctx context.Context, path string, n int) (*pooledFile, error) {
	f, err := p.current(ctx, path)
	if err != nil || !f.Full(n) {
		return f, err
	}
	if err := f.Rotate(); err != nil {
		return nil, fmt.Errorf("rotating: %w", err)
	}
	return p.reopen(ctx, path)
}

// current returns the file that path names now.
func (p *filePool) current(ctx context.Context, path string) (*pooledFile, error) {
	f, err := p.get(ctx, path)
	if err != nil {
		return nil, err
	}
	moved, err := f.Moved()
	if err != nil || !moved {
		return f, err
	}
	return p.reopen(ctx, path)
}

func (p *filePool) use(f *pooledFile) *pooledFile {
	p.uses++
	f.used, f.at = p.uses, p.now()
	return f
}

func (p *filePool) reopen(ctx context.Context, path string) (*pooledFile, error) {
	if err := p.drop(path); err != nil {
		return nil, err
	}
	return p.get(ctx, path)
}

// get returns the file that was opened at path, and opens it where it wasn't.
func (p *filePool) get(ctx context.Context, path string) (*pooledFile, error) {
	if f, ok := p.open[path]; ok {
		return p.use(f), nil
	}
	if err := p.evict(); err != nil {
		return nil, err
	}
	file, err := logfile.Open(path, p.options)
	if err != nil {
		return nil, err
	}
	p.open[path] = &pooledFile{File: file}
	if err := p.saveMarks(ctx); err != nil {
		return nil, errors.Join(err, p.drop(path))
	}
	p.janitor.tidy(path)
	return p.use(p.open[path]), nil
}

// evict makes room for one more file.
func (p *filePool) evict() error {
	if len(p.open) < maxOpenFiles {
		return nil
	}
	var oldest string
	for path, f := range p.open {
		if oldest == "" || f.used < p.open[oldest].used {
			oldest = path
		}
	}
	return p.drop(oldest)
}

// closeIdle closes what has not been written to for a while.
func (p *filePool) closeIdle(ctx context.Context) error {
	var errs []error
	before := len(p.open)
	for path, f := range p.open {
		if p.now().Sub(f.at) > idleTime {
			errs = append(errs, p.drop(path))
		}
	}
	if len(p.open) < before {
		errs = append(errs, p.saveMarks(ctx))
	}
	return errors.Join(errs...)
}

func (p *filePool) drop(path string) error {
	f := p.open[path]
	delete(p.open, path)
	return f.Close()
}

// saveMarks notes what is open. A mark that is out of date does no harm: it
// only ever lets a half line be cut off that a newline would have ended.
func (p *filePool) saveMarks(ctx context.Context) error {
	if len(p.open) == 0 {
		return p.marks.Save(ctx, marksKey, nil)
	}
	marks := make([]logfile.Mark, 0, len(p.open))
	for _, f := range p.open {
		marks = append(marks, f.Mark())
	}
	encoded, err := json.Marshal(marks)
	if err != nil {
		return err
	}
	if err := p.marks.Save(ctx, marksKey, encoded); err != nil {
		return fmt.Errorf("noting which files are open: %w", err)
	}
	return nil
}

// close closes all files and waits for the janitor. A second call does
// nothing: the marks may be those of the next sink at this address by then.
func (p *filePool) close(ctx context.Context) error {
	if p.closed {
		return nil
	}
	p.closed = true
	var errs []error
	for path := range p.open {
		errs = append(errs, p.drop(path))
	}
	errs = append(errs, p.saveMarks(ctx))
	p.janitor.close(ctx)
	return errors.Join(errs...)
}
