package eval

import (
	"errors"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/cron"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Enforcement says what is done about a task that is not as declared.
type Enforcement string

// The kinds of enforcement.
const (
	Enforce Enforcement = "enforce" // bring it about
	Detect  Enforcement = "detect"  // report only
	Off     Enforcement = "off"     // not even look
)

// OnError says what a failure of a task means for those that depend on it.
type OnError string

// The kinds of failure.
const (
	Fail     OnError = "fail"     // they are left out
	Continue OnError = "continue" // they go on
)

// Meta are the arguments that the core itself reads from a block. Which of
// them there are depends on the kind.
type Meta struct {
	Tags        []string      // all kinds
	Enforcement Enforcement   // tasks
	OnError     OnError       // tasks
	Sensitive   bool          // tasks
	Interval    time.Duration // tasks and collectors; 0 is the agent's default
	Schedule    cron.Schedule // tasks; the zero value is none, and the interval holds
	Timeout     time.Duration // tasks, collectors and sinks; 0 is none
	Batch       Batch         // sinks
	Retry       Retry         // tasks and sinks
}

// Batch says when a sink is written to.
type Batch struct {
	MaxEvents int           `schema:"max_events"`
	MaxBytes  schema.Bytes  `schema:"max_bytes"`
	MaxAge    time.Duration `schema:"max_age"`
}

// Retry says how often and how fast a task is applied, or a sink written to,
// again. Attempts counts all of them with the first; for a sink zero is any
// number.
type Retry struct {
	Attempts int           `schema:"attempts"`
	Delay    time.Duration `schema:"delay"`
	MaxDelay time.Duration `schema:"max_delay"`
}

// DefaultTaskTimeout and its kin hold where a block says nothing.
const (
	DefaultTaskTimeout    = time.Hour
	DefaultCollectTimeout = 10 * time.Second
	DefaultSinkTimeout    = 30 * time.Second
)

// MetaSchema describes the meta-arguments of a kind of block that the core
// evaluates. for_each, when, depends_on and triggered_by are read before and
// are not in it.
func MetaSchema(kind addr.Kind) *schema.Block {
	if b, ok := metaSchemas[kind]; ok {
		return b
	}
	return &noMeta
}

var noMeta = schema.Block{Attributes: []schema.Attribute{tagsAttribute}}

var taskBlocks = []schema.Nested{
	{Name: "retry", Block: schema.Block{Doc: "What happens when applying fails. The same change is applied again, after a delay that doubles from one attempt to the next, with jitter.", Attributes: []schema.Attribute{
		{Name: "attempts", Type: cty.Number, Default: cty.NumberIntVal(defaultAttempts), Doc: "How many attempts there are in all."},
		{Name: "delay", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("1s"), Doc: "The delay after the first attempt."},
		{Name: "max_delay", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("30s"), Doc: "The longest delay."},
		{Name: "until", Type: schema.SelfExpr, Doc: "When an attempt has succeeded, a bool over what the task has learnt. While it is false, the attempt counts as failed."},
	}}},
	{Name: beforeBlock, Nesting: schema.List, Block: schema.Block{Doc: "What must hold before the task is planned.", Attributes: []schema.Attribute{
		{Name: "condition", Type: cty.Bool, Required: true, Doc: "Where it is false, the task fails. What isn't known in the plan is judged before the task is applied."},
		{Name: "error_message", Type: cty.String, Required: true, Doc: "What is wrong then, and what to do about it."},
	}}},
	{Name: afterBlock, Nesting: schema.List, Block: schema.Block{Doc: "What must hold of the result: of the planned one where it is known, and of the real one.", Attributes: []schema.Attribute{
		{Name: "condition", Type: schema.SelfExpr, Required: true, Doc: "A bool. Where it is false, the task fails."},
		{Name: "error_message", Type: cty.String, Required: true, Doc: "What is wrong then, and what to do about it. It may refer to `self`, too."},
	}}},
}

// defaultAttempts is how often a task with an empty block retry is applied.
const defaultAttempts = 3

var metaSchemas = map[addr.Kind]*schema.Block{
	addr.Task: {Blocks: taskBlocks, Attributes: []schema.Attribute{
		{Name: "enforcement", Type: cty.String, Enum: []string{string(Enforce), string(Detect), string(Off)},
			Doc: "What is done about drift: `enforce` brings the host to the declared state, `detect` only reports, `off` leaves the task out. The default is `enforce`, and `detect` for a type that can only detect or that says in a block of its own how it is enforced."},
		{Name: "interval", Type: cty.String, Format: schema.Duration,
			Doc: "How often the agent runs the task. The default is the agent's `task_interval`."},
		{Name: "schedule", Type: cty.String, Format: schema.Schedule,
			Doc: "When the agent runs the task, in place of an `interval`: a cron expression of minute, hour, day of the month, month and day of the week, such as `30 3 * * mon-fri`, or `@daily`. It holds in the time zone of the host, unless one is written before it: `CRON_TZ=Europe/Berlin 30 3 * * *`."},
		{Name: "timeout", Type: cty.String, Format: schema.Duration,
			Doc: "The longest that one plan or one apply may take, all its attempts together, after which its processes are ended. The default is `1h`."},
		{Name: "on_error", Type: cty.String, Enum: []string{string(Fail), string(Continue)}, Default: cty.StringVal(string(Fail)),
			Doc: "What happens when the task fails: `fail` leaves out the tasks that depend on it, and the run fails; `continue` shows and counts the failure, and all goes on."},
		tagsAttribute,
		{Name: "sensitive", Type: cty.Bool, Default: cty.False,
			Doc: "Whether all that the task is given, but its path, and all that it learns is sensitive. Its diff and what its errors say are not shown."},
	}},
	addr.Collector: {Attributes: []schema.Attribute{
		{Name: "interval", Type: cty.String, Format: schema.Duration,
			Doc: "How often the collector measures for the pipelines that start at it. The default is the agent's `collect_interval`."},
		{Name: "timeout", Type: cty.String, Format: schema.Duration,
			Doc: "The longest that one measurement may take. The default is `10s`."},
		tagsAttribute,
	}},
	addr.Sink: {
		Attributes: []schema.Attribute{
			{Name: "timeout", Type: cty.String, Format: schema.Duration,
				Doc: "The longest that one delivery may take before it counts as failed. The default is `30s`."},
			tagsAttribute,
		},
		Blocks: []schema.Nested{
			{Name: "batch", Block: schema.Block{Doc: "When the sink is written to: at the first of these limits.", Attributes: []schema.Attribute{
				{Name: "max_events", Type: cty.Number, Default: cty.NumberIntVal(4096), Doc: "The number of events."},
				{Name: "max_bytes", Type: cty.String, Format: schema.Size, Default: cty.StringVal("1MiB"), Doc: "The size of the events in memory."},
				{Name: "max_age", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("200ms"), Doc: "How long the first event waits for more."},
			}}},
			{Name: "retry", Block: schema.Block{Doc: "What happens after a failed delivery. The delay doubles from one attempt to the next, with jitter.", Attributes: []schema.Attribute{
				{Name: "attempts", Type: cty.Number, Default: cty.NumberIntVal(0), Doc: "After how many attempts the events are discarded and counted; `0` is never."},
				{Name: "delay", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("1s"), Doc: "The delay after the first failure."},
				{Name: "max_delay", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("30s"), Doc: "The longest delay."},
			}}},
		},
	},
}

// evaluateMeta evaluates the meta-arguments of one instance.
func (b *builder) evaluateMeta(t *template, each map[string]cty.Value) (Meta, hcl.Diagnostics) {
	kind := t.Block.Addr.Kind
	key := metaKey{kind, detects(t.Type)}
	isDefault := t.meta.isEmpty() && len(t.scope.tags) == 0
	if known, ok := b.defaults[key]; ok && isDefault {
		return known, nil
	}
	names, diags := t.scope.settled(t.meta.variables(), each != nil)
	if absent := names.absences(); len(absent) > 0 {
		return Meta{}, append(diags, absent...)
	}
	if !names.isStatic() || t.meta.isImpure() {
		return Meta{}, hcl.Diagnostics{errorf(t.Block.Range, "Invalid meta-argument", "Other blocks can't be referred to in %s, and timestamp, plantimestamp, uuid and bcrypt can't be called: they must be known when the configuration is loaded.", quoteAll(attributeNames(MetaSchema(kind))))}
	}
	if diags.HasErrors() {
		return Meta{}, diags
	}
	ctx, _ := t.scope.context(each, names, nil)
	marked, diags := t.meta.value(ctx)
	v, _ := marked.UnmarkDeep()
	if diags.HasErrors() || !v.IsWhollyKnown() {
		return Meta{}, diags // what isn't known was reported where it should have been
	}
	m, err := decodeMeta(kind, v, detects(t.Type))
	if err == nil {
		m.Tags, err = decodeTags(marked)
		m.Tags = slices.Concat(t.scope.tags, m.Tags)
	}
	switch {
	case err != nil:
		diags = append(diags, errorf(t.Block.Range, "Invalid meta-argument", "%s", sentence(err.Error())))
	case t.Type.DetectOnly && m.Enforcement == Enforce:
		diags = append(diags, errorf(t.Block.Range, "Unsupported enforcement", "A task of type %q can only detect. Leave enforcement out, or set it to \"detect\" or \"off\".", t.Type.Ref.Name))
	case m.Enforcement == Enforce && t.Type.EnforcedBy != "" && !t.shape.has(t.Type.EnforcedBy):
		diags = append(diags, errorf(t.Block.Range, "Missing "+t.Type.EnforcedBy+" block", "What is to be done about drift isn't said. Add a block %s, or set enforcement to \"detect\".", t.Type.EnforcedBy))
	}
	if isDefault && len(diags) == 0 {
		b.defaults[key] = m
	}
	return m, diags
}

// detects reports whether tasks of a type only detect where they don't say
// otherwise.
func detects(t plugin.Type) bool { return t.DetectOnly || t.EnforcedBy != "" }

// metaKey is what the meta-arguments of a block depend on that writes none.
type metaKey struct {
	kind    addr.Kind
	detects bool
}

// decodeMeta reads the value of a [MetaSchema].
func decodeMeta(kind addr.Kind, v cty.Value, detects bool) (Meta, error) {
	switch kind {
	case addr.Task:
		return decodeTaskMeta(v, detects)
	case addr.Collector:
		var c struct {
			Interval time.Duration `schema:"interval"`
			Timeout  time.Duration `schema:"timeout"`
		}
		err := schema.Decode(v, &c)
		m := Meta{Interval: c.Interval, Timeout: c.Timeout}
		if m.Timeout == 0 {
			m.Timeout = DefaultCollectTimeout
		}
		return m, err
	case addr.Sink:
		return decodeSinkMeta(v)
	}
	return Meta{}, nil
}

func decodeTaskMeta(v cty.Value, detects bool) (Meta, error) {
	var c struct {
		Enforcement string        `schema:"enforcement"`
		OnError     string        `schema:"on_error"`
		Sensitive   bool          `schema:"sensitive"`
		Interval    time.Duration `schema:"interval"`
		Schedule    string        `schema:"schedule"`
		Timeout     time.Duration `schema:"timeout"`
		Retry       *Retry        `schema:"retry"`
	}
	if err := schema.Decode(v, &c); err != nil {
		return Meta{}, err
	}
	m := Meta{
		Enforcement: Enforcement(c.Enforcement), OnError: OnError(c.OnError), Sensitive: c.Sensitive,
		Interval: c.Interval, Timeout: c.Timeout, Retry: Retry{Attempts: 1},
	}
	if m.Enforcement == "" {
		m.Enforcement = Enforce
		if detects {
			m.Enforcement = Detect
		}
	}
	if m.Timeout == 0 {
		m.Timeout = DefaultTaskTimeout
	}
	if c.Retry != nil {
		m.Retry = *c.Retry
	}
	if m.Retry.Attempts < 1 {
		return m, errors.New("a task is applied at least once: set attempts to 1 or more")
	}
	if c.Schedule == "" {
		return m, nil
	}
	if c.Interval != 0 {
		return m, errors.New("a task is run at an interval or at the times of a schedule: remove interval or schedule")
	}
	var err error
	m.Schedule, err = cron.Parse(c.Schedule)
	return m, err
}

func decodeSinkMeta(v cty.Value) (Meta, error) {
	c := struct {
		Timeout time.Duration `schema:"timeout"`
		Batch   *Batch        `schema:"batch"`
		Retry   *Retry        `schema:"retry"`
	}{}
	if err := schema.Decode(v, &c); err != nil {
		return Meta{}, err
	}
	m := Meta{
		Timeout: c.Timeout,
		Batch:   Batch{MaxEvents: 4096, MaxBytes: 1 << 20, MaxAge: 200 * time.Millisecond},
		Retry:   Retry{Delay: time.Second, MaxDelay: 30 * time.Second},
	}
	if m.Timeout == 0 {
		m.Timeout = DefaultSinkTimeout
	}
	if c.Batch != nil {
		m.Batch = *c.Batch
	}
	if c.Retry != nil {
		m.Retry = *c.Retry
	}
	if m.Batch.MaxEvents < 1 {
		return m, errors.New("a batch has at least one event: set max_events to 1 or more")
	}
	if m.Retry.Attempts < 0 {
		return m, errors.New("the number of attempts can't be negative: set attempts to 0 for any number of them")
	}
	return m, nil
}
