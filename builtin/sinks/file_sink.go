package sinks

import (
	"context"
	"fmt"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// fileSink appends each batch to the files that its events belong to, with
// one write per file. A batch is written whole or not at all.
type fileSink struct {
	path   pathTemplate
	encode encoder
	files  *filePool
	log    hclog.Logger

	// What follows is reused from batch to batch.
	groups  []fileGroup
	byPath  map[string]int // index into groups
	scratch []byte
}

// maxKeptBytes bounds the buffers that are kept for the next batch.
const maxKeptBytes = 4 << 20

// fileGroup is what a batch has for one file.
type fileGroup struct {
	path  string
	lines []byte
}

// appended is a group that is in its file.
type appended struct {
	path       string
	start, end int64
}

func newFileSink(path pathTemplate, encode encoder, files *filePool, log hclog.Logger) *fileSink {
	return &fileSink{path: path, encode: encode, files: files, log: log, byPath: map[string]int{}}
}

// Write implements [plugin.Sink].
func (s *fileSink) Write(ctx context.Context, batch *event.Batch) error {
	s.group(batch)
	defer s.release()
	done := make([]appended, 0, len(s.groups))
	for i := range s.groups {
		group := &s.groups[i]
		a, err := s.append(ctx, group)
		if err != nil {
			s.undo(ctx, done)
			return fmt.Errorf("appending %d bytes to %s: %w", len(group.lines), group.path, err)
		}
		done = append(done, a)
	}
	if err := s.files.closeIdle(ctx); err != nil {
		s.log.Warn("closing files that were not used for a while", "error", err)
	}
	return nil
}

// group encodes the events and sorts them by path.
func (s *fileSink) group(batch *event.Batch) {
	s.groups = s.groups[:0]
	clear(s.byPath)
	current := -1
	for i := range batch.Len() {
		if current < 0 || !s.path.fixed {
			current = s.groupOf(batch, i, current)
		}
		group := &s.groups[current]
		group.lines = s.encode.appendLine(group.lines, batch, i)
	}
}

// groupOf returns the index of the group of event i, which is most often that
// of the event before.
func (s *fileSink) groupOf(batch *event.Batch, i, before int) int {
	at := batch.Time(i)
	if at.IsZero() {
		at = s.files.now()
	}
	s.scratch = s.path.append(s.scratch[:0], at, batch, i)
	if before >= 0 && s.groups[before].path == string(s.scratch) {
		return before
	}
	if known, ok := s.byPath[string(s.scratch)]; ok {
		return known
	}
	return s.newGroup(string(s.scratch))
}

// newGroup takes over the buffer that a group of an earlier batch had.
func (s *fileSink) newGroup(path string) int {
	n := len(s.groups)
	if n < cap(s.groups) {
		s.groups = s.groups[:n+1]
	} else {
		s.groups = append(s.groups, fileGroup{})
	}
	group := &s.groups[n]
	group.path, group.lines = path, group.lines[:0]
	s.byPath[path] = n
	return n
}

// release gives back the buffers beyond what is worth keeping. Without it,
// batches that are large each in another group would leave many large ones.
func (s *fileSink) release() {
	kept := 0
	groups := s.groups[:cap(s.groups)]
	for i := range groups {
		if kept += cap(groups[i].lines); kept > maxKeptBytes {
			groups[i].lines = nil
		}
	}
}

// append writes one group to its file.
func (s *fileSink) append(ctx context.Context, group *fileGroup) (appended, error) {
	if err := ctx.Err(); err != nil {
		return appended{}, err
	}
	file, err := s.files.ready(ctx, group.path, len(group.lines))
	if err != nil {
		return appended{}, err
	}
	start, err := file.Append(group.lines)
	return appended{group.path, start, start + int64(len(group.lines))}, err
}

// undo takes back what a batch that failed has written so far, because the
// core will write the whole batch again. That the time for the write is up is
// no reason to leave it.
func (s *fileSink) undo(ctx context.Context, done []appended) {
	ctx = context.WithoutCancel(ctx)
	for _, a := range done {
		file, err := s.files.get(ctx, a.path)
		if err == nil {
			err = file.Undo(a.start, a.end)
		}
		if err != nil {
			s.log.Warn("events are in a file twice because a write of them could not be taken back", "path", a.path, "error", err)
		}
	}
}

// Close implements [plugin.Sink]. It waits, as long as ctx lasts, until what
// was rotated is compressed.
func (s *fileSink) Close(ctx context.Context) error { return s.files.close(ctx) }

var _ plugin.Sink = (*fileSink)(nil)
