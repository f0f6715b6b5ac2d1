package plan

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
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
	"github.com/driftless-hq/driftless/internal/state"
	"github.com/driftless-hq/driftless/plugin"
)

// Opener opens instances of types; the catalog is one.
type Opener interface {
	Open(ctx context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics)
}

// Options are what a session works with.
type Options struct {
	DataDir  string    // private directories of the instances are made below it
	Parallel int       // how many units are planned or applied at once
	Part     Selection // of the configuration, that is planned
	Log      hclog.Logger
	Now      func() time.Time
	Planned  time.Time // when the plan is made, or was where it is made again
	Observer Observer
	// Records are what earlier runs have left; nil: nothing is known of them,
	// and nothing is kept.
	Records *state.Records
	// Redact hides the secrets that are known in a text; nil: there are none.
	Redact func(text string) string
	// Audit keeps an account of what is applied. It is called with all steps
	// before the first is applied, with one that is planned in between before
	// that is, and at the end with what became of them. What it fails to keep
	// is not applied. nil: no account is kept.
	Audit func(ctx context.Context, entries []AuditEntry) error
	// Key goes into the digests of an account.
	Key []byte
	// Approved returns the ids of what an operator has approved of that a task
	// would do, see [plugin.Env]; nil: nothing is.
	Approved func(a addr.Addr) []string
	// Looks say why tasks are looked at, where that isn't because they are due.
	Looks map[addr.Addr]Look
	// Sources returns the value of a source with a configuration where it was
	// read a moment ago; nil: the session reads each source itself. Several
	// goroutines call it.
	Sources func(a addr.Addr, cfg cty.Value) (cty.Value, bool)
}

// Look says why a task is looked at, and at how much of it; see [plugin.Env].
type Look struct {
	Asked bool
	Early bool
	Only  []string
}

// Session plans and applies one graph, once. Its methods are to be called one
// after the other, but for Stop, which can be called at any time.
type Session struct {
	graph  *eval.Graph
	opener Opener
	Options

	units  *units
	memory memory
	host   *overlay.Overlay // as the steps planned so far would leave it
	moment *lang.Moment
	values *eval.ValueMap

	mu        sync.Mutex // guards what follows
	instances map[addr.Addr]plugin.Instance
	steps     map[addr.Addr]*Step // by the unit's id
	outcomes  map[*unit]Outcome   // of the steps that are done
	unread    map[addr.Addr]bool  // sources that are read at their turn in apply
	unknown   map[string]bool     // paths of which only an apply can tell what will be there
	late      map[string]*unit    // who claims a path that the configuration alone doesn't tell
	diags     hcl.Diagnostics
	run       string             // names the apply in its account
	stopped   bool               // something was left out because the run was stopped
	halted    bool               // no further step is to begin
	halt      context.CancelFunc // ends the context in which steps begin; nil before Apply
}

// NewSession returns a session that has done nothing yet.
func NewSession(g *eval.Graph, opener Opener, o Options) *Session {
	moment := lang.NewMoment(o.Planned)
	return &Session{
		graph:     g,
		opener:    opener,
		Options:   o,
		host:      overlay.New(overlay.Options{}),
		moment:    moment,
		values:    eval.NewValuesAt(moment),
		instances: make(map[addr.Addr]plugin.Instance),
		steps:     make(map[addr.Addr]*Step),
		outcomes:  make(map[*unit]Outcome),
		unread:    make(map[addr.Addr]bool),
		unknown:   make(map[string]bool),
		late:      make(map[string]*unit),
	}
}

// Stop lets Apply begin no further step. Those that run go on to their end.
func (s *Session) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.halted = true
	if s.halt != nil {
		s.halt()
	}
}

// beginning returns a context that ends when no further step may begin.
func (s *Session) beginning(ctx context.Context) (context.Context, context.CancelFunc) {
	begin, cancel := context.WithCancel(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.halt = cancel
	if s.halted {
		cancel()
	}
	return begin, cancel
}

// Close closes the instances.
func (s *Session) Close(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for a, instance := range s.instances {
		if err := instance.Close(ctx); err != nil {
			errs = append(errs, fmt.Errorf("close %s: %w", a, err))
		}
		delete(s.instances, a)
	}
	return errors.Join(errs...)
}

// open opens an instance of a node and keeps it.
func (s *Session) open(ctx context.Context, m member) (plugin.Instance, hcl.Diagnostics) {
	a, look := m.node.Addr.String(), s.Looks[m.node.Addr]
	var instance plugin.Instance
	diags := s.call(ctx, m, "opened", func() (diags plugin.Diagnostics) {
		instance, diags = s.opener.Open(ctx, plugin.OpenRequest{
			Type:   m.node.Type.Ref,
			Addr:   a,
			Config: m.Config,
			Env: plugin.Env{
				Log: s.Log.Named(a), Dir: InstanceDir(s.DataDir, a), Now: s.Now, Triggered: m.node.IsTriggered(),
				Enforced: m.node.Meta.Enforcement == eval.Enforce, Approved: s.approved(m.node.Addr),
				Asked: look.Asked, Only: look.Only, Early: look.Early && !m.node.IsTriggered(), Interval: s.graph.IntervalOf(m.node),
				OnFinding: func(f plugin.Finding, total int) { s.found(m.node.Addr, f, total) },
			},
		})
		return diags
	})
	if diags.HasErrors() {
		return nil, diags
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.instances[m.node.Addr] = instance
	return instance, diags
}

// found passes on what a task has found before its plan has ended.
func (s *Session) found(a addr.Addr, f plugin.Finding, total int) {
	hidden := hideFindings(s.graph.Hidden(), []plugin.Finding{f})
	s.Observer.Found(a, findingRecords(hidden)[0], total)
}

// approved is what an operator has approved of. What is only planned while the
// others are applied was in no plan that could be shown, so "*" is not of it.
func (s *Session) approved(a addr.Addr) []string {
	if s.Approved == nil {
		return nil
	}
	s.mu.Lock()
	applying := s.halt != nil
	s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.Approved(a)), func(id string) bool { return applying && id == plugin.ApproveAll })
}

func (s *Session) instance(a addr.Addr) plugin.Instance {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.instances[a]
}

// release closes the instances of a step that won't need them any more.
func (s *Session) release(ctx context.Context, step *Step) {
	for _, m := range step.members {
		s.mu.Lock()
		instance := s.instances[m.node.Addr]
		delete(s.instances, m.node.Addr)
		s.mu.Unlock()
		if instance == nil {
			continue
		}
		if err := instance.Close(ctx); err != nil {
			s.Log.Warn("close an instance", "address", m.node.Addr.String(), "error", err)
		}
	}
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

func (s *Session) keep(u *unit, step *Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.steps[u.id] = step
}

// step returns what is planned of a unit, nil for one that has no step.
func (s *Session) step(id addr.Addr) *Step {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.steps[id]
}

// report keeps diagnostics for the end, and returns the first error on one
// line, nothing where there is none.
func (s *Session) report(diags hcl.Diagnostics) (problem string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.diags = append(s.diags, diags...)
	return firstError(diags)
}

// takeDiags returns what was reported, in the order of the blocks and not in
// that in which they happened to be done.
func (s *Session) takeDiags() hcl.Diagnostics {
	s.mu.Lock()
	defer s.mu.Unlock()
	diags := s.units.tolerate(s.diags)
	s.diags = nil
	if len(diags) > 1 {
		s.units.sort(diags)
	}
	if s.stopped {
		diags = append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagError, Summary: "Interrupted",
			Detail: "The run was stopped before it was complete; what was not begun is left out.",
		})
	}
	return diags
}

// CopyValues gives the values that the session has come to, to another driver.
func (s *Session) CopyValues(to *eval.ValueMap) {
	if s.units == nil {
		return
	}
	for _, id := range s.units.order {
		for _, n := range s.units.byID[id].members {
			if v, ok := s.values.Value(n.Addr); ok {
				to.Put(n.Addr, v)
			}
		}
	}
}
