package agent

import (
	"fmt"
	"slices"
	"sync"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/suggest"
)

// checks are the tasks that someone wants checked before they are due. What is
// asked for while a check waits joins it, and what is asked for while one runs
// is one more: it may have looked already at what has changed since.
type checks struct {
	mu     sync.Mutex
	wanted map[addr.Addr]bool
	asked  chan struct{} // closed when another is wanted
}

func newChecks() *checks {
	return &checks{wanted: make(map[addr.Addr]bool), asked: make(chan struct{})}
}

// add wants a task checked, and reports whether it already was.
func (c *checks) add(a addr.Addr) (joined bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wanted[a] {
		return true
	}
	c.wanted[a] = true
	close(c.asked)
	c.asked = make(chan struct{})
	return false
}

// among returns which of some tasks are wanted, and a channel that is closed
// when any other is.
func (c *checks) among(addrs []addr.Addr) ([]addr.Addr, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(addrs), func(a addr.Addr) bool { return !c.wanted[a] }), c.asked
}

// begin is called when a run of tasks looks at them from now on. It returns
// those of them that somebody wants.
func (c *checks) begin(tasks []addr.Addr) (asked []addr.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range tasks {
		if c.wanted[a] {
			asked = append(asked, a)
		}
		delete(c.wanted, a)
	}
	return asked
}

// keep forgets the tasks that can't be checked any more.
func (c *checks) keep(graph *eval.Graph) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for a := range c.wanted {
		if n, ok := graph.Node(a); !ok || n.Meta.Enforcement == eval.Off {
			delete(c.wanted, a)
		}
	}
}

// Check implements [api.Backend].
func (a *Agent) Check(task string) (api.CheckState, error) {
	address, err := a.checkable(task)
	switch {
	case err != nil:
		return "", err
	case a.checks.add(address):
		return api.CheckJoined, nil
	}
	return api.CheckStarted, nil
}

// checkable returns the address of a task that can be checked, or why it can't.
func (a *Agent) checkable(task string) (addr.Addr, error) {
	graph := a.graph.Load()
	if graph == nil {
		return addr.Addr{}, api.ErrStarting
	}
	var names []string
	for _, n := range graph.Order() {
		name := n.Addr.String()
		switch {
		case n.Addr.Kind != addr.Task:
		case name != task:
			names = append(names, name)
		case n.Meta.Enforcement == eval.Off:
			return addr.Addr{}, fmt.Errorf("%w: the enforcement of %s is \"off\"", api.ErrTaskOff, task)
		default:
			return n.Addr, nil
		}
	}
	if near := suggest.Name(task, names); near != "" {
		return addr.Addr{}, fmt.Errorf("%w as %s; did you mean %s?", api.ErrUnknownTask, task, near)
	}
	return addr.Addr{}, fmt.Errorf("%w as %s; /v1/status lists them", api.ErrUnknownTask, task)
}

// expedite makes the tasks of the island due that someone wants checked, and
// returns a channel that is closed when there may be more of them.
func (i *island) expedite() <-chan struct{} {
	wanted, asked := i.checks.among(i.addrs)
	now := i.Now()
	for _, a := range wanted {
		i.bring(a, now)
	}
	return asked
}
