package logs

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/plugin"
)

func TestDamagedPositionsLoseNothing(t *testing.T) {
	damage := map[string]string{
		"no JSON at all":      "gone wrong",
		"a digest too short":  `{"files":[{"head_size":3,"head":"00"}]}`,
		"an impossible head":  `{"files":[{"head_size":4096,"head":"00112233445566778899aabbccddeeff","anchor":"00112233445566778899aabbccddeeff"}]}`,
		"a negative position": `{"files":[{"head_size":1,"offset":-1,"head":"00112233445566778899aabbccddeeff","anchor":"00112233445566778899aabbccddeeff"}]}`,
	}
	for name, text := range damage {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, "app.log")
				r.config.StartAt = "end"
				r.store.values[stateKey] = []byte(text)
				r.write("app.log", "one\n")
				r.start()
				r.pass(soon)
				r.must(r.stop())
				if got := r.sink.bodies(); !slices.Equal(got, []string{"one"}) {
					t.Errorf("got %q, want the one line", got)
				}
			})
		})
	}
}

func TestPositionsThatCannotBeLoadedEndTheRun(t *testing.T) {
	r := newRig(t, "app.log")
	r.store.broken = errors.New("the disk is on fire")
	err := r.tailer().run(t.Context(), r.sink, hints{})
	if !errors.Is(err, r.store.broken) {
		t.Errorf("the error is %v, want the one of the checkpoints", err)
	}
}

func TestPositionsAreSavedAsOftenAsATwentiethOfTheTimeAllows(t *testing.T) {
	for cost, most := range map[time.Duration]int{time.Millisecond: 102, 25 * time.Millisecond: 22} {
		t.Run(cost.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, "app.log")
				r.store.cost = cost
				r.start()
				for range 100 {
					r.append("app.log", "line\n")
					r.pass(100 * time.Millisecond)
				}
				r.must(r.stop())
				if r.store.saves < most-7 || r.store.saves > most {
					t.Errorf("positions were saved %d times in ten seconds", r.store.saves)
				}
			})
		})
	}
}

func TestPositionsHoldNoLogText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "app.log")
		r.write("app.log", "password=hunter2\n")
		r.start()
		r.pass(soon)
		r.must(r.stop())
		text := string(r.store.values[stateKey])
		if !strings.Contains(text, `"offset":17`) || strings.Contains(text, "hunter2") {
			t.Errorf("the saved positions are %s", text)
		}
	})
}

func TestTroubleIsLoggedOncePerChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "sub/*.log")
		log := new(syncBuffer)
		env := plugin.Env{Log: hclog.New(&hclog.LoggerOptions{Output: log}), Checkpoints: r.store, Now: time.Now}
		tailer := newTailer(r.config, globs{patterns: r.config.Paths}, "source.file.test", env)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- tailer.run(ctx, r.sink, hints{}) }()
		for range 2 {
			r.write("sub", "a file where a directory should be")
			r.pass(time.Minute)
			r.remove("sub")
			r.must(os.Mkdir(r.path("sub"), 0o755))
			r.write("sub/app.log", "one\n")
			r.pass(time.Minute)
			r.must(os.RemoveAll(r.path("sub")))
		}
		cancel()
		r.must(<-done)
		const trouble, better = "cannot read a file or directory", "can be read again"
		if strings.Count(log.String(), trouble) != 2 || strings.Count(log.String(), better) != 2 {
			t.Errorf("each of %q and %q should be logged twice:\n%s", trouble, better, log)
		}
		if got := r.sink.bodies(); !slices.Equal(got, []string{"one", "one"}) {
			t.Errorf("got %q, want a line of each of the two files", got)
		}
	})
}

// syncBuffer is a buffer that several goroutines may use.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func FuzzDecodeState(f *testing.F) {
	f.Add([]byte(`{"patterns":["/a"],"files":[{"name":"/a","head_size":1,"head":"00112233445566778899aabbccddeeff","offset":1,"anchor":"00112233445566778899aabbccddeeff"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := decodeState(text)
		if err != nil {
			return
		}
		for _, file := range s.Files {
			if file.HeadSize < 1 || file.HeadSize > headSize || file.Offset < 0 {
				t.Errorf("an impossible position was taken: %+v", file)
			}
		}
	})
}
