package agent

import (
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/agent/webhook"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
)

// pushPause is how long after one poll a push causes the next, at the earliest.
const pushPause = 5 * time.Second

// pushes are the sources of an island that are said to have moved.
type pushes struct {
	wake chan struct{}

	mu      sync.Mutex
	sources map[addr.Addr]bool
}

func newPushes() *pushes {
	return &pushes{wake: make(chan struct{}, 1), sources: make(map[addr.Addr]bool)}
}

// add notes that a source has moved. Many pushes that come before the island
// has the time to look are one.
func (p *pushes) add(a addr.Addr) {
	p.mu.Lock()
	p.sources[a] = true
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default: // it is awake already
	}
}

func (p *pushes) take() map[addr.Addr]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	taken := p.sources
	p.sources = make(map[addr.Addr]bool)
	return taken
}

// hurry makes the sources due that have moved.
func (i *island) hurry() {
	for a := range i.pushes.take() {
		soon := i.polledAt[a].Add(pushPause)
		if now := i.Now(); soon.Before(now) {
			soon = now
		}
		if soon.Before(i.due[a]) {
			i.due[a] = soon
		}
	}
}

// listen has a source take webhooks where it says so.
func (i *island) listen(a addr.Addr, cfg cty.Value) {
	c, ok := webhookOf(cfg)
	if !ok {
		i.webhooks.Remove(a.String())
		return
	}
	if err := i.webhooks.Set(a.String(), c, func() { i.pushes.add(a) }); err != nil {
		i.Log.Named(a.String()).Error("the source takes no webhooks", "error", err)
	}
}

// webhookOf reads the block webhook, which any source of values can have.
func webhookOf(cfg cty.Value) (webhook.Config, bool) {
	if !cfg.Type().HasAttribute("webhook") {
		return webhook.Config{}, false
	}
	v := cfg.GetAttr("webhook")
	if v.IsNull() || !v.IsWhollyKnown() || !v.Type().IsObjectType() {
		return webhook.Config{}, false
	}
	return webhook.Config{Provider: textOf(v, "provider"), Secret: textOf(v, "secret")}, true
}

func textOf(v cty.Value, name string) string {
	if !v.Type().HasAttribute(name) {
		return ""
	}
	attr := v.GetAttr(name)
	if attr.IsNull() || attr.Type() != cty.String {
		return ""
	}
	return attr.AsString()
}

// Webhook implements [api.Backend].
func (a *Agent) Webhook(source string, header http.Header, body io.Reader) (webhook.Outcome, error) {
	return a.webhooks.Receive(source, header, body)
}

// keepWebhooks forgets those of sources that are not in a graph.
func (a *Agent) keepWebhooks(graph *eval.Graph) {
	a.webhooks.Keep(func(source string) bool {
		return slices.ContainsFunc(graph.Order(), func(n *eval.Node) bool { return n.Addr.String() == source })
	})
}
