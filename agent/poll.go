package agent

import (
	"context"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
)

// poll reads a source and reports whether it says something new.
func (i *island) poll(ctx context.Context, graph *eval.Graph, n *eval.Node) bool {
	cfg, known := i.configOf(graph, n)
	if !known {
		return false
	}
	i.listen(n.Addr, cfg.Config)
	i.asked[n.Addr], i.polledAt[n.Addr] = cfg.Config, i.Now()
	v, err := i.read(ctx, n, cfg)
	if ctx.Err() != nil {
		return false
	}
	i.failed[n.Addr] = err != nil
	i.board.polled(n.Addr, err, i.due[n.Addr])
	if err != nil {
		i.Log.Named(n.Addr.String()).Error("the source could not be read", "error", err)
		return false
	}
	last, repeated := i.said[n.Addr]
	i.said[n.Addr] = v
	if i.learned.put(n.Addr, plan.Mark(n, v, cfg.Marks)) {
		i.requestSync()
	}
	return repeated && !last.RawEquals(v)
}

func (i *island) read(ctx context.Context, n *eval.Node, cfg eval.Evaluated) (cty.Value, error) {
	name := n.Addr.String()
	data, err := openAs[plugin.Data](ctx, i.Agent, n.Type.Ref, name, cfg)
	if err != nil {
		return cty.NilVal, err
	}
	var v cty.Value
	err = guard(i.Log.Named(name), func() error {
		var diags plugin.Diagnostics
		v, diags = data.Read(ctx)
		i.measure(ctx, n.Addr, data)
		return diags.Err()
	})
	return v, closing(err, data)
}

// polled returns what a source said at its last poll, so that the remote is not
// asked again for each task that refers to it. It is called by several
// goroutines of a run, while the island itself waits for that.
func (i *island) polled(a addr.Addr, cfg cty.Value) (cty.Value, bool) {
	v, ok := i.said[a]
	return v, ok && !i.failed[a] && i.asked[a].RawEquals(cfg)
}

// recheck has a source read at once whose arguments a run has changed.
func (i *island) recheck(graph *eval.Graph) {
	for _, a := range i.addrs {
		n, ok := graph.Node(a)
		if !ok || !isData(n) {
			continue
		}
		cfg, known := i.configOf(graph, n)
		if last, asked := i.asked[a]; known && !(asked && last.RawEquals(cfg.Config)) {
			i.due[a] = time.Time{}
		}
	}
}
