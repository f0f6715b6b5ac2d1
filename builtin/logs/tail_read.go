package logs

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"time"

	"github.com/driftless-hq/driftless/plugin/event"
)

const (
	blockSize = 256 << 10
	// scanBlocks bounds how far the end of a long line is looked for at once.
	scanBlocks = 64

	maxEvents = 512
	maxBytes  = 256 << 10
)

// block is a stretch of one file in memory. It begins with the anchor of the
// position it was read at, so that one read brings the bytes together with
// the proof that they belong there.
type block struct {
	buf []byte
	max int // bytes kept of a line

	owner      *tail // nil while there is nothing left in it
	generation int   // of the owner
	base       int64 // where in the file buf begins
	at, end    int   // the complete lines that are left are buf[at:end]
	eof        bool  // it reaches the end of the file
	stamp      stamp // of the file before it was read
}

// visit reads on in a tail. It returns nil where there is nothing to send.
func (t *tailer) visit(one *tail) *flight {
	if !t.opened(one) {
		return nil
	}
	switch {
	case one.stage == fresh && !t.decide(one):
		return nil
	case one.stage == held && !t.reconsider(one):
		return nil
	}
	info, err := one.file.Stat()
	if err != nil {
		return t.unreadable(one, err)
	}
	if info.Size() < one.read.offset {
		t.replaced(one)
		return nil
	}
	if !one.head.isWhole() && info.Size() > int64(one.head.size) {
		if intact, err := one.isIntact(); err != nil {
			return t.unreadable(one, err)
		} else if !intact {
			t.replaced(one)
			return nil
		}
	}
	if one.scanned > one.read.offset {
		return t.readLong(one, info)
	}
	return t.readBlock(one, info)
}

func (t *tailer) unreadable(one *tail, err error) *flight {
	one.due = false
	t.report(one.path, err)
	return nil
}

func (t *tailer) readBlock(one *tail, info fs.FileInfo) *flight {
	b := &t.block
	lead := anchorLen(one.read.offset)
	base := one.read.offset - int64(lead)
	n, err := one.file.ReadAt(b.buf, base)
	if err != nil && !errors.Is(err, io.EOF) {
		return t.unreadable(one, err)
	}
	if !one.read.matches(b.buf[:min(n, lead)]) {
		t.replaced(one)
		return nil
	}
	last := bytes.LastIndexByte(b.buf[lead:n], '\n')
	if last < 0 {
		if n == len(b.buf) {
			return t.readLong(one, info)
		}
		return t.pause(one, info)
	}
	one.lastData, one.quietLook = time.Now(), 0
	b.owner, b.generation = one, one.generation
	b.base, b.at, b.end = base, lead, lead+last+1
	b.eof, b.stamp = n < len(b.buf), stampOf(info)
	return t.pack()
}

// pack makes a batch of the lines that are left in the block.
func (t *tailer) pack() *flight {
	b := &t.block
	one := b.owner
	if one == nil || b.generation != one.generation {
		b.owner = nil
		return nil
	}
	now := t.env.Now()
	origin := event.Origin{Source: t.addr, Path: one.name}
	build := event.NewBuilder(&t.scratch)
	cut := lines{rest: b.buf[b.at:b.end], max: b.max}
	for build.Len() < maxEvents && build.Size() < maxBytes {
		body, size, truncated, ok := cut.next()
		if !ok {
			break
		}
		if len(body) > 0 {
			addLine(build, now, body, truncated, origin, b.base+int64(b.at))
		}
		b.at += size
	}
	at := positionAfter(b.base+int64(b.at), b.buf[:b.at])
	if b.at == b.end {
		b.owner = nil
		if b.eof {
			one.eof, one.due = b.stamp, false
		}
	}
	return t.depart(one, at)
}

func addLine(build *event.Builder, now time.Time, body []byte, truncated bool, origin event.Origin, offset int64) {
	build.Log(now, body)
	build.Origin(origin, offset)
	if truncated {
		build.Bool("truncated", true)
	}
}

// depart makes a flight of the events in scratch, which end at a position.
// Without any event the position alone moves on.
func (t *tailer) depart(one *tail, at position) *flight {
	if t.scratch.Len() == 0 {
		one.advance(at)
		t.unsaved = true
		return nil
	}
	// A batch of its own with exactly the memory it needs: those behind keep
	// it for as long as they like.
	f := &flight{tail: one, generation: one.generation, batch: t.scratch.Clone(), end: at}
	f.size = f.batch.Size()
	t.scratch.Reset()
	t.inFlight += f.size
	one.before, one.read = one.read, at
	one.scanned = 0
	one.pending = append(one.pending, f)
	return f
}

// readLong looks for the end of a line that is longer than a block.
func (t *tailer) readLong(one *tail, info fs.FileInfo) *flight {
	from := one.read.offset
	if one.scanned > from && one.scanned <= info.Size() {
		from = one.scanned
	}
	for range scanBlocks {
		n, err := one.file.ReadAt(t.block.buf, from)
		if err != nil && !errors.Is(err, io.EOF) {
			return t.unreadable(one, err)
		}
		if end := bytes.IndexByte(t.block.buf[:n], '\n'); end >= 0 {
			at := from + int64(end)
			one.lastData, one.quietLook = time.Now(), 0
			return t.readLine(one, at, at+1)
		}
		from += int64(n)
		one.scanned = from
		if n < len(t.block.buf) {
			return t.pause(one, info)
		}
	}
	return nil // it stays due
}

// readLine sends the one line from read up to end; the next begins at next.
func (t *tailer) readLine(one *tail, end, next int64) *flight {
	lead := anchorLen(one.read.offset)
	length := int(end - one.read.offset)
	raw := make([]byte, lead+min(length, t.block.max+1))
	n, err := one.file.ReadAt(raw, one.read.offset-int64(lead))
	if err != nil && !errors.Is(err, io.EOF) {
		return t.unreadable(one, err)
	}
	if n < len(raw) || !one.read.matches(raw[:lead]) {
		t.replaced(one)
		return nil
	}
	at, err := positionAt(one.file, next)
	if err != nil {
		return t.unreadable(one, err)
	}
	body, truncated := cutLine(raw[lead:], length, t.block.max)
	if len(body) > 0 {
		addLine(event.NewBuilder(&t.scratch), t.env.Now(), body, truncated,
			event.Origin{Source: t.addr, Path: one.name}, one.read.offset)
	}
	return t.depart(one, at)
}

// pause notes that a file was read to its end, but for a last line that has
// no end yet. When the file is over, that line is sent as it is.
func (t *tailer) pause(one *tail, info fs.FileInfo) *flight {
	one.due = false
	if stampOf(info) != one.eof {
		one.eof = stampOf(info)
		one.lastData, one.quietLook = time.Now(), 0
		return nil
	}
	one.quietLook++
	over := !one.present || one.succeeded
	if !over || one.quietLook < 2 || time.Since(one.lastData) < settleTime {
		return nil
	}
	if info.Size() > one.read.offset {
		return t.readLine(one, info.Size(), info.Size())
	}
	if !one.present && len(one.pending) == 0 {
		t.finish(one, info)
	}
	return nil
}
