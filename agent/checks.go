package agent

import (
	"fmt"
	"slices"
	"sync"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/internal/suggest"
)

// checks are the tasks that someone wants checked before they are due, or some
// of their stacks. What is asked for while a check waits joins it, and what is
// asked for while one runs is one more: it may have looked already at what has
// changed since.
type checks struct {
	mu     sync.Mutex
	wanted map[addr.Addr][]string // the names of stacks; nil: all of the task
	asked  chan struct{}          // closed when another is wanted
}

func newChecks() *checks {
	return &checks{wanted: make(map[addr.Addr][]string), asked: make(chan struct{})}
}

// add wants a task checked, or only some of its stacks, and reports whether that
// was wanted already.
func (c *checks) add(a addr.Addr, stacks ...string) (joined bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, isWanted := c.wanted[a]
	if isWanted && (before == nil || len(stacks) > 0 && !slices.ContainsFunc(stacks, func(name string) bool { return !slices.Contains(before, name) })) {
		return true
	}
	c.wanted[a] = nil
	if len(stacks) > 0 {
		c.wanted[a] = slices.Compact(slices.Sorted(slices.Values(slices.Concat(before, stacks))))
	}
	close(c.asked)
	c.asked = make(chan struct{})
	return false
}

// among returns which of some tasks are wanted as a whole, those of which only
// stacks are, and a channel that is closed when any other is.
func (c *checks) among(addrs []addr.Addr) (whole, parts []addr.Addr, asked <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range addrs {
		stacks, isWanted := c.wanted[a]
		switch {
		case isWanted && stacks == nil:
			whole = append(whole, a)
		case isWanted:
			parts = append(parts, a)
		}
	}
	return whole, parts, c.asked
}

// begin is called when a run of tasks looks at them from now on. It returns how
// at those of them that somebody wants.
func (c *checks) begin(tasks []addr.Addr) map[addr.Addr]plan.Look {
	c.mu.Lock()
	defer c.mu.Unlock()
	looks := make(map[addr.Addr]plan.Look)
	for _, a := range tasks {
		if stacks, isWanted := c.wanted[a]; isWanted {
			looks[a] = plan.Look{Asked: true, Only: stacks}
		}
		delete(c.wanted, a)
	}
	return looks
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
func (a *Agent) Check(task string, stacks ...string) (api.CheckState, error) {
	address, err := a.checkable(task)
	if err == nil {
		err = a.haveStacks(task, stacks)
	}
	switch {
	case err != nil:
		return "", err
	case a.checks.add(address, stacks...):
		return api.CheckJoined, nil
	}
	return api.CheckStarted, nil
}

// haveStacks refuses stacks of which a task has said nothing yet.
func (a *Agent) haveStacks(task string, stacks []string) error {
	var known []string
	for _, s := range a.history.States() {
		if s.Task == task && s.Name != "" {
			known = append(known, s.Name)
		}
	}
	for _, stack := range stacks {
		if slices.Contains(known, stack) {
			continue
		}
		if near := suggest.Name(stack, known); near != "" {
			return fmt.Errorf("%w as %s of %s; did you mean %s?", api.ErrUnknownStack, stack, task, near)
		}
		return fmt.Errorf("%w as %s of %s; /v1/stacks lists them", api.ErrUnknownStack, stack, task)
	}
	return nil
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
// returns a channel that is closed when there may be more of them. Where only
// stacks are wanted, the others of the task are due when they were before. A run
// that has begun takes along what is asked for before it looks.
func (i *island) expedite() (asked <-chan struct{}) {
	whole, parts, asked := i.checks.among(i.idle())
	now := i.Now()
	for _, a := range whole {
		i.bring(a, now)
	}
	for _, a := range parts {
		noteFirst(i.parts, a, now)
	}
	return asked
}
