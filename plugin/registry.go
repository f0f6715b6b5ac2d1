package plugin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/schema"
)

// Registry is a provider that is made of what it offers:
//
//	func New() *plugin.Registry {
//		return plugin.New(plugin.Info{Name: "acme", Version: "0.1.0", Doc: "Keeps lamps lit."},
//			plugin.TaskOf[lamp]("acme_lamp", "Keeps a lamp lit."),
//			plugin.Func("darker", "Makes a colour darker.", darker, plugin.Parameter{Name: "colour", Doc: "The colour."}),
//		)
//	}
//
//	// lamp is a block task "acme_lamp".
//	type lamp struct {
//		plugin.Opened
//		Socket string `schema:"socket,required" doc:"Where it is plugged in."`
//	}
//
//	func (l *lamp) Plan(ctx context.Context, host plugin.Host) (plugin.Change, plugin.Diagnostics) { ... }
//
// A type is a struct. [schema.For] makes its schema of the fields that have
// tags, into which [schema.Decode] copies a configuration; what it does are the
// methods of its pointer, which is the instance. A struct that is a [Validator]
// checks what a schema can't say.
//
// A mistake in what is offered is an error of Manifest, so that the first test
// finds it. A provider that needs more, such as to close what all its instances
// share, embeds a Registry and has that method itself.
type Registry struct {
	manifest  Manifest
	settings  func(cfg cty.Value) Diagnostics
	types     map[TypeRef]offered
	functions map[string]function
	problems  []error // what is wrong with the offers
}

var (
	_ Provider = (*Registry)(nil)
	_ Caller   = (*Registry)(nil)
)

// Info says which provider it is.
type Info struct {
	Name    string // as in provider "NAME"
	Version string // in semantic versioning, without a v
	Doc     string // what it is for, in a sentence
}

// Offer is one of the things that a provider offers. [TaskOf], [DataOf],
// [SourceOf], [CollectorOf], [StageOf], [SinkOf], [Func] and [Settings] make
// them.
type Offer func(*Registry)

// Opened is embedded in the struct of a type. It is what an instance was opened
// with, and closes nothing: an instance that holds something has a method Close
// of its own.
type Opened struct{ OpenRequest }

// Close implements [Instance].
func (*Opened) Close(context.Context) error { return nil }

func (o *Opened) opened(req OpenRequest) { o.OpenRequest = req }

// openable is a struct that embeds [Opened].
type openable interface {
	Instance
	opened(req OpenRequest)
}

// Validator is a configuration that checks what its schema can't say. Validate
// is called with what was written alone, and only when all of that is known:
// where it is so already, before anything is opened, and again when the instance
// is, of which only the errors are told. It touches nothing outside the process, copes with the zero value of all
// that it looks at, and names what is wrong, as in Error(Attr("percent"), ...).
type Validator interface{ Validate() Diagnostics }

// offered is a type, by what is done with its configurations.
type offered struct {
	validate func(cfg cty.Value) Diagnostics
	open     func(ctx context.Context, req OpenRequest) (Instance, Diagnostics)
}

// New returns the provider of what is offered.
func New(info Info, offers ...Offer) *Registry {
	r := &Registry{
		manifest:  Manifest{Name: info.Name, Version: info.Version, Doc: info.Doc},
		types:     make(map[TypeRef]offered),
		functions: make(map[string]function),
	}
	for _, offer := range offers {
		offer(r)
	}
	return r
}

// Settings offers a block provider "NAME", of which doc says what it is for.
// What it holds is copied into the struct before anything is opened; where
// there is no such block, its defaults are.
func Settings[C any](doc string, into *C) Offer {
	return func(r *Registry) {
		block, err := schema.For[C](doc)
		if err != nil || r.settings != nil {
			r.problem("settings", err)
			return
		}
		r.manifest.Config = block
		r.settings = func(cfg cty.Value) Diagnostics {
			if cfg.IsNull() {
				if needed := block.Required(); len(needed) > 0 {
					return Error(nil, "Missing settings", "Write a block provider %q that holds %s.", r.manifest.Name, strings.Join(needed, ", "))
				}
				cfg = block.Defaults()
			}
			return decode(cfg, into)
		}
	}
}

// TaskOf offers a type of tasks. Doc says what it is for. Open is for what an
// instance needs before it is used and may fail, such as a check against the
// settings. So it is with the other kinds.
func TaskOf[C any, P interface {
	*C
	Task
	openable
}](name, doc string, open ...func(context.Context, P) Diagnostics) Offer {
	return offer[C](Type{Ref: TypeRef{KindTask, name}}, doc, open)
}

// DataOf offers a type of sources that have a value.
func DataOf[C any, P interface {
	*C
	Data
	openable
}](name, doc string, open ...func(context.Context, P) Diagnostics) Offer {
	return offer[C](Type{Ref: TypeRef{KindSource, name}}, doc, open)
}

// SourceOf offers a type of sources that emit events.
func SourceOf[C any, P interface {
	*C
	Source
	openable
}](name, doc string, open ...func(context.Context, P) Diagnostics) Offer {
	return offer[C](Type{Ref: TypeRef{KindSource, name}, Emits: true}, doc, open)
}

// CollectorOf offers a type of collectors.
func CollectorOf[C any, P interface {
	*C
	Collector
	openable
}](name, doc string, open ...func(context.Context, P) Diagnostics) Offer {
	return offer[C](Type{Ref: TypeRef{KindCollector, name}}, doc, open)
}

// StageOf offers a type of stages.
func StageOf[C any, P interface {
	*C
	Stage
	openable
}](name, doc string, open ...func(context.Context, P) Diagnostics) Offer {
	return offer[C](Type{Ref: TypeRef{KindStage, name}}, doc, open)
}

// SinkOf offers a type of sinks.
func SinkOf[C any, P interface {
	*C
	Sink
	openable
}](name, doc string, open ...func(context.Context, P) Diagnostics) Offer {
	return offer[C](Type{Ref: TypeRef{KindSink, name}}, doc, open)
}

func offer[C any, P interface {
	*C
	openable
}](t Type, doc string, open []func(context.Context, P) Diagnostics) Offer {
	return func(r *Registry) {
		block, err := schema.For[C](doc)
		if _, twice := r.types[t.Ref]; err != nil || twice {
			r.problem(t.Ref.String(), err)
			return
		}
		t.Schema = block
		r.manifest.Types = append(r.manifest.Types, t)
		r.types[t.Ref] = offered{
			validate: func(cfg cty.Value) Diagnostics {
				if !settled(block, cfg) {
					return nil // it is judged when it is opened
				}
				return decode(cfg, new(C))
			},
			open: func(ctx context.Context, req OpenRequest) (Instance, Diagnostics) {
				instance := P(new(C))
				diags := slices.DeleteFunc(decode(req.Config, instance), func(d Diagnostic) bool { return d.Severity != SeverityError })
				instance.opened(req)
				for _, open := range open {
					if !diags.HasErrors() {
						diags = append(diags, open(ctx, instance)...)
					}
				}
				if diags.HasErrors() {
					return nil, diags
				}
				return instance, diags
			},
		}
	}
}

// problem keeps what is wrong with an offer: err, or that it is there twice.
func (r *Registry) problem(what string, err error) {
	if err == nil {
		err = errors.New("it is offered twice")
	}
	r.problems = append(r.problems, fmt.Errorf("%s: %w", what, err))
}

// decode copies a configuration into a struct and has it checked.
func decode(cfg cty.Value, into any) Diagnostics {
	if err := schema.Decode(cfg, into); err != nil {
		return Error(nil, "Invalid configuration", "%s.", err)
	}
	if v, ok := into.(Validator); ok {
		return v.Validate()
	}
	return nil
}

// settled reports whether all of a configuration is known but what is computed.
func settled(b *schema.Block, cfg cty.Value) bool {
	if !cfg.IsKnown() || cfg.IsNull() {
		return false
	}
	for name, v := range cfg.AsValueMap() {
		if a, ok := b.Attribute(name); !v.IsWhollyKnown() && (!ok || !a.Computed) {
			return false
		}
	}
	return true
}

// Manifest implements [Provider].
func (r *Registry) Manifest(context.Context) (Manifest, error) {
	if len(r.problems) > 0 {
		return Manifest{}, fmt.Errorf("what the provider %s offers is not sound: %w", r.manifest.Name, errors.Join(r.problems...))
	}
	return r.manifest, nil
}

// Configure implements [Provider].
func (r *Registry) Configure(_ context.Context, cfg cty.Value) Diagnostics {
	if r.settings == nil {
		return nil
	}
	return r.settings(cfg)
}

// Validate implements [Provider].
func (r *Registry) Validate(_ context.Context, t TypeRef, cfg cty.Value) Diagnostics {
	if one, ok := r.types[t]; ok {
		return one.validate(cfg)
	}
	return r.unknown(t)
}

// Open implements [Provider].
func (r *Registry) Open(ctx context.Context, req OpenRequest) (Instance, Diagnostics) {
	if one, ok := r.types[req.Type]; ok {
		return one.open(ctx, req)
	}
	return nil, r.unknown(req.Type)
}

func (r *Registry) unknown(t TypeRef) Diagnostics {
	return Error(nil, "Unknown type", "The provider %s has no %s. Install a version of it that has.", r.manifest.Name, t)
}

// Close implements [Provider]. There is nothing to close.
func (*Registry) Close() error { return nil }
