package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
)

// polled is what became of a read of a source.
type polled struct {
	known    bool // its arguments were, so it was read
	err      error
	lags     bool
	interval time.Duration // until the next
}

// neverDue is after how long a source is due that is being read: its end says so.
const neverDue = 100 * 365 * 24 * time.Hour

// beginPoll reads a source.
func (i *island) beginPoll(ctx context.Context, graph *eval.Graph, n *eval.Node, now time.Time) {
	i.reading[n.Addr], i.polledAt[n.Addr] = true, now
	i.due[n.Addr] = now.Add(neverDue) // a push may bring it forward
	i.spawn(ctx, func() func() {
		p := i.poll(ctx, graph, n)
		return func() { i.endPoll(graph, n.Addr, p) }
	})
}

// endPoll has the tasks run that depend on a source that says something new.
func (i *island) endPoll(graph *eval.Graph, source addr.Addr, p polled) {
	i.reading[source], i.lags[source] = false, p.lags
	i.noteRead(source)
	if at := i.polledAt[source].Add(jitter(p.interval)); at.Before(i.due[source]) {
		i.due[source] = at
	}
	if !p.known {
		return
	}
	i.board.polled(source, p.err, i.due[source])
	if p.err != nil {
		return
	}
	for _, l := range i.lanes {
		i.catchUp(graph, l)
	}
}

// noteRead notes that a source has been read. It doesn't where the source could
// not move and is to be read again, because a run has ended since.
func (i *island) noteRead(source addr.Addr) {
	if i.lags[source] && i.due[source].IsZero() {
		delete(i.readAt, source)
		return
	}
	i.readAt[source] = i.polledAt[source]
}

// poll reads a source, unless its arguments aren't known yet.
func (i *island) poll(ctx context.Context, graph *eval.Graph, n *eval.Node) polled {
	cfg, known := i.configOf(graph, n)
	p := polled{known: known, interval: pollInterval(cfg.Config)}
	if !known {
		return p
	}
	i.listen(n.Addr, cfg.Config)
	var v cty.Value
	v, p.lags, p.err = i.read(ctx, n, cfg)
	switch {
	case ctx.Err() != nil:
	case p.err != nil:
		i.readings.failed(n.Addr, cfg.Config)
		i.Log.Named(n.Addr.String()).Error("the source could not be read", "error", p.err)
	default:
		i.readings.succeeded(n.Addr, cfg.Config, v)
		if i.learned.put(n.Addr, plan.Mark(n, v, cfg.Marks)) {
			i.requestSync()
		}
	}
	return p
}

func (i *island) read(ctx context.Context, n *eval.Node, cfg eval.Evaluated) (v cty.Value, lags bool, err error) {
	name := n.Addr.String()
	data, err := openAs[plugin.Data](ctx, i.Agent, n.Type.Ref, name, cfg)
	if err != nil {
		return cty.NilVal, false, err
	}
	err = guard(i.Log.Named(name), func() error {
		var diags plugin.Diagnostics
		v, diags = data.Read(ctx)
		if l, ok := data.(plugin.Lagger); ok {
			lags = l.Lags()
		}
		i.measure(ctx, n.Addr, data)
		return diags.Err()
	})
	return v, lags, closing(err, data)
}

// hold keeps the checkouts as they are that some sources show: a run that began
// with a commit ends with it.
func (a *Agent) hold(ctx context.Context, used reads) (release func(), err error) {
	var held []func()
	release = func() {
		for _, r := range held {
			r()
		}
	}
	for source, last := range used {
		if last.said == cty.NilVal {
			continue
		}
		path := textOf(last.said, "path")
		if path == "" {
			continue
		}
		one, err := gitrepo.Hold(ctx, path)
		if err != nil {
			release()
			return nil, fmt.Errorf("keep the checkout of %s as it is, %s: %w", source, path, err)
		}
		held = append(held, one)
	}
	return release, nil
}

// outdated returns the sources whose arguments are not those any more that they
// were last read with.
func (i *island) outdated(graph *eval.Graph) []addr.Addr {
	var outdated []addr.Addr
	for _, a := range i.addrs {
		n, ok := graph.Node(a)
		if !ok || !isData(n) {
			continue
		}
		cfg, known := i.configOf(graph, n)
		if last, ok := i.readings.asked(a); known && !(ok && last.RawEquals(cfg.Config)) {
			outdated = append(outdated, a)
		}
	}
	return outdated
}
