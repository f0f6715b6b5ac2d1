package logs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
)

// maxEntryText bounds a message and each of its values, in bytes.
const maxEntryText = 16 << 10

// Tap keeps the last entries of the agent's own log for those who want to
// read along. It is registered with the agent's logger:
//
//	tap := logs.NewTap(1024, time.Now)
//	logger.RegisterSink(tap)
//
// Writing to it never blocks. Who reads too slowly misses the oldest entries,
// and learns how many.
type Tap struct {
	now func() time.Time

	mu      sync.Mutex
	entries []entry       // a ring
	count   uint64        // entries ever written; the last is entries[(count-1) % len]
	written chan struct{} // closed at the next entry
}

var _ hclog.SinkAdapter = (*Tap)(nil)

// entry is one line of the agent's log.
type entry struct {
	time    time.Time
	level   hclog.Level
	logger  string
	message string
	pairs   []pair
}

type pair struct {
	name  string
	value any // bool, int64, float64 or string
}

// NewTap returns a tap that keeps so many entries, at least one.
func NewTap(entries int, now func() time.Time) *Tap {
	return &Tap{
		now:     now,
		entries: make([]entry, max(entries, 1)),
		written: make(chan struct{}),
	}
}

// Accept implements [hclog.SinkAdapter].
func (t *Tap) Accept(name string, level hclog.Level, message string, args ...any) {
	e := entry{time: t.now(), level: level, logger: name, message: clip(message), pairs: pairsOf(args)}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.entries[t.count%uint64(len(t.entries))] = e
	t.count++
	close(t.written)
	t.written = make(chan struct{})
}

// after returns entries from number next on, at most maxEvents, the number
// after them, and how many were gone before. It waits until there is one or
// ctx ends.
func (t *Tap) after(ctx context.Context, next uint64) (entries []entry, end, missed uint64) {
	for {
		t.mu.Lock()
		if t.count > next {
			break
		}
		written := t.written
		t.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, next, 0
		case <-written:
		}
	}
	defer t.mu.Unlock()
	size := uint64(len(t.entries))
	if t.count-next > size {
		missed = t.count - next - size
		next += missed
	}
	for ; next < t.count && len(entries) < maxEvents; next++ {
		entries = append(entries, t.entries[next%size])
	}
	return entries, next, missed
}

// pairsOf turns the arguments of a log call into names and plain values. They
// are turned into text at once: what they point to may change later.
func pairsOf(args []any) []pair {
	pairs := make([]pair, 0, (len(args)+1)/2)
	for len(args) >= 2 {
		pairs = append(pairs, pair{clip(fmt.Sprint(args[0])), plain(args[1])})
		args = args[2:]
	}
	if len(args) == 1 {
		pairs = append(pairs, pair{hclog.MissingKey, plain(args[0])})
	}
	return pairs
}

func plain(value any) any {
	switch v := value.(type) {
	case bool:
		return v
	case int:
		return int64(v)
	case int64:
		return v
	case int32:
		return int64(v)
	case uint32:
		return int64(v)
	case float64:
		return v
	case hclog.Format:
		return clip(formatted(v))
	default:
		return clip(fmt.Sprint(v)) // which calls Error or String, and survives their panics
	}
}

func formatted(f hclog.Format) string {
	if len(f) == 0 {
		return ""
	}
	layout, ok := f[0].(string)
	if !ok {
		return fmt.Sprint(f...)
	}
	return fmt.Sprintf(layout, f[1:]...)
}

func clip(text string) string { return text[:min(len(text), maxEntryText)] }
