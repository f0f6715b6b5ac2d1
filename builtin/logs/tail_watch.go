package logs

import (
	"errors"
	"slices"

	"github.com/fsnotify/fsnotify"
	"github.com/hashicorp/go-hclog"
)

// maxWatched bounds the directories that are watched. Polling finds what
// happens in the others.
const maxWatched = 1024

// hints wakes a tailer when something happens in a directory. It is a help
// and no more: every change is also found by polling. The zero hints gives
// none.
type hints struct {
	watcher *fsnotify.Watcher
	refused map[string]bool // directories that could not be watched
	log     hclog.Logger
}

// newHints returns hints, or none where the system has no means for them.
func newHints(log hclog.Logger) hints {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		log.Warn("cannot watch directories, so files are only polled: raise fs.inotify.max_user_instances for a quicker reaction", "error", err)
		return hints{}
	}
	return hints{watcher, map[string]bool{}, log}
}

func (h hints) close() error {
	if h.watcher == nil {
		return nil
	}
	return h.watcher.Close()
}

func (h hints) events() <-chan fsnotify.Event {
	if h.watcher == nil {
		return nil
	}
	return h.watcher.Events
}

func (h hints) errors() <-chan error {
	if h.watcher == nil {
		return nil
	}
	return h.watcher.Errors
}

// fault logs an error of the watcher. Events that were missed for their
// number need no word: polling makes up for them.
func (h hints) fault(err error) {
	if !errors.Is(err, fsnotify.ErrEventOverflow) {
		h.log.Warn("watching directories failed; their files are still polled", "error", err)
	}
}

// watch makes dirs the directories that are watched.
func (h hints) watch(dirs []string) {
	if h.watcher == nil {
		return
	}
	watched := h.watcher.WatchList()
	for _, dir := range watched {
		if !slices.Contains(dirs, dir) {
			_ = h.watcher.Remove(dir) // it may be gone, and its watch with it
		}
	}
	for _, dir := range dirs {
		if h.refused[dir] || len(watched) >= maxWatched || slices.Contains(watched, dir) {
			continue
		}
		if err := h.watcher.Add(dir); err != nil {
			h.refused[dir] = true
			h.log.Warn("cannot watch a directory, so its files are only polled: raise fs.inotify.max_user_watches for a quicker reaction", "directory", dir, "error", err)
			continue
		}
		watched = append(watched, dir)
	}
}
