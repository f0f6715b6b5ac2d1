package logs

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"time"
)

const (
	// forgetAfter is how long a file that is gone is remembered, in time
	// that the agent runs, in case it comes back.
	forgetAfter = 24 * time.Hour
	maxLost     = 1024 // files that are gone and remembered
)

// scan looks for all files and finds out by their inodes which are new, which
// have moved and which are gone. What is in them is looked at in visit.
func (t *tailer) scan() {
	now := time.Now()
	found := t.globs.find()
	t.reportDirs(found.dirs)
	for _, one := range t.tails {
		one.present = false
	}
	for _, p := range found.places {
		one := t.byInode[p.inode]
		if one == nil {
			t.discover(p, now)
			continue
		}
		if one.settleAt(p, now) {
			t.unsaved = true
		}
	}
	clear(t.byPath)
	for _, one := range t.tails {
		if one.present {
			t.byPath[one.path] = one
		}
	}
	for _, one := range slices.Clone(t.tails) {
		t.review(one)
	}
	t.forget(now)
	t.scanCost = time.Since(now)
}

// discover begins to follow a file that was not seen before.
func (t *tailer) discover(p place, now time.Time) {
	start := int64(0)
	if !t.begun && !t.config.fromBeginning() && !t.patterns[p.pattern] {
		start = p.info.Size()
	}
	old := t.config.IgnoreOlder
	if start == 0 && old > 0 && t.env.Now().Sub(p.info.ModTime()) > old {
		return
	}
	one := newTail(p, start, now)
	t.follow(one)
	t.active = true
	// Opened at once it can't be lost, however long those behind are busy.
	t.opened(one)
}

func (t *tailer) follow(one *tail) {
	t.tails = append(t.tails, one)
	t.byInode[one.inode] = one
}

// review finds out whether a file must be visited.
func (t *tailer) review(one *tail) {
	switch {
	case one.isLost():
		one.due = false
	case !one.present:
		// Its open file tells what is new, and when it ends.
		one.due, t.active = true, true
	case one.stage == held:
		one.due, t.active = true, true
	case one.stage == known && one.info.Size() < one.read.offset:
		t.replaced(one)
	case stampOf(one.info) != one.eof:
		one.due = true
	}
	other := t.byPath[one.name]
	one.succeeded = one.isRotated() && other != nil && other != one
	if one.present && one.succeeded && one.read.offset < one.info.Size() {
		one.due = true // a last line without an end
	}
}

// forget drops the oldest tails that have lost their file.
func (t *tailer) forget(now time.Time) {
	lost := 0
	for _, one := range t.tails {
		if one.isLost() {
			lost++
		}
	}
	t.tails = slices.DeleteFunc(t.tails, func(one *tail) bool {
		useless := one.stage != known || one.read.offset == 0
		drop := one.isLost() && len(one.pending) == 0 &&
			(useless || lost > maxLost || now.Sub(one.lastSeen) > forgetAfter)
		if drop {
			lost--
			t.detach(one)
			t.unsaved = t.unsaved || !useless
		}
		return drop
	})
}

// detach makes the inode of a tail stand for it no longer.
func (t *tailer) detach(one *tail) {
	if t.byInode[one.inode] == one {
		delete(t.byInode, one.inode)
	}
}

// drop stops following a tail that has turned out to be another's.
func (t *tailer) drop(one *tail) {
	t.detach(one)
	at := slices.Index(t.tails, one)
	t.tails = slices.Delete(t.tails, at, at+1)
	if at < t.turn {
		t.turn--
	}
}

// reportDirs logs the directories that can't be looked into, once each time
// that this changes, and notes all of them.
func (t *tailer) reportDirs(dirs map[string]error) {
	t.dirs = slices.Sorted(maps.Keys(dirs))
	for dir, err := range dirs {
		if err != nil {
			t.report(dir, err)
		}
	}
	for path := range t.problems {
		if err, looked := dirs[path]; looked && err == nil {
			t.recovered(path)
		}
	}
}

// report logs an error once until it changes or is over.
func (t *tailer) report(path string, err error) {
	if t.problems[path] == err.Error() {
		return
	}
	t.problems[path] = err.Error()
	advice := "it is tried again until it works"
	if errors.Is(err, fs.ErrPermission) {
		advice = "let the agent's user read it, for example through the group adm; it is tried again until it works"
	}
	t.log.Warn("cannot read a file or directory", "path", path, "error", err, "advice", advice)
}

func (t *tailer) recovered(path string) {
	if _, ok := t.problems[path]; ok {
		delete(t.problems, path)
		t.log.Info("a file or directory can be read again", "path", path)
	}
}
