package plan

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/overlay"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Opener opens instances of types; the catalog is one.
type Opener interface {
	Open(ctx context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics)
}

// Options are what a session works with.
type Options struct {
	DataDir  string      // private directories of the instances are made below it
	Parallel int         // how many units are planned or applied at once
	Targets  []addr.Addr // tasks, with what they depend on; none is all
	Log      hclog.Logger
	Now      func() time.Time
	Observer Observer
}

// Session plans and applies one graph, once. Its methods are to be called one
// after the other.
type Session struct {
	graph  *eval.Graph
	opener Opener
	Options

	units  *units
	host   *overlay.Overlay
	values *eval.ValueMap

	mu     sync.Mutex // guards what follows
	opened map[addr.Addr]opened
	steps  map[addr.Addr]*Step
	diags  hcl.Diagnostics
}

// opened is an instance and the configuration that it was opened with.
type opened struct {
	instance plugin.Instance
	config   cty.Value
}

// NewSession returns a session that has done nothing yet.
func NewSession(g *eval.Graph, opener Opener, o Options) *Session {
	return &Session{
		graph:   g,
		opener:  opener,
		Options: o,
		host:    overlay.New(overlay.Options{}),
		values:  eval.NewValues(),
		opened:  make(map[addr.Addr]opened),
		steps:   make(map[addr.Addr]*Step),
	}
}

// Close closes the instances.
func (s *Session) Close(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for a, o := range s.opened {
		errs = append(errs, o.instance.Close(ctx))
		delete(s.opened, a)
	}
	return errors.Join(errs...)
}

// report keeps diagnostics for the end and says whether there is an error.
func (s *Session) report(diags hcl.Diagnostics) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.diags = append(s.diags, diags...)
	return diags.HasErrors()
}

func (s *Session) takeDiags() hcl.Diagnostics {
	s.mu.Lock()
	defer s.mu.Unlock()
	diags := s.diags
	s.diags = nil
	return diags
}

// open returns the instance of a node for a configuration, which is opened
// anew when the configuration isn't the one it was opened with.
func (s *Session) open(ctx context.Context, n *eval.Node, cfg cty.Value) (plugin.Instance, hcl.Diagnostics) {
	s.mu.Lock()
	old, exists := s.opened[n.Addr]
	s.mu.Unlock()
	if exists && sameInputs(n, old.config, cfg) {
		return old.instance, nil
	}
	if exists {
		if err := old.instance.Close(ctx); err != nil {
			s.Log.Warn("close an instance", "address", n.Addr.String(), "error", err)
		}
	}
	instance, diags := s.opener.Open(ctx, plugin.OpenRequest{
		Type:   n.Type.Ref,
		Addr:   n.Addr.String(),
		Config: cfg,
		Env: plugin.Env{
			Log: s.Log.Named(n.Addr.String()),
			Dir: InstanceDir(s.DataDir, n.Addr.String()),
			Now: s.Now,
		},
	})
	if diags.HasErrors() {
		return nil, s.graph.Locate(n, diags)
	}
	s.mu.Lock()
	s.opened[n.Addr] = opened{instance, cfg}
	s.mu.Unlock()
	return instance, s.graph.Locate(n, diags)
}

// sameInputs compares what two configurations of a node say. Expressions are
// compiled anew each time and are left out: what they name is an input too.
func sameInputs(n *eval.Node, a, b cty.Value) bool {
	for _, attr := range n.Type.Schema.Attributes {
		if !attr.Computed && !schema.IsExpr(attr.Type) && !a.GetAttr(attr.Name).RawEquals(b.GetAttr(attr.Name)) {
			return false
		}
	}
	for _, block := range n.Type.Schema.Blocks {
		if !a.GetAttr(block.Name).RawEquals(b.GetAttr(block.Name)) {
			return false
		}
	}
	return true
}

// InstanceDir is the private directory of an instance. An address becomes one
// path element that no other address becomes.
func InstanceDir(dataDir, address string) string {
	var name strings.Builder
	for _, r := range []byte(address) {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
			name.WriteByte(r)
		} else {
			fmt.Fprintf(&name, "%%%02x", r)
		}
	}
	return filepath.Join(dataDir, "instances", name.String())
}

// protect turns a panic of a provider into an error about the node.
func (s *Session) protect(n *eval.Node, doing string, call func() plugin.Diagnostics) (diags hcl.Diagnostics) {
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("a provider panicked", "address", n.Addr.String(), "panic", p, "stack", string(debug.Stack()))
			diags = s.graph.Locate(n, plugin.Error(nil, "Provider failed", "The provider of %s panicked while it %s: %v. This is a bug in the provider; the log has the stack.", n.Type.Ref, doing, p))
		}
	}()
	return s.graph.Locate(n, call())
}

// mark puts back the marks that the provider must not see. What the instance
// learns from a sensitive configuration is sensitive too.
func mark(n *eval.Node, v cty.Value, marks []cty.PathValueMarks) cty.Value {
	if len(marks) == 0 || v == cty.NilVal {
		return v
	}
	return v.MarkWithPaths(allMarks(n, marks))
}

func allMarks(n *eval.Node, marks []cty.PathValueMarks) []cty.PathValueMarks {
	if len(marks) == 0 {
		return nil
	}
	all := append([]cty.PathValueMarks(nil), marks...)
	for _, a := range n.Type.Schema.Attributes {
		if a.Computed {
			all = append(all, cty.PathValueMarks{Path: cty.GetAttrPath(a.Name), Marks: cty.NewValueMarks(lang.Sensitive)})
		}
	}
	return all
}

// CopyValues gives the values that the session has come to, to another driver.
func (s *Session) CopyValues(to *eval.ValueMap) {
	for _, id := range s.unitOrder() {
		for _, n := range s.units.byID[id].members {
			if v, ok := s.values.Value(n.Addr); ok {
				to.Put(n.Addr, v)
			}
		}
	}
}

func (s *Session) unitOrder() []addr.Addr {
	if s.units == nil {
		return nil
	}
	return s.units.order
}
