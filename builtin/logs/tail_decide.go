package logs

import (
	"bytes"
	"io"
	"slices"
	"time"
)

// compareSize is how much of the end of a supposed copy is compared.
const compareSize = 64 << 10

// decide finds out what a fresh file is, by its content: a known log under
// another inode, the copy of one, or a new one. It reports whether the file
// is to be read now.
func (t *tailer) decide(one *tail) bool {
	one.due = false
	if one.start > 0 {
		return t.skipTo(one)
	}
	info, raw, err := look(one.file)
	if err != nil {
		t.report(one.path, err)
		return false
	}
	one.eof = stampOf(info)
	if len(raw) == 0 {
		return false
	}
	if format := compression(raw); format != "" {
		t.ignore(one, format)
		return false
	}
	t.unmask(one, raw)
	if t.adopt(one, raw, info.Size()) {
		return false
	}
	one.head = headOf(raw)
	if original := t.originalOf(one, raw, info.Size()); original != nil {
		one.hold(original, info.Size())
		return false
	}
	if copied, size := t.copyOf(one, raw); copied != nil {
		t.exchange(copied, one, size)
		return false
	}
	one.resumeAt(position{})
	return true
}

// unmask looks whether the files that a fresh one may come from still hold
// what they held. Those that don't have lost their content, perhaps to it.
func (t *tailer) unmask(fresh *tail, raw []byte) {
	for _, other := range t.related(fresh, raw) {
		if !t.opened(other) {
			continue
		}
		intact, err := other.isIntact()
		if err != nil {
			t.report(other.path, err)
		} else if !intact {
			t.replaced(other)
		}
	}
}

// related returns the known tails that have a file which begins like raw.
func (t *tailer) related(fresh *tail, raw []byte) []*tail {
	var found []*tail
	for _, other := range t.tails {
		if other != fresh && other.stage == known && !other.isLost() && other.head.relatedTo(raw) {
			found = append(found, other)
		}
	}
	return found
}

// adopt gives a fresh file to the tail that has lost it, if there is one. A
// short head is not enough for that, unless a file was truncated where it
// was: that is what happens behind a copy.
func (t *tailer) adopt(fresh *tail, raw []byte, size int64) bool {
	var heir *tail
	for _, lost := range t.tails {
		if lost == fresh || !lost.isLost() || lost.stage != known || lost.read.offset == 0 {
			continue
		}
		if !lost.head.isWhole() && !lost.truncated || !lost.head.beginsWith(raw) {
			continue
		}
		if before := lost.before; before.offset > 0 && size < lost.read.offset && size >= before.offset && before.holdsIn(fresh.file) {
			fresh.head = headOf(raw)
			t.skipCopy(fresh, size)
			return true
		}
		if size >= lost.read.offset && lost.read.holdsIn(fresh.file) &&
			(heir == nil || lost.read.offset > heir.read.offset) {
			heir = lost
		}
	}
	if heir == nil {
		return false
	}
	t.move(heir, fresh)
	return true
}

// move lets a tail that has lost its file go on in the file of another tail,
// which is followed no longer.
func (t *tailer) move(lost, other *tail) {
	t.log.Debug("a log goes on in another file", "file", lost.name, "path", other.path, "offset", lost.read.offset)
	t.drop(other)
	t.detach(lost)
	lost.settleAt(other.place(), time.Now())
	lost.file, other.file = other.file, nil
	lost.truncated = false
	lost.scanned = 0
	lost.due = true
	t.byInode[lost.inode] = lost
	t.unsaved = true
	// What is left of the old file comes before what is in the new one.
	t.turn, t.more = slices.Index(t.tails, lost), true
}

// originalOf returns the tail whose file begins with all that fresh holds.
func (t *tailer) originalOf(fresh *tail, raw []byte, size int64) *tail {
	for _, other := range t.related(fresh, raw) {
		if t.opened(other) && sameBefore(fresh.file, other.file, size) {
			return other
		}
	}
	return nil
}

// copyOf returns a tail that was found just before fresh and holds a copy of
// its beginning, with the size of the copy: both were found at once, the copy
// first, while it was still being made.
func (t *tailer) copyOf(fresh *tail, raw []byte) (*tail, int64) {
	for _, other := range t.related(fresh, raw) {
		if !other.present || !other.head.isWhole() || time.Since(other.foundAt) > settleTime || !t.opened(other) {
			continue
		}
		info, err := other.file.Stat()
		if err == nil && sameBefore(other.file, fresh.file, info.Size()) {
			return other, info.Size()
		}
	}
	return nil, 0
}

// exchange lets a tail that has begun with a copy go on in the original, and
// holds the copy.
func (t *tailer) exchange(copied, original *tail, size int64) {
	now := time.Now()
	here, there := copied.place(), original.place()
	copied.settleAt(there, now)
	original.settleAt(here, now)
	copied.name, original.name = original.name, copied.name
	copied.file, original.file = original.file, copied.file
	t.byInode[copied.inode], t.byInode[original.inode] = copied, original
	copied.scanned, copied.due = 0, true
	original.hold(copied, size)
	t.unsaved, t.more = true, true
}

// reconsider looks again at a file that is held for a copy. It reports
// whether the file is to be read now.
func (t *tailer) reconsider(one *tail) bool {
	one.due = false
	info, err := one.file.Stat()
	if err != nil {
		t.report(one.path, err)
		return false
	}
	if one.original.isLost() {
		return t.inherit(one, info.Size())
	}
	if info.Size() != one.heldSize {
		if !t.opened(one.original) || !sameBefore(one.file, one.original.file, info.Size()) {
			one.stage = fresh // the original was truncated, or this is no copy
			one.due = true
			return false
		}
		one.heldSize, one.heldSince = info.Size(), time.Now()
	}
	if time.Since(one.heldSince) < settleTime {
		return false
	}
	if info.Size() < headSize {
		// Short files are often alike without being copies.
		one.resumeAt(position{})
		return true
	}
	t.skipCopy(one, info.Size())
	return false
}

// inherit decides about a held copy whose original has lost its content. It
// reports whether the copy is to be read now.
func (t *tailer) inherit(copied *tail, size int64) bool {
	lost := copied.original
	switch {
	case size >= lost.read.offset && lost.read.holdsIn(copied.file):
		t.move(lost, copied)
	case size == copied.heldSize:
		t.skipCopy(copied, size)
	default:
		copied.stage, copied.due = fresh, true
		t.more = true
	}
	return false
}

// skipCopy makes a file known as one that was read to its end elsewhere.
func (t *tailer) skipCopy(one *tail, size int64) {
	end, err := positionAt(one.file, size)
	if err != nil {
		t.report(one.path, err)
		return
	}
	t.log.Info("a file is the copy of a log that was read and is not read again", "path", one.path, "size", size)
	one.resumeAt(end)
	t.unsaved = true
}

// sameBefore reports whether two files hold the same bytes before offset.
func sameBefore(a, b io.ReaderAt, offset int64) bool {
	for _, limit := range []int64{anchorSize, compareSize} {
		n := min(limit, offset)
		ours, theirs := make([]byte, n), make([]byte, n)
		if m, _ := a.ReadAt(ours, offset-n); int64(m) < n {
			return false
		}
		if m, _ := b.ReadAt(theirs, offset-n); int64(m) < n {
			return false
		}
		if !bytes.Equal(ours, theirs) {
			return false
		}
		if n == offset {
			return true
		}
	}
	return true
}
