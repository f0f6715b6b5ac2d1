// Package plugin is what a provider is written against: the types a provider
// publishes, the instances it opens, and what it may ask of the host.
//
// A built-in provider and a third party's are the same thing. Both implement
// [Provider]; nothing in this package or below it depends on the rest of
// driftless.
package plugin

import (
	"context"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Kind is the block keyword under which a type is declared.
type Kind string

// The kinds of types that a provider can offer. A stage is declared inside a
// pipeline, every other kind at the top level of a configuration.
const (
	KindSource    Kind = "source"
	KindTask      Kind = "task"
	KindCollector Kind = "collector"
	KindStage     Kind = "stage"
	KindSink      Kind = "sink"
)

// TypeRef names one type of a provider: task "file", sink "http".
type TypeRef struct {
	Kind Kind
	Name string
}

// String returns the reference as it is written in an address: "task.file".
func (r TypeRef) String() string { return string(r.Kind) + "." + r.Name }

// Manifest is all that the core needs to know of a provider in order to check
// a configuration that uses it.
type Manifest struct {
	Name    string // the provider's name, as in provider "NAME" {}
	Version string
	Doc     string
	Config  *schema.Block // what a provider block holds; nil: nothing
	Types   []Type

	// Functions are those of a provider that is a [Caller].
	Functions []Function
}

// Type describes one type of block.
type Type struct {
	Ref    TypeRef
	Schema *schema.Block

	// Emits says that a source emits events, so that a pipeline can start
	// at it. A source that doesn't is read for its values.
	Emits bool

	// DetectOnly says that a task of this type only ever reports: it has no
	// way to bring about the state it plans.
	DetectOnly bool

	// EnforcedBy names the block that says how a task of this type is
	// enforced. Such a task only detects unless its enforcement says
	// otherwise, and then it needs the block. Empty: it needs none.
	EnforcedBy string
}

// Provider offers types and opens instances of them.
//
// The core calls Manifest first, then Configure once, then Validate and Open
// any number of times and from several goroutines, and Close at the end. It
// leaves Configure out where a configuration is only validated.
type Provider interface {
	// Manifest is pure: the same answer every time, and nothing is touched.
	Manifest(ctx context.Context) (Manifest, error)
	// Configure receives the decoded provider block, null where there is none.
	Configure(ctx context.Context, cfg cty.Value) Diagnostics
	// Validate checks what the schema can't say. The configuration may hold
	// unknown values, and nothing outside the process may be touched. What the
	// schema does say holds already: a text that is known has its format.
	Validate(ctx context.Context, t TypeRef, cfg cty.Value) Diagnostics
	// Open makes an instance of a type. The configuration is wholly known.
	Open(ctx context.Context, req OpenRequest) (Instance, Diagnostics)
	// Close releases what the provider holds. It may be called twice.
	Close() error
}

// OpenRequest says what to open and gives it what it may use.
type OpenRequest struct {
	Type   TypeRef
	Addr   string    // the address of the block: task.file.motd["a"]
	Config cty.Value // decoded and converted to the schema's type, without marks
	Env    Env
}

// Env is what the host lends to an instance for as long as it is open.
type Env struct {
	Log         hclog.Logger // already named after the address
	Dir         string       // a private directory that survives restarts; made when first asked for by [Env.MakeDir]; see [MarkCache]
	Checkpoints Checkpoints  // positions that survive restarts, private to the address
	Now         func() time.Time
	// Triggered says that the task is applied only after others have changed,
	// so that it needs nothing else to tell when there is something to do.
	Triggered bool
	// Enforced says that what the task plans is applied, unless its change is
	// [Change.ReportOnly].
	Enforced bool
	// Approved are the ids of what an operator has approved of that the task
	// would do; [ApproveAll] approves of all that it plans, because that is
	// shown and asked about.
	Approved []string
	// Asked says that somebody waits for what the task says now, so that it
	// looks again also where it would rather wait, such as after a failure.
	Asked bool
	// Early says that the task is looked at before its interval is over, because
	// something that it refers to has moved: what doesn't depend on that can be
	// returned as it was found last, as with Only.
	Early bool
	// Only are the names of the findings that are wanted, nil where it is all. A
	// task that can look at some alone returns the others as it last found them,
	// with the attribute kept of their values true.
	Only []string
	// Interval is how often an agent looks at the task, 0 where that is not
	// known. It is for telling what is too old to hold any more.
	Interval time.Duration
	// OnFinding takes what is reported by [Env.Report]; nil: nobody watches.
	OnFinding func(f Finding, total int)
}

// ApproveAll approves of all that a task plans, whatever its id.
const ApproveAll = "*"

// Instance is one opened block. It implements exactly one of [Task],
// [Source], [Data], [Collector], [Stage] and [Sink].
type Instance interface {
	// Close ends the instance. It may be called twice.
	Close(ctx context.Context) error
}

// Task is a desired state of something outside.
type Task interface {
	Instance
	// Plan reads the real state through host and says what Apply would do.
	// It changes nothing but the planned state that host keeps for the tasks
	// planned after this one.
	Plan(ctx context.Context, host Host) (Change, Diagnostics)
	// Apply does exactly the change. It first checks that the state the
	// change starts from still holds, and fails where it doesn't. The value
	// it returns has the type of the schema and is wholly known. It may be
	// called again with the same change, on the same instance, after it has
	// failed, or where what is waited for has not come about.
	Apply(ctx context.Context, change Change) (cty.Value, Diagnostics)
}

// Reporter is a task that knows after Apply what it has come to.
type Reporter interface {
	Task
	// Findings returns what the task has found out while it last applied, also
	// where that failed, and whether it has changed anything: it may have
	// found that what was planned must not be done any more.
	Findings() (found []Finding, changed bool)
}

// Data is a source of values.
type Data interface {
	Instance
	// Read returns the source's present value, of the type of its schema.
	Read(ctx context.Context) (cty.Value, Diagnostics)
}

// Measurer is [Data] that has figures of what its reads took, beside the value
// that others refer to.
type Measurer interface {
	Data
	// Measure adds what there is to tell of the reads since the instance was
	// opened. Instances of one address come one after the other: their
	// counters are added up, and their gauges replace those of the one before.
	// The core adds the label source, the address.
	Measure(ctx context.Context, out *event.Builder) error
}

// Lagger is [Data] that may find something newer than it can show for now, such
// as a commit while tasks read the files of the one before. A provider that is a
// process of its own has none.
type Lagger interface {
	Data
	// Lags reports whether the last Read found something newer than it has
	// returned. It is read again when the tasks that use it have come to their
	// end, and no other that does begins before that.
	Lags() bool
}

// Source is a source of events.
type Source interface {
	Instance
	// Run emits events until ctx ends or it can't go on. A source that can't
	// go on for now returns an error and is run again after a back-off.
	Run(ctx context.Context, out Emitter) error
}

// Emitter takes events off a source's hands.
type Emitter interface {
	// Emit hands over a batch, which the caller must not touch again. It
	// blocks while those behind it are busy: that is the back-pressure. When
	// Emit returns nil, ack is called exactly once, from any goroutine: with
	// nil when everyone behind has accepted the batch, with an error when it
	// could not be delivered before the end. Only then may the source save a
	// position beyond it. An error of Emit means that the batch was not taken.
	Emit(ctx context.Context, batch *event.Batch, ack func(error)) error
}

// Checkpoints keeps small values across restarts.
type Checkpoints interface {
	// Load returns nil when nothing was saved under key.
	Load(ctx context.Context, key string) ([]byte, error)
	// Save has handed the value to the kernel when it returns, so that it
	// outlives the process; the disk has it within a second. It is cheap
	// enough to be called for every few batches. A nil value removes the key.
	Save(ctx context.Context, key string, value []byte) error
}

// Collector measures something.
type Collector interface {
	Instance
	// Collect adds what it measures now. What it added before an error is
	// kept: a collector of many parts reports those that it could read.
	Collect(ctx context.Context, out *event.Builder) error
}

// Stage transforms the events of a pipeline in place. Process is called by
// one goroutine at a time. Its context doesn't end with the pipeline's: a batch
// that was changed halfway could neither be delivered nor begun anew.
type Stage interface {
	Instance
	Process(ctx context.Context, batch *event.Batch) error
}

// Counted is an instance that counts what it does to events, such as how many
// it discarded or could not parse.
type Counted interface {
	// Counts returns the counts since the instance was opened, by a name made
	// of lower case letters and underscores. It may be called at any time.
	Counts() map[string]uint64
}

// Sink delivers events. Write is called by one goroutine at a time, and must
// not change the batch.
//
// When Write returns nil the whole batch is delivered. After an error the
// core writes the same batch again, later and later, unless the error is
// [Permanent]: then the batch is discarded and counted. An error with a method
// RetryAfter() time.Duration says how long to wait at least. The batch must not
// be kept beyond Write: its memory is used again.
//
// A sink that starts anew after its predecessor of the same address was closed
// finds the same checkpoints; two are never open at once.
type Sink interface {
	Instance
	Write(ctx context.Context, batch *event.Batch) error
}
