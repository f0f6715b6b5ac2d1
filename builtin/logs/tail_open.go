package logs

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
)

// opened opens the file of a tail if it is closed, and finds out whether it
// still is what it was. It reports whether the tail can be read.
func (t *tailer) opened(one *tail) bool {
	one.usedAt = time.Now()
	if one.file != nil {
		return true
	}
	if one.isLost() {
		one.due = false
		return false
	}
	t.makeRoom()
	if err := one.open(); err != nil {
		one.due = false
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errMoved) {
			t.report(one.path, err)
		}
		return false
	}
	t.recovered(one.path)
	if one.stage != known {
		return true
	}
	intact, err := one.isIntact()
	if err != nil {
		t.report(one.path, err)
		one.due = false
		return false
	}
	if !intact {
		t.replaced(one)
	}
	return intact
}

// makeRoom closes a file when too many are open: the one that was used least
// recently of those whose closing does the least harm.
func (t *tailer) makeRoom() {
	open := 0
	var victim *tail
	for _, one := range t.tails {
		if one.file == nil {
			continue
		}
		open++
		if victim == nil || one.harm() < victim.harm() ||
			one.harm() == victim.harm() && one.usedAt.Before(victim.usedAt) {
			victim = one
		}
	}
	if open < maxOpen {
		return
	}
	if !victim.present {
		t.log.Error("too many files are gone and not yet delivered: giving up on the oldest, what it held is lost",
			"file", victim.name, "offset", victim.acked.offset)
	}
	victim.close()
}

// replaced parts a tail from a file that no longer holds its content. What is
// in the file now is followed as a new log.
func (t *tailer) replaced(one *tail) {
	t.log.Info("a file was truncated or replaced and is read from its beginning", "path", one.path, "offset", one.read.offset)
	t.detach(one)
	one.truncated = one.present
	one.due = false
	if one.present {
		next := newTail(one.place(), 0, time.Now())
		next.file, one.file = one.file, nil
		next.due = true
		t.follow(next)
	}
	one.close()
	one.present = false
	t.unsaved, t.more = true, true
	for _, other := range t.tails {
		if other.original == one {
			other.due = true
		}
	}
}

// finish closes a file that is gone and was read and delivered to its end.
func (t *tailer) finish(one *tail, info fs.FileInfo) {
	t.log.Debug("a file that is gone was read to its end", "file", one.name, "size", info.Size())
	one.close()
	one.due = false
	if isUnlinked(info) {
		// Its number is free for another file.
		t.detach(one)
		one.inode = inode{}
		t.unsaved = true
	}
}

// skipTo makes a file known from the last line that begins before its start
// offset. It always returns true: the file is to be read from there.
func (t *tailer) skipTo(one *tail) bool {
	info, raw, err := look(one.file)
	if err != nil {
		t.report(one.path, err)
		return false
	}
	one.head = headOf(raw)
	at, err := positionAt(one.file, lineBefore(one.file, min(one.start, info.Size())))
	if err != nil {
		t.report(one.path, err)
		return false
	}
	one.resumeAt(at)
	t.unsaved = true
	return true
}

// lineBefore returns where the line begins that offset is in. Of a very long
// line that is the offset itself.
func lineBefore(file io.ReaderAt, offset int64) int64 {
	before := make([]byte, min(offset, compareSize))
	n, _ := file.ReadAt(before, offset-int64(len(before)))
	if n < len(before) {
		return offset
	}
	if end := bytes.LastIndexByte(before, '\n'); end >= 0 {
		return offset - int64(len(before)) + int64(end) + 1
	}
	if int64(len(before)) == offset {
		return 0
	}
	return offset
}

// look returns what a file is and its first bytes.
func look(file *os.File) (fs.FileInfo, []byte, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	raw, err := readHead(file)
	return info, raw, err
}
