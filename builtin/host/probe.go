package host

import (
	"context"
	"time"
)

// maxProbes bounds how many mount points are asked at the same time. One that
// never answers holds on to a thread, and no context can free it.
const maxProbes = 64

// usage is what a file system says of itself: bytes and numbers of files.
type usage struct {
	size, free, avail float64
	files, filesFree  float64
}

// probe asks one mount point. While it is busy its answer belongs to the
// goroutine that asks.
type probe struct {
	path     string
	busy     bool   // asked, and no answer received yet
	asked    uint64 // the round in which it was asked last
	answered uint64 // the round in which an answer was received last
	used     uint64 // the round in which the table of mounts named it last
	reported bool   // a log line has said that it doesn't answer
	usage    usage
	err      error
}

// prober asks mount points without ever waiting for one of them longer than
// the timeout. All methods are called by one goroutine at a time.
type prober struct {
	statfs  func(path string, u *usage) error
	timeout time.Duration
	probes  map[string]*probe
	answers chan *probe // has room for all that are outstanding, so that nobody waits to send
	pending int         // asked, of this round and those before, and not received
}

func newProber(statfs func(string, *usage) error, timeout time.Duration) *prober {
	return &prober{statfs: statfs, timeout: timeout, probes: map[string]*probe{}, answers: make(chan *probe, maxProbes)}
}

// probe returns the one probe of a path. It outlives the mount for as long as
// it is busy: a mount point is never asked twice at the same time.
func (p *prober) probe(path string, round uint64) *probe {
	one := p.probes[path]
	if one == nil {
		one = &probe{path: path}
		p.probes[path] = one
	}
	one.used = round
	return one
}

// forget drops the probes that no mount used since round.
func (p *prober) forget(round uint64) {
	for path, one := range p.probes {
		if one.used < round && !one.busy {
			delete(p.probes, path)
		}
	}
}

// ask asks all mounts that are not still busy. It returns when each of those
// has answered, when the timeout is over or when ctx ends. A probe has an
// answer of this round if its answered is the round's number.
func (p *prober) ask(ctx context.Context, r *round, mounts []mount) {
	p.settle()
	timeout := time.NewTimer(p.timeout)
	defer timeout.Stop()
	waiting := 0
	for {
		for len(mounts) > 0 && p.pending < maxProbes {
			waiting += p.start(mounts[0].probe, r.n)
			mounts = mounts[1:]
		}
		if waiting == 0 {
			return
		}
		select {
		case one := <-p.answers:
			p.receive(one, r.n)
			if one.asked == r.n {
				waiting--
			}
		case <-timeout.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// settle receives the answers that came between two rounds. They may be old:
// those mounts are simply asked again.
func (p *prober) settle() {
	for {
		select {
		case one := <-p.answers:
			p.receive(one, 0)
		default:
			return
		}
	}
}

func (p *prober) receive(one *probe, round uint64) {
	p.pending--
	one.busy = false
	one.answered = round
}

// start returns the number of probes that it started.
func (p *prober) start(one *probe, round uint64) int {
	if one.busy || one.asked == round || one.answered == round {
		return 0
	}
	one.busy, one.asked = true, round
	p.pending++
	go p.run(one)
	return 1
}

func (p *prober) run(one *probe) {
	one.err = p.statfs(one.path, &one.usage)
	p.answers <- one
}
