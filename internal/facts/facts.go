// Package facts learns what a host is: its system, hardware, network,
// packages, and what its owner says of it. Facts come in groups, and a group is
// gathered only when it is asked for.
//
//	host := facts.New(facts.Options{CustomDir: "/etc/driftless/facts.d", Now: time.Now, Log: log})
//	value, err := host.Gather(ctx, "os") // an object of the type host.Type("os")
//
// On Linux facts are read from files of the kernel and of the system. Nothing
// is run but the programs in the directory of custom facts, and nothing is
// asked over a network.
package facts

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/gocty"

	"github.com/driftless-hq/driftless/plugin/schema"
)

// Options says where facts are looked for. Now and Log are needed to gather,
// not to ask for types and documentation.
type Options struct {
	Root string // the host's file system; empty: "/"
	Proc string // its procfs; empty: "proc" below Root
	Sys  string // its sysfs; empty: "sys" below Root

	CustomDir string // the directory of custom facts; empty: there are none

	Now func() time.Time
	Log hclog.Logger // learns why a fact is absent
}

// Facts is what is known of one host. Its methods may be called from several
// goroutines.
type Facts struct {
	files
	custom string
	now    func() time.Time
	calls  calls
	spaces *prober
	groups map[string]group

	mu    sync.Mutex
	cells map[string]*cell
}

// cell keeps the value of one group.
type cell struct {
	turn     chan struct{} // holds one element while someone gathers
	gathered bool
	value    cty.Value
}

// New makes the facts of a host. It touches nothing.
func New(o Options) *Facts {
	if o.Root == "" {
		o.Root = "/"
	}
	if o.Proc == "" {
		o.Proc = filepath.Join(o.Root, "proc")
	}
	if o.Sys == "" {
		o.Sys = filepath.Join(o.Root, "sys")
	}
	if o.Log == nil {
		o.Log = hclog.NewNullLogger()
	}
	f := &Facts{
		files:  files{root: o.Root, proc: o.Proc, sys: o.Sys, log: o.Log},
		custom: o.CustomDir,
		now:    o.Now,
		calls:  systemCalls(),
		groups: map[string]group{},
		cells:  map[string]*cell{},
	}
	f.spaces = newProber(f.calls.statfs)
	for _, g := range groups() {
		f.groups[g.Name] = g
	}
	return f
}

// Names returns the sorted names of the groups: the attributes of fact.
func (f *Facts) Names() []string { return slices.Sorted(maps.Keys(f.groups)) }

// Type returns the type of a group's value, which is the same on every host.
// That of the custom facts is [cty.DynamicPseudoType]: only gathering tells.
func (f *Facts) Type(name string) (cty.Type, bool) {
	g, ok := f.groups[name]
	return g.valueType(), ok
}

// Doc returns what a group holds. A group that nests as a map has the
// attributes in each element, and its label says what the keys are.
func (f *Facts) Doc(name string) (schema.Nested, bool) {
	g, ok := f.groups[name]
	return g.Nested, ok
}

// Static reports whether an attribute of a group stays as it is for as long as
// the process runs, so that the shape of a configuration may depend on it.
func (f *Facts) Static(name, attribute string) bool {
	g := f.groups[name]
	_, ok := g.Attribute(attribute)
	return ok && g.static && !slices.Contains(g.varies, attribute)
}

// Gather returns the value of a group, gathered by the first who asks for it.
// A fact that the host doesn't have, or doesn't show to this user, is null. An
// error says that there is no such group, or that ctx ended first.
func (f *Facts) Gather(ctx context.Context, name string) (cty.Value, error) {
	g, ok := f.groups[name]
	if !ok {
		return cty.NilVal, fmt.Errorf("there is no group of facts %q: the groups are %s", name, strings.Join(f.Names(), ", "))
	}
	c := f.cell(name)
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return cty.NilVal, fmt.Errorf("wait for the facts of fact.%s: %w", name, context.Cause(ctx))
	}
	if c.gathered {
		return c.value, nil
	}
	value, err := gocty.ToCtyValue(g.gather(ctx, f), g.valueType())
	if ctx.Err() != nil {
		return cty.NilVal, fmt.Errorf("gather the facts of fact.%s: %w", name, context.Cause(ctx))
	}
	if err != nil {
		return cty.NilVal, fmt.Errorf("gather the facts of fact.%s: %w", name, err)
	}
	c.gathered, c.value = true, value
	return value, nil
}

// Refresh forgets all groups that may have changed since they were gathered.
func (f *Facts) Refresh() {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.DeleteFunc(f.cells, func(name string, _ *cell) bool {
		g := f.groups[name]
		return !g.static || len(g.varies) > 0
	})
}

func (f *Facts) cell(name string) *cell {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.cells[name]
	if !ok {
		c = &cell{turn: make(chan struct{}, 1)}
		f.cells[name] = c
	}
	return c
}
