package logs

import (
	"context"
	"errors"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

const (
	fastPoll = 100 * time.Millisecond // while something happens
	slowPoll = time.Second            // while nothing does

	// wakeDelay collects the hints of a busy directory into one look.
	wakeDelay = 50 * time.Millisecond
	// saveShare is the part of the time that saving positions may take, as a
	// divisor. The more often they are saved, the less is read twice after a
	// crash.
	saveShare = 20
	// settleTime is how long the end of a file must stay as it is before a
	// file that went away counts as finished, and a copy as complete.
	settleTime = 5 * time.Second
	retryDelay = time.Second
	// farewell is how long the end of a run waits for acknowledgements.
	farewell = 2 * time.Second

	maxInFlight = 16 << 20 // bytes that were read but not acknowledged
	maxOpen     = 256      // files
)

var errMoved = errors.New("another file took its place")

// tailer follows all files of one source. One goroutine owns all of its
// state; a second one only hands batches over, so that files that are about
// to go away are found and opened while those behind are busy.
type tailer struct {
	config fileConfig
	addr   string
	env    plugin.Env
	log    hclog.Logger
	globs  globs

	tails   []*tail // oldest first
	byInode map[inode]*tail
	byPath  map[string]*tail // those that the last scan found
	turn    int              // the next of tails to visit
	block   block
	scratch event.Batch
	out     *flight // read, and waiting to be handed over
	more    bool    // a file had more to read in this round

	begun    bool            // the first scan is over
	patterns map[string]bool // for which positions were saved before
	problems map[string]string
	dirs     []string // that were looked into

	inFlight int
	outcomes *outcomes
	handover chan *flight
	ready    chan struct{} // closed: always ready

	interval time.Duration
	scanCost time.Duration
	active   bool // something happened since the last poll
	unsaved  bool
	savedAt  time.Time
	saveCost time.Duration // of the last save
}

func newTailer(config fileConfig, globs globs, addr string, env plugin.Env) *tailer {
	ready := make(chan struct{})
	close(ready)
	return &tailer{
		ready:    ready,
		config:   config,
		addr:     addr,
		env:      env,
		log:      env.Log,
		globs:    globs,
		byInode:  map[inode]*tail{},
		byPath:   map[string]*tail{},
		patterns: map[string]bool{},
		problems: map[string]string{},
		block:    block{buf: make([]byte, anchorSize+blockSize), max: int(config.MaxLine)},
		outcomes: newOutcomes(),
		handover: make(chan *flight),
		interval: fastPoll,
	}
}

// run follows the files until ctx ends. Hints only make it look sooner.
func (t *tailer) run(ctx context.Context, out plugin.Emitter, hints hints) error {
	if err := t.load(ctx); err != nil {
		return err
	}
	defer t.closeAll()
	t.begin(ctx)

	delivered := make(chan struct{})
	go func() {
		defer close(delivered)
		t.deliver(ctx, out)
	}()
	t.loop(ctx, hints)
	close(t.handover)
	<-delivered
	return t.end(context.WithoutCancel(ctx))
}

func (t *tailer) loop(ctx context.Context, hints hints) {
	poll := time.NewTimer(t.interval)
	defer poll.Stop()
	for ctx.Err() == nil {
		t.prepare()
		select {
		case <-ctx.Done():
		case t.outlet() <- t.out:
			t.out = nil
		case <-t.again():
		case <-t.outcomes.wake:
			t.settle()
			t.saveDue(ctx)
		case hint := <-hints.events():
			if t.concerns(hint) {
				t.pollSoon(poll)
			}
		case err := <-hints.errors():
			hints.fault(err)
		case <-poll.C:
			t.poll(ctx, hints)
			poll.Reset(t.interval)
		}
	}
}

// prepare reads the next batch if there is none yet and memory allows.
func (t *tailer) prepare() {
	if t.out != nil && t.out.generation != t.out.tail.generation {
		t.inFlight -= t.out.size // it will be read again
		t.out = nil
	}
	if t.out == nil && t.inFlight < maxInFlight {
		t.out = t.next()
	}
	if t.out != nil {
		t.active = true
	}
}

// outlet is where a batch that is ready goes, nil while there is none.
func (t *tailer) outlet() chan<- *flight {
	if t.out == nil {
		return nil
	}
	return t.handover
}

// again is ready when there is more to read before the next poll.
func (t *tailer) again() <-chan struct{} {
	if t.out != nil || !t.more || t.inFlight >= maxInFlight {
		return nil
	}
	return t.ready
}

// poll looks for all files and lets each have its turn.
func (t *tailer) poll(ctx context.Context, hints hints) {
	t.scan()
	hints.watch(t.dirs)
	t.turn, t.more = 0, true
	t.saveDue(ctx)
	t.interval = min(2*t.interval, slowPoll)
	if t.active {
		t.interval = t.affordable(fastPoll)
	}
	t.active = false
}

// affordable keeps the polls of a very large directory so far apart that
// they take no more than a twentieth of the time.
func (t *tailer) affordable(interval time.Duration) time.Duration {
	return min(max(interval, 20*t.scanCost), slowPoll)
}

// concerns reports whether a hint is about a file that is followed, or may be.
func (t *tailer) concerns(hint fsnotify.Event) bool {
	return t.byPath[hint.Name] != nil || !hint.Has(fsnotify.Write) && !hint.Has(fsnotify.Chmod)
}

// pollSoon brings the next poll forward after a hint.
func (t *tailer) pollSoon(poll *time.Timer) {
	if soon := t.affordable(wakeDelay); soon < t.interval {
		t.interval = soon
		poll.Reset(soon)
	}
}

// next returns the next batch, nil when a whole round brought none.
func (t *tailer) next() *flight {
	if f := t.pack(); f != nil {
		return f
	}
	if t.turn >= len(t.tails) {
		if !t.more {
			return nil
		}
		t.turn, t.more = 0, false
	}
	now := time.Now()
	for t.turn < len(t.tails) {
		one := t.tails[t.turn]
		t.turn++
		if !one.due || now.Before(one.retryAt) {
			continue
		}
		f := t.visit(one)
		t.more = t.more || one.due
		if f != nil {
			return f
		}
	}
	return nil
}

// deliver hands over batches until there are no more.
func (t *tailer) deliver(ctx context.Context, out plugin.Emitter) {
	for f := range t.handover {
		batch := f.batch
		f.batch = nil
		if err := out.Emit(ctx, batch, func(err error) { t.outcomes.add(f, err) }); err != nil {
			t.outcomes.add(f, err)
		}
	}
}

// begin takes stock. What is there at the first start and not to be read is
// saved at once, so that a restart doesn't skip what comes meanwhile.
func (t *tailer) begin(ctx context.Context) {
	t.scan()
	for _, one := range t.tails {
		if one.stage == fresh && one.start > 0 && t.opened(one) {
			t.skipTo(one)
		}
	}
	for _, pattern := range t.globs.patterns {
		t.unsaved = t.unsaved || !t.patterns[pattern]
		t.patterns[pattern] = true
	}
	t.begun, t.more = true, true
	if t.unsaved {
		_ = t.save(ctx)         // a failure is logged, and saving is tried again
		t.savedAt = time.Time{} // the first progress is saved at once
	}
}

// end waits a moment for acknowledgements and saves the last positions.
func (t *tailer) end(ctx context.Context) error {
	if t.out != nil {
		t.inFlight -= t.out.size
		t.out = nil
	}
	timeout := time.NewTimer(farewell)
	defer timeout.Stop()
	for t.inFlight > 0 {
		select {
		case <-t.outcomes.wake:
			t.settle()
			continue
		case <-timeout.C:
		}
		break
	}
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	if !t.unsaved {
		return nil
	}
	return t.save(ctx)
}

func (t *tailer) closeAll() {
	for _, one := range t.tails {
		one.close()
	}
}
