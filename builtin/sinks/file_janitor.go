package sinks

import (
	"context"
	"errors"
	"sync"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/builtin/sinks/logfile"
)

// janitor compresses and removes rotated files in the background, one path at
// a time, so that a sink's writes don't wait for it.
type janitor struct {
	keep   logfile.Keep
	log    hclog.Logger
	ctx    context.Context
	cancel context.CancelFunc
	busy   sync.WaitGroup

	mu      sync.Mutex
	waiting map[string]bool // paths that are yet to be tidied
	running bool
}

func newJanitor(keep logfile.Keep, log hclog.Logger) *janitor {
	ctx, cancel := context.WithCancel(context.Background())
	return &janitor{keep: keep, log: log, ctx: ctx, cancel: cancel, waiting: map[string]bool{}}
}

// tidy has the rotated files of path looked after soon.
func (j *janitor) tidy(path string) {
	if j.keep == (logfile.Keep{Compression: logfile.None}) {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.waiting[path] = true
	if !j.running {
		j.running = true
		j.busy.Go(j.work)
	}
}

// work goes on until nothing waits. What fails is left as it is, and tried
// again when the path is next opened or rotated.
func (j *janitor) work() {
	for {
		path, ok := j.next()
		if !ok {
			return
		}
		err := logfile.Tidy(j.ctx, path, j.keep)
		if err != nil && !errors.Is(err, context.Canceled) {
			j.log.Warn("rotated files could not be tidied", "path", path, "error", err)
		}
	}
}

func (j *janitor) next() (path string, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for path = range j.waiting {
		delete(j.waiting, path)
		return path, true
	}
	j.running = false
	return "", false
}

// close waits until all is tidy. When ctx ends before, the work is broken
// off, to be taken up by the next sink that opens the path.
func (j *janitor) close(ctx context.Context) {
	defer j.cancel()
	stop := context.AfterFunc(ctx, j.cancel)
	defer stop()
	j.busy.Wait()
}
