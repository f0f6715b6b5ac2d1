package logs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/driftless-hq/driftless/plugin/event"
)

func TestBatchesThatAreNotDeliveredAreReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "app.log")
		refusals := 0
		r.sink.answer = func(context.Context, *event.Batch) error {
			if refusals < 7 {
				refusals++
				return errors.New("the other side is down")
			}
			return nil
		}
		r.write("app.log", numbered(0, 2000))
		r.start()
		r.pass(time.Minute)
		r.must(r.stop())
		wantOnceButForWhatWasUnderWay(t, r.sink.bodies())
	})
}

func TestBatchesThatAreNotTakenAreReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "app.log")
		out := &reluctant{recorder: r.sink}
		r.write("app.log", numbered(0, 2000))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- r.tailer().run(ctx, out, hints{}) }()
		r.pass(time.Minute)
		cancel()
		r.must(<-done)
		wantOnceButForWhatWasUnderWay(t, r.sink.bodies())
	})
}

// wantOnceButForWhatWasUnderWay checks that 2000 lines came. They are four
// batches: the three that may be on their way while one is refused can come
// twice.
func wantOnceButForWhatWasUnderWay(t *testing.T, got []string) {
	t.Helper()
	again := len(got)
	slices.Sort(got)
	got = slices.Compact(got)
	again -= len(got)
	if text := strings.Join(got, "\n") + "\n"; text != numbered(0, 2000) || again > 3*maxEvents {
		t.Errorf("%d of 2000 lines came, and %d came twice", len(got), again)
	}
}

func TestAFileCopiedAndTruncatedDuringAnOutageGoesOnInTheCopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "app.log*")
		var down atomic.Bool
		r.sink.answer = func(context.Context, *event.Batch) error {
			if down.Load() {
				return errors.New("the other side is down")
			}
			return nil
		}
		r.write("app.log", boilerplate+numbered(0, 10))
		r.start()
		r.pass(soon)
		down.Store(true)
		r.append("app.log", numbered(10, 20))
		// The tail waits to try again when its file is copied, and replaced
		// by more than it held.
		r.pass(200 * time.Millisecond)
		r.copy("app.log", "app.log.1")
		r.write("app.log", boilerplate+numbered(20, 60))
		r.pass(200 * time.Millisecond)
		down.Store(false)
		r.pass(settleTime)
		r.must(r.stop())
		got := slices.DeleteFunc(r.sink.bodies(), func(body string) bool { return strings.HasPrefix(body, "#") })
		slices.Sort(got)
		if text := strings.Join(got, "\n") + "\n"; text != numbered(0, 60) {
			t.Errorf("60 lines should have come once, got:\n%s", text)
		}
	})
}

// reluctant doesn't take the first batches.
type reluctant struct {
	*recorder
	asked int
}

func (r *reluctant) Emit(ctx context.Context, batch *event.Batch, ack func(error)) error {
	if r.asked++; r.asked < 4 {
		return errors.New("not now")
	}
	return r.recorder.Emit(ctx, batch, ack)
}

func TestFilesAreHeldWhileThoseBehindAreBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "app.log") // the rotated files are out of sight
		free := make(chan struct{})
		r.sink.answer = func(ctx context.Context, _ *event.Batch) error {
			select {
			case <-free:
			case <-ctx.Done():
			}
			return nil
		}
		r.start()
		for i := range 5 {
			r.write("app.log", fmt.Sprintf("of file %d\n", i))
			r.pass(10 * settleTime)
			r.remove("app.log")
		}
		r.pass(10 * settleTime)
		close(free)
		r.pass(10 * settleTime)
		r.must(r.stop())
		want := []string{"of file 0", "of file 1", "of file 2", "of file 3", "of file 4"}
		if got := r.sink.bodies(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if open := openFiles(t, r.dir); open != 0 {
			t.Errorf("%d deleted files are still open", open)
		}
	})
}

func TestMemoryIsBoundedWithoutAcknowledgements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "app.log")
		r.sink.silent = true
		line := strings.Repeat("x", 1023) + "\n"
		r.write("app.log", strings.Repeat(line, 2*maxInFlight/len(line)))
		r.start()
		r.pass(time.Minute)
		r.must(r.stop())
		const limit = (maxInFlight + 2*maxBytes) / 1024
		if stored, _ := r.sink.counts(); stored > limit || stored < limit/2 {
			t.Errorf("%d KiB were read without an acknowledgement, %d are allowed", stored, limit)
		}
	})
}

func TestABatchIsOfOneFileAndNotTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "*.log")
		r.write("short.log", strings.Repeat("short\n", 5000))
		r.write("long.log", strings.Repeat(strings.Repeat("long", 2000)+"\n", 500))
		r.sink.answer = func(_ context.Context, batch *event.Batch) error {
			first, _ := batch.Origin(0)
			for i := range batch.Len() {
				if origin, _ := batch.Origin(i); origin != first {
					t.Errorf("a batch holds lines of %s and %s", first.Path, origin.Path)
				}
			}
			if batch.Len() > maxEvents || batch.Size() > maxBytes+10000 {
				t.Errorf("a batch holds %d events in %d bytes", batch.Len(), batch.Size())
			}
			return nil
		}
		r.start()
		r.pass(soon)
		r.must(r.stop())
		if stored, _ := r.sink.counts(); stored != 5500 {
			t.Errorf("%d lines came, 5500 were written", stored)
		}
	})
}

func TestLongLinesAreCutOrKeptWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "app.log")
		whole, long := strings.Repeat("w", 700<<10), strings.Repeat("l", 3<<20)
		r.start()
		r.append("app.log", "first\n"+whole+"\r\n"+long[:2<<20])
		r.pass(soon)
		r.append("app.log", long[2<<20:]+"\nlast\n")
		r.pass(soon)
		r.must(r.stop())
		want := []received{
			{"app.log", "first", 0, false}, {"app.log", whole, 6, false},
			{"app.log", long[:1<<20], 6 + 700<<10 + 2, true}, {"app.log", "last", 6 + 700<<10 + 2 + 3<<20 + 1, false},
		}
		got := r.sink.all()
		if !slices.Equal(got, want) {
			for _, e := range got {
				t.Errorf("%s at %d: %d bytes, truncated %v", e.Path, e.Offset, len(e.Body), e.Truncated)
			}
		}
	})
}

func TestManyFilesAreReadWithFewOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "*.log")
		const files, rounds = maxOpen + 60, 3
		most := 0
		r.sink.answer = func(context.Context, *event.Batch) error {
			most = max(most, openFiles(t, r.dir))
			return nil
		}
		r.start()
		for round := range rounds {
			for i := range files {
				r.append(fmt.Sprintf("%03d.log", i), fmt.Sprintf("line %d of file %d\n", round, i))
			}
			r.pass(soon)
		}
		r.must(r.stop())
		got := r.sink.bodies()
		slices.Sort(got)
		if distinct := len(slices.Compact(slices.Clone(got))); len(got) != files*rounds || distinct != len(got) {
			t.Errorf("%d lines came, %d of them distinct; %d were written", len(got), distinct, files*rounds)
		}
		if most > maxOpen {
			t.Errorf("%d files were open at once, %d are allowed", most, maxOpen)
		}
	})
}

// openFiles counts the files below dir that this process holds open.
func openFiles(t *testing.T, dir string) int {
	t.Helper()
	const descriptors = "/proc/self/fd"
	entries, err := os.ReadDir(descriptors)
	if errors.Is(err, os.ErrNotExist) {
		return 0 // only Linux tells
	}
	if err != nil {
		t.Fatal(err)
	}
	open := 0
	for _, entry := range entries {
		// A descriptor may be closed by now, the one of this listing is.
		if path, err := os.Readlink(filepath.Join(descriptors, entry.Name())); err == nil && strings.HasPrefix(path, dir) {
			open++
		}
	}
	return open
}
