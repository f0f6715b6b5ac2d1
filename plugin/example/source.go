package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

const (
	maxRead      = 64 << 10 // bytes
	pollInterval = 200 * time.Millisecond
)

// source follows a notebook.
type source struct{ inNotebook }

var _ plugin.Source = (*source)(nil)

// Run implements [plugin.Source]. After an error it is called again, later and
// later, unless the error is permanent.
func (s *source) Run(ctx context.Context, out plugin.Emitter) error {
	saved, err := s.Env.Checkpoints.Load(ctx, "offset")
	if err != nil {
		return err
	}
	offset, _ := strconv.ParseInt(string(saved), 10, 64) // from the beginning where nothing was saved
	f, err := os.Open(s.Notebook)
	if err != nil {
		return err
	}
	defer f.Close()
	for text := make([]byte, maxRead); ctx.Err() == nil; {
		n, err := f.ReadAt(text, offset)
		whole := bytes.LastIndexByte(text[:n], '\n') + 1
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return err
		case whole > 0:
			offset += int64(whole)
			if err := s.deliver(ctx, out, parse(text[:whole]), offset); err != nil {
				return err
			}
		case n == maxRead:
			return plugin.Permanent(fmt.Errorf("%s: the line at byte %d is longer than %d bytes: shorten it", f.Name(), offset, maxRead))
		default:
			select {
			case <-time.After(pollInterval):
			case <-ctx.Done():
			}
		}
	}
	return nil
}

// deliver hands over notes and waits until they are settled. The offset behind
// them is saved when they were accepted, else they are read again.
func (s *source) deliver(ctx context.Context, out plugin.Emitter, notes []note, offset int64) error {
	var b event.Builder
	for _, n := range notes {
		b.Log(n.Time, []byte(n.Text))
		b.String("key", n.Key)
	}
	settled := make(chan error, 1)
	err := out.Emit(ctx, b.Batch(), func(err error) {
		if err == nil {
			err = s.Env.Checkpoints.Save(context.WithoutCancel(ctx), "offset", strconv.AppendInt(nil, offset, 10))
		}
		settled <- err
	})
	if err != nil {
		return err
	}
	select {
	case err = <-settled:
	case <-ctx.Done():
	}
	return err
}
