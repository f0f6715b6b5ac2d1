package eval

import (
	"net"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/schema"
)

// Agent are the settings of the long-lived agent, and where plan and apply
// keep their records too.
type Agent struct {
	Listen          string
	DataDir         string // empty: the default of the user who runs it
	MaxParallel     int
	TaskInterval    time.Duration
	CollectInterval time.Duration

	Tokens []Token // who may use the API; none: whoever can reach it
	TLS    *TLS    // nil: the API is served without
	// DriftMonitorAgent says whether the API and the metrics of TFDriftAgent
	// are served too.
	DriftMonitorAgent bool
	// HistoryRetention is how long it is remembered what has drifted.
	HistoryRetention time.Duration
}

// AgentSchema describes the agent block.
var AgentSchema = &schema.Block{
	Doc: "Settings of the agent. Plan and apply use `data_dir` and `max_parallel` too.",
	Attributes: []schema.Attribute{
		{Name: "listen", Type: cty.String, Default: cty.StringVal("127.0.0.1:8000"),
			Doc: "The address that the API and the metrics are served at."},
		{Name: "data_dir", Type: cty.String, Format: schema.AbsolutePath,
			Doc: "Where positions, records and working copies are kept. The default is `/var/lib/driftless` for root, else `driftless` in the user's data directory."},
		{Name: "max_parallel", Type: cty.Number, Default: cty.NumberIntVal(4),
			Doc: "How many tasks are planned or applied at once, at most."},
		{Name: "history_retention", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("90d"),
			Doc: "How long it is remembered what has drifted, been resolved or failed. Of what is open now it is always known since when."},
	},
	Blocks: []schema.Nested{
		{Name: "defaults", Block: schema.Block{
			Doc: "What holds where a block doesn't say.",
			Attributes: []schema.Attribute{
				{Name: "task_interval", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("30m"), Doc: "How often a task is run."},
				{Name: "collect_interval", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("15s"), Doc: "How often a collector measures."},
			},
		}},
		{Name: "auth", Block: authSchema()},
		{Name: "tls", Block: tlsSchema()},
		{Name: "compatibility", Block: schema.Block{
			Doc: "What is served for those who come from another tool.",
			Attributes: []schema.Attribute{
				{Name: "drift_monitor_agent", Type: cty.Bool, Default: cty.False, Doc: "Whether the stacks of the tasks `terraform` are served as TFDriftAgent does: at `/api/deployment_states`, and as the metrics `drift_monitor_agent_*`."},
			},
		}},
	},
}

// agentConfig is the agent block as it is decoded.
type agentConfig struct {
	Listen      string        `schema:"listen"`
	DataDir     string        `schema:"data_dir"`
	MaxParallel int           `schema:"max_parallel"`
	Retention   time.Duration `schema:"history_retention"`
	Defaults    *struct {
		TaskInterval    time.Duration `schema:"task_interval"`
		CollectInterval time.Duration `schema:"collect_interval"`
	} `schema:"defaults"`
	Auth          *authConfig `schema:"auth"`
	TLS           *TLS        `schema:"tls"`
	Compatibility *struct {
		DriftMonitorAgent bool `schema:"drift_monitor_agent"`
	} `schema:"compatibility"`
}

func (b *builder) agent() hcl.Diagnostics {
	b.Agent = Agent{Listen: "127.0.0.1:8000", MaxParallel: 4, TaskInterval: 30 * time.Minute, CollectInterval: 15 * time.Second, HistoryRetention: 90 * 24 * time.Hour}
	section := b.Config.Agent
	if section == nil {
		return nil
	}
	sh, diags := b.bodies.whole(section.Body, AgentSchema, section.Range)
	names, nameDiags := b.root().settled(sh.variables(), false)
	diags = append(append(diags, nameDiags...), names.absences()...)
	if diags.HasErrors() {
		return diags
	}
	if !names.isStatic() || sh.isImpure() {
		diags = append(diags, errorf(section.Range, "Invalid agent settings", "The settings of the agent can't refer to blocks, and can't call timestamp, plantimestamp, uuid or bcrypt."))
		return diags
	}
	ctx, _ := b.root().context(nil, names, nil)
	v, valueDiags := sh.value(ctx)
	v, _ = v.UnmarkDeep()
	if diags = append(diags, valueDiags...); diags.HasErrors() || !v.IsWhollyKnown() {
		return diags
	}
	var c agentConfig
	if err := schema.Decode(v, &c); err != nil {
		return append(diags, errorf(section.Range, "Invalid agent settings", "%s", sentence(err.Error())))
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return append(diags, errorf(section.Range, "Invalid agent settings", "listen is %q; write it as in \"127.0.0.1:8000\".", c.Listen))
	}
	if c.MaxParallel < 1 {
		return append(diags, errorf(section.Range, "Invalid agent settings", "max_parallel must be at least 1."))
	}
	b.Agent.Listen, b.Agent.DataDir, b.Agent.MaxParallel, b.Agent.TLS = c.Listen, c.DataDir, c.MaxParallel, c.TLS
	b.Agent.HistoryRetention = c.Retention
	b.Agent.DriftMonitorAgent = c.Compatibility != nil && c.Compatibility.DriftMonitorAgent
	if c.Auth != nil {
		tokens, tokenDiags := c.Auth.tokens(sh)
		b.Agent.Tokens, diags = tokens, append(diags, tokenDiags...)
	}
	if c.Defaults != nil {
		b.Agent.TaskInterval, b.Agent.CollectInterval = c.Defaults.TaskInterval, c.Defaults.CollectInterval
	}
	return diags
}
