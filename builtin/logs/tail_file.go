package logs

import (
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/driftless-hq/driftless/plugin/event"
)

// stage is how much is known of a file.
type stage int

const (
	fresh stage = iota // found, but not yet compared with the others
	held               // looks like a copy of another file; wait and see
	known              // is read
)

// tail is one log by its content. It keeps its identity when the file is
// renamed, and moves to the copy when the file is copied and truncated.
//
// A tail that is neither present nor open has lost its file. It is kept for a
// while: the file may come back, or turn up under another name.
type tail struct {
	name    string // the path it was first found at, which its events carry
	path    string // where it was seen last
	inode   inode
	info    fs.FileInfo // as of the last scan
	present bool        // the last scan found it
	file    *os.File    // nil while closed

	stage     stage
	start     int64 // where to begin when fresh
	head      head
	truncated bool  // the content went away while the inode stayed
	original  *tail // what a held tail is a copy of
	heldSize  int64 // up to where that was compared

	read    position // the next byte to read is here
	before  position // read, one batch ago
	acked   position // all before it was delivered: this is what is saved
	scanned int64    // no line ends between read and here
	pending []*flight
	// generation counts how often the tail went back to acked. Flights of an
	// older generation are read again, so their acknowledgements don't count.
	generation int

	due       bool  // there may be something to read
	succeeded bool  // another file is where this one was written to
	ignored   bool  // it is compressed, and that was logged
	eof       stamp // the file as it was when it was last read to its end
	quietLook int   // how many visits in a row found nothing new
	lastData  time.Time
	heldSince time.Time
	foundAt   time.Time // when it was found first, zero for one that was saved
	retryAt   time.Time // after a failed delivery
	lastSeen  time.Time
	usedAt    time.Time
}

// flight is a batch on its way.
type flight struct {
	tail       *tail
	generation int
	batch      *event.Batch
	size       int // bytes that it holds on to
	end        position
	acked      bool
}

// stamp tells cheaply whether a file has changed.
type stamp struct {
	size     int64
	modified time.Time
}

func stampOf(info fs.FileInfo) stamp { return stamp{info.Size(), info.ModTime()} }

func newTail(p place, start int64, now time.Time) *tail {
	t := &tail{name: p.path, start: start, lastData: now, foundAt: now}
	t.settleAt(p, now)
	return t
}

// settleAt puts the tail at the place where its file was found. It reports
// whether that is another one than before.
func (t *tail) settleAt(p place, now time.Time) (moved bool) {
	moved = t.path != p.path || t.inode != p.inode
	t.path, t.inode, t.info = p.path, p.inode, p.info
	t.present, t.lastSeen = true, now
	return moved
}

// isLost reports whether there is no file to read any more.
func (t *tail) isLost() bool { return !t.present && t.file == nil }

// isRotated reports whether the file is no longer where it was written to.
func (t *tail) isRotated() bool { return t.path != t.name }

// harm says how bad it is to close the file: one that is gone can't be opened
// again, and one that has more to read may be gone by then.
func (t *tail) harm() int {
	switch {
	case !t.present:
		return 2
	case t.due:
		return 1
	}
	return 0
}

// place is where the tail is.
func (t *tail) place() place { return place{path: t.path, info: t.info, inode: t.inode} }

// open opens the file at the tail's path if it is still the same.
func (t *tail) open() error {
	file, err := os.Open(t.path)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && inodeOf(t.path, info) != t.inode {
		err = fmt.Errorf("open %s: %w", t.path, errMoved)
	}
	if err != nil {
		file.Close()
		return err
	}
	t.file = file
	return nil
}

// close closes the file. Nothing was written, so that an error is of no use.
func (t *tail) close() {
	if t.file != nil {
		t.file.Close()
		t.file = nil
	}
}

// isIntact reports whether the open file still has the content that the tail
// stands for: the same beginning, and the same bytes before the position.
func (t *tail) isIntact() (bool, error) {
	raw, err := readHead(t.file)
	if err != nil {
		return false, err
	}
	if !t.head.beginsWith(raw) || !t.read.holdsIn(t.file) {
		return false, nil
	}
	if t.head.size < len(raw) || t.head.raw == nil {
		t.head = headOf(raw)
	}
	return true, nil
}

// resumeAt makes the tail known and goes on at p.
func (t *tail) resumeAt(p position) {
	t.stage, t.original = known, nil
	t.read, t.before, t.acked = p, p, p
	t.scanned = 0
	t.due = true
}

// hold sets the tail aside as the likely copy of another, up to size.
func (t *tail) hold(original *tail, size int64) {
	t.stage, t.original = held, original
	t.heldSize, t.heldSince = size, time.Now()
}

// advance moves read to p. Without a flight on its way that is acknowledged.
func (t *tail) advance(p position) {
	t.before, t.read = t.read, p
	t.scanned = 0
	if len(t.pending) == 0 {
		t.acked = p
		return
	}
	t.pending[len(t.pending)-1].end = p
}

// settle counts a delivered flight and moves acked over all that are. It
// reports whether acked moved.
func (t *tail) settle(f *flight) bool {
	f.acked = true
	done := 0
	for done < len(t.pending) && t.pending[done].acked {
		t.acked = t.pending[done].end
		done++
	}
	t.pending = t.pending[done:]
	return done > 0
}

// rewind goes back to what was acknowledged.
func (t *tail) rewind(retryAt time.Time) {
	t.generation++
	t.pending = nil
	t.read, t.before = t.acked, t.acked
	t.scanned = 0
	t.retryAt = retryAt
	t.due = true
}
