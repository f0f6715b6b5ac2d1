package logs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// stateKey is the checkpoint under which all positions of a source lie.
const stateKey = "files"

// state is what survives a restart.
type state struct {
	// Patterns are those for which positions were saved. A file that matches
	// one of them and has no position appeared later.
	Patterns []string `json:"patterns"`
	Files    []saved  `json:"files"`
}

// saved is the position in one file.
type saved struct {
	Name     string `json:"name"`
	Path     string `json:"path"`
	Device   uint64 `json:"device,omitempty"`
	Inode    uint64 `json:"inode,omitempty"`
	HeadSize int    `json:"head_size"`
	Head     digest `json:"head"`
	Offset   int64  `json:"offset"`
	Anchor   digest `json:"anchor"`
}

func (s saved) check() error {
	if s.HeadSize < 1 || s.HeadSize > headSize || s.Offset < 0 {
		return fmt.Errorf("the position of %q has a head of %d bytes and the offset %d", s.Path, s.HeadSize, s.Offset)
	}
	return nil
}

func decodeState(text []byte) (state, error) {
	var s state
	if err := json.Unmarshal(text, &s); err != nil {
		return state{}, err
	}
	for _, file := range s.Files {
		if err := file.check(); err != nil {
			return state{}, err
		}
	}
	return s, nil
}

// load takes up the positions of the last run. Positions that can't be made
// out must not stop the source, nor may anything be lost: then all files are
// read from their beginning.
func (t *tailer) load(ctx context.Context) error {
	text, err := t.env.Checkpoints.Load(ctx, stateKey)
	if err != nil {
		return fmt.Errorf("load the positions in the files of %s: %w", t.addr, err)
	}
	if text == nil {
		return nil
	}
	s, err := decodeState(text)
	if err != nil {
		t.log.Error("the saved positions are damaged: all files are read from their beginning, so lines will come twice", "error", err)
		s = state{Patterns: t.globs.patterns}
	}
	for _, pattern := range s.Patterns {
		t.patterns[pattern] = true
	}
	now := time.Now()
	for _, file := range s.Files {
		t.restore(file, now)
	}
	return nil
}

// restore makes a tail that has lost its file; the first scan finds it.
func (t *tailer) restore(s saved, now time.Time) {
	one := &tail{
		name: s.Name, path: s.Path,
		inode:    inode{s.Device, s.Inode},
		head:     head{size: s.HeadSize, sum: s.Head},
		lastSeen: now, lastData: now,
	}
	one.resumeAt(position{s.Offset, s.Anchor})
	t.tails = append(t.tails, one)
	if one.inode != (inode{}) {
		t.byInode[one.inode] = one
	}
}

// saveDue saves what has changed, but not too often.
func (t *tailer) saveDue(ctx context.Context) {
	if t.unsaved && time.Since(t.savedAt) >= saveShare*t.saveCost {
		_ = t.save(ctx) // a failure is logged, and saving is tried again
	}
}

// save writes down what was delivered.
func (t *tailer) save(ctx context.Context) error {
	began := time.Now()
	defer func() {
		t.savedAt = time.Now()
		t.saveCost = t.savedAt.Sub(began)
	}()
	s := state{Patterns: slices.Sorted(slices.Values(t.globs.patterns))}
	for _, one := range t.tails {
		if one.stage != known || one.acked.offset == 0 || one.head.size == 0 {
			continue
		}
		s.Files = append(s.Files, saved{
			Name: one.name, Path: one.path,
			Device: one.inode.Device, Inode: one.inode.Number,
			HeadSize: one.head.size, Head: one.head.sum,
			Offset: one.acked.offset, Anchor: one.acked.anchor,
		})
	}
	text, err := json.Marshal(s)
	if err == nil {
		err = t.env.Checkpoints.Save(ctx, stateKey, text)
	}
	if err != nil {
		err = fmt.Errorf("save the positions in the files of %s: %w", t.addr, err)
		t.report(stateKey, err)
		return err
	}
	delete(t.problems, stateKey)
	t.unsaved = false
	return nil
}
