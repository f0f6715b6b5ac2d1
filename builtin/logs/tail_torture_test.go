package logs

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/driftless-hq/driftless/plugin/event"
)

// writer appends numbered lines to app.log and rotates it now and then, as a
// program together with logrotate would. Some lines come in two halves.
type writer struct {
	r      *rig
	rand   *rand.Rand
	rotate func(w *writer)
	every  int // lines between two rotations
	total  int
	file   *os.File
}

const (
	writerRate  = 4000            // lines a second
	writerGrace = 6 * time.Second // before content is destroyed without a copy
	keptFiles   = 4
)

func (w *writer) run() {
	w.reopen()
	defer func() { w.r.must(w.file.Close()) }()
	var line []byte
	for i := range w.total {
		line = fmt.Appendf(line[:0], "ridx%08d payload-%08d-end %s\n", i, i, strings.Repeat("x", w.rand.IntN(120)))
		if i%1003 == 17 {
			half := 1 + w.rand.IntN(len(line)-1)
			w.put(line[:half])
			time.Sleep(time.Duration(w.rand.IntN(400)) * time.Millisecond)
			w.put(line[half:])
		} else {
			w.put(line)
		}
		if i%(writerRate/50) == 0 {
			time.Sleep(time.Second / 50)
		}
		if i > 0 && i%w.every == 0 {
			w.rotate(w)
		}
	}
}

func (w *writer) put(p []byte) {
	_, err := w.file.Write(p)
	w.r.must(err)
}

func (w *writer) reopen() {
	file, err := os.OpenFile(w.r.path("app.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	w.r.must(err)
	if w.file != nil {
		w.r.must(w.file.Close())
	}
	w.file = file
}

// shift makes room for app.log.1.
func (w *writer) shift(ending string) {
	for i := keptFiles; i >= 1; i-- {
		from := w.r.path(fmt.Sprintf("app.log.%d%s", i, ending))
		if _, err := os.Stat(from); err != nil {
			continue
		}
		if i == keptFiles {
			w.r.must(os.Remove(from))
		} else {
			w.r.must(os.Rename(from, w.r.path(fmt.Sprintf("app.log.%d%s", i+1, ending))))
		}
	}
}

func rotateByRename(w *writer) {
	w.shift("")
	w.r.rename("app.log", "app.log.1")
	w.reopen()
}

func rotateByGzip(w *writer) {
	w.shift(".gz")
	w.r.rename("app.log", "app.log.1")
	w.reopen()
	time.Sleep(writerGrace)
	content, err := os.ReadFile(w.r.path("app.log.1"))
	w.r.must(err)
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, err = zip.Write(content)
	w.r.must(err)
	w.r.must(zip.Close())
	w.r.must(os.WriteFile(w.r.path("app.log.1.gz"), packed.Bytes(), 0o644))
	w.r.remove("app.log.1")
}

func rotateByCopy(w *writer) {
	w.shift("")
	w.r.copy("app.log", "app.log.1")
	w.r.truncate("app.log")
}

// rotateBySlowCopy lets a tailer see the copy while it grows.
func rotateBySlowCopy(w *writer) {
	w.shift("")
	from, err := os.Open(w.r.path("app.log"))
	w.r.must(err)
	defer from.Close()
	to, err := os.Create(w.r.path("app.log.1"))
	w.r.must(err)
	for err == nil {
		_, err = io.CopyN(to, from, 64<<10)
		time.Sleep(70 * time.Millisecond)
	}
	if err != io.EOF {
		w.r.must(err)
	}
	w.r.must(to.Close())
	w.r.truncate("app.log")
}

func rotateByTruncation(w *writer) {
	time.Sleep(writerGrace)
	w.r.truncate("app.log")
}

// rotateByRegrowth leaves a file that is longer than before at once.
func rotateByRegrowth(w *writer) {
	time.Sleep(writerGrace)
	w.every += w.every / 5
	w.r.truncate("app.log")
}

func rotateByRecreation(w *writer) {
	time.Sleep(writerGrace)
	w.r.must(w.file.Close())
	w.file = nil
	w.r.remove("app.log")
	w.reopen()
}

func keepOne(w *writer) {
	time.Sleep(writerGrace)
	w.r.must(os.RemoveAll(w.r.path("app.log.1")))
	w.r.rename("app.log", "app.log.1")
	w.reopen()
}

var rotations = map[string]func(*writer){
	"rename":             rotateByRename,
	"rename gzip delete": rotateByGzip,
	"copytruncate":       rotateByCopy,
	"slow copytruncate":  rotateBySlowCopy,
	"truncate":           rotateByTruncation,
	"truncate regrow":    rotateByRegrowth,
	"delete recreate":    rotateByRecreation,
	"rename keeping one": keepOne,
}

func TestEveryLineComesOnceHoweverFilesAreRotated(t *testing.T) {
	for name, rotate := range rotations {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, "app.log*")
				r.sink.delay = 150 * time.Millisecond
				r.start()
				w := &writer{r: r, rand: rand.New(rand.NewPCG(1, 2)), rotate: rotate, every: 3000, total: 20000}
				w.run()
				r.pass(3 * settleTime)
				r.must(r.stop())
				lost, again := tally(t, r.sink, w.total)
				if lost != 0 || again != 0 {
					t.Errorf("%d lines were lost and %d came twice", lost, again)
				}
			})
		})
	}
}

func TestNoLineIsLostWhenTheAgentIsKilled(t *testing.T) {
	for name, rotate := range rotations {
		for seed := range uint64(3) {
			t.Run(fmt.Sprintf("%s, seed %d", name, seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { tortureWithKills(t, rotate, seed) })
			})
		}
	}
}

func tortureWithKills(t *testing.T, rotate func(*writer), seed uint64) {
	r := newRig(t, "app.log*")
	random := rand.New(rand.NewPCG(seed, 9))
	r.sink.delay = 600 * time.Millisecond
	r.sink.answer = func(context.Context, *event.Batch) error {
		time.Sleep(20 * time.Millisecond) // 25 000 lines a second
		return nil
	}
	// What can come twice is what this life stored and had not saved, and the
	// batch that was just being acknowledged when it last saved.
	var saved atomic.Int64
	r.store.onSave = func() {
		_, acked := r.sink.counts()
		saved.Store(int64(acked))
	}
	allowed := 0
	r.start()
	w := &writer{r: r, rand: rand.New(rand.NewPCG(seed, 11)), rotate: rotate, every: 3000, total: 30000}
	written := make(chan struct{})
	go func() {
		defer close(written)
		w.run()
	}()
	before := 0
	for range 12 {
		time.Sleep(time.Duration(200+random.IntN(3000)) * time.Millisecond)
		stored, _ := r.sink.counts()
		allowed += stored - max(int(saved.Load()), before) + maxEvents
		r.kill()
		time.Sleep(time.Duration(random.IntN(1000)) * time.Millisecond)
		before, _ = r.sink.counts()
		saved.Store(int64(before))
		r.start()
	}
	<-written
	r.pass(3 * settleTime)
	r.must(r.stop())
	lost, again := tally(t, r.sink, w.total)
	if lost != 0 || again > allowed {
		t.Errorf("%d lines were lost and %d came twice, where %d could", lost, again, allowed)
	}
	t.Logf("%d lines came twice, where %d could", again, allowed)
}

// tally counts the lines that never came and those that came again.
func tally(t *testing.T, sink *recorder, total int) (lost, again int) {
	t.Helper()
	seen := make([]int, total)
	for _, body := range sink.bodies() {
		var first, second int
		if _, err := fmt.Sscanf(body, "ridx%d payload-%d-end", &first, &second); err != nil || first != second || first >= total {
			t.Fatalf("a line is corrupt: %q", body)
		}
		seen[first]++
	}
	for _, count := range seen {
		if count == 0 {
			lost++
		} else {
			again += count - 1
		}
	}
	return lost, again
}
