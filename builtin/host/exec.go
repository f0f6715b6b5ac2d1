package host

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/process"
	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

const (
	typeExec = "exec"

	execMaxOutput = 1 << 20
	execMaxSeries = 10_000
	execGrace     = time.Second
)

type execConfig struct {
	Command []string          `schema:"command"`
	Format  string            `schema:"format"`
	Env     map[string]string `schema:"env"`
	User    string            `schema:"user"`
	Name    string            `schema:"name"`
}

func execType() plugin.Type {
	return plugin.Type{
		Ref: plugin.TypeRef{Kind: plugin.KindCollector, Name: typeExec},
		Schema: &schema.Block{
			Doc: "Runs a program and measures what it writes to stdout, at most 1 MiB and 10000 values. " +
				"The program's environment holds PATH, HOME and LANG, with a user also USER and LOGNAME, and what env adds.",
			Attributes: []schema.Attribute{
				{Name: "command", Type: cty.List(cty.String), Required: true, Doc: "The program and its arguments; no shell is involved."},
				{Name: "format", Type: cty.String, Required: true, Enum: execFormatNames(), Doc: "What it writes. " +
					"json: the numbers and booleans of an object, named after their keys joined by an underscore. " +
					"prometheus: the text exposition format; the names are as written. " +
					"keyvalue: lines of name=number. " +
					"nagios: the performance data of a check in base units, and the exit status as NAME_status. " +
					"value: one number."},
				{Name: "env", Type: cty.Map(cty.String), Doc: "Variables of its environment."},
				{Name: "user", Type: cty.String, Doc: "The user it runs as, with that user's groups and home; a name or an id."},
				{Name: "name", Type: cty.String, Doc: "What the names of its metrics begin with; by default driftless_exec_ and the name of the block. " +
					"A block with for_each adds its key as the label key."},
			},
		},
	}
}

// execCollector is one opened block.
type execCollector struct {
	spec     process.Spec
	hidden   *redact.Redactor
	format   execFormat
	name     string
	labels   []string // those of every series
	now      func() time.Time
	families map[string]*event.Family // those of the last run, by name
}

var _ plugin.Collector = (*execCollector)(nil)

func openExec(req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	var cfg execConfig
	if err := schema.Decode(req.Config, &cfg); err != nil {
		return nil, plugin.Error(nil, "Cannot read the configuration", "%s: %s.", req.Addr, err)
	}
	if diags := validateExec(req.Config); diags.HasErrors() {
		return nil, diags
	}
	c := &execCollector{
		hidden: redact.New(slices.Collect(maps.Values(cfg.Env))...),
		format: execFormats()[cfg.Format], name: cfg.Name, now: req.Env.Now,
	}
	block, key := execBlock(req.Addr)
	if c.name == "" {
		c.name = execName("driftless_exec", block)
	}
	if key != "" {
		c.labels = []string{"key", key}
	}
	var as *process.Credential
	if cfg.User != "" {
		var err error
		if as, err = process.LookupCredential(cfg.User, ""); err != nil {
			return nil, plugin.Error(plugin.Attr("user"), "User can't be taken on", "The command can't be run as this user: %s.", err)
		}
	}
	c.spec = process.Spec{
		Args: cfg.Command, Env: process.Environment(as, cfg.Env), Credential: as,
		Grace: execGrace, MaxOutput: execMaxOutput,
	}
	return c, nil
}

// validateExec checks what the schema can't say. Values may be unknown.
func validateExec(cfg cty.Value) plugin.Diagnostics {
	var diags plugin.Diagnostics
	if args := cfg.GetAttr("command"); args.IsWhollyKnown() && !args.IsNull() {
		list := args.AsValueSlice()
		if len(list) == 0 || slices.ContainsFunc(list, cty.Value.IsNull) || list[0].AsString() == "" {
			diags = append(diags, plugin.Error(plugin.Attr("command"), "Empty command",
				"The command needs at least the name of a program, and no argument can be null.")...)
		}
	}
	if name := cfg.GetAttr("name"); name.IsKnown() && !name.IsNull() && !model.LegacyValidation.IsValidMetricName(name.AsString()) {
		diags = append(diags, plugin.Error(plugin.Attr("name"), "Invalid metric name",
			"%q can't begin the name of a metric: use letters, digits and underscores, and no digit at the beginning.", name.AsString())...)
	}
	return diags
}

// Close implements [plugin.Instance].
func (c *execCollector) Close(context.Context) error { return nil }

// Collect implements [plugin.Collector]. Values that were read before an
// error in the output are kept.
func (c *execCollector) Collect(ctx context.Context, out *event.Builder) error {
	result, err := process.Run(ctx, c.spec)
	if err == nil && (result.Signal != 0 || !c.format.exitStatus) {
		err = result.Err()
	}
	if err != nil {
		return c.hidden.Error(err)
	}
	samples, err := c.read(result)
	c.emit(out, samples)
	return err
}

// read returns the samples of a run that ended well.
func (c *execCollector) read(result process.Result) ([]execSample, error) {
	var samples []execSample
	if c.format.exitStatus {
		samples = append(samples, execSample{
			name: c.name + "_status", kind: event.Gauge, value: float64(result.Code),
			help: "Exit status of the check: 0 ok, 1 warning, 2 critical, 3 unknown.",
		})
	}
	program := c.spec.Args[0]
	if result.Truncated {
		return samples, fmt.Errorf("%s wrote more than %d bytes: nothing of it is used", program, execMaxOutput)
	}
	parsed, err := c.format.parse(c.name, result.Stdout)
	if len(parsed) > execMaxSeries {
		return samples, fmt.Errorf("%s wrote more than %d values: nothing of it is used", program, execMaxSeries)
	}
	if err != nil {
		err = fmt.Errorf("read the output of %s: %w", program, err)
	}
	return append(samples, parsed...), err
}

// emit adds the samples. The families of the run before are used again where
// they are the same, and dropped where they are gone: a program that makes up
// new names at every run doesn't fill the memory.
func (c *execCollector) emit(out *event.Builder, samples []execSample) {
	now := c.now()
	used := make(map[string]*event.Family, len(samples))
	for _, s := range samples {
		f := used[s.name]
		if f == nil {
			f = c.families[s.name]
		}
		if want := (event.Family{Name: s.name, Help: s.help, Type: s.kind}); f == nil || *f != want {
			f = &want
		}
		used[s.name] = f
		out.Metric(f, now, s.value, append(s.labels, c.labels...)...)
	}
	c.families = used
}

// execBlock takes the name of the block and the key of its instance from an
// address such as collector.exec.raid["md0"].
func execBlock(addr string) (name, key string) {
	_, rest, _ := strings.Cut(addr, string(plugin.KindCollector)+"."+typeExec+".")
	name, key, _ = strings.Cut(rest, "[")
	return name, strings.Trim(key, `"]`)
}
