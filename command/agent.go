package command

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/agent"
	"github.com/driftless-hq/driftless/builtin/logs"
	"github.com/driftless-hq/driftless/command/dev"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/catalog"
	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/internal/state"
)

func runAgent(ctx context.Context, e env) int {
	run := e.runAgent
	if e.flags.Bool("dev") {
		run = e.runDemo
	}
	if err := run(ctx); err != nil {
		e.Error(err)
		return exitError
	}
	return exitOK
}

func (e env) runAgent(ctx context.Context) error {
	path, err := configPath(e.flags.String("config"))
	if err != nil {
		return err
	}
	dataDir, err := state.DefaultDir()
	if err != nil {
		return err
	}
	return e.serve(ctx, path, dataDir, func(url string) {
		e.Progress("The agent is up: %s/metrics and %s/v1/status", url, url)
	})
}

// runDemo runs the agent on a configuration of its own, in a directory that
// is gone afterwards.
func (e env) runDemo(ctx context.Context) error {
	if e.flags.IsSet("config") {
		return fmt.Errorf("-dev has a configuration of its own; leave out -config or -dev")
	}
	demo, err := dev.New(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if err := demo.Close(); err != nil {
			e.Error(err)
		}
	}()
	return e.serve(ctx, demo.Config, demo.DataDir, func(url string) { e.Progress("%s", demo.Welcome(url)) })
}

// serve runs an agent until ctx ends. SIGHUP reads the configuration again.
func (e env) serve(ctx context.Context, path, dataDir string, ready func(url string)) error {
	log, err := e.logger(e.Hidden)
	if err != nil {
		return err
	}
	e.issues = true
	s := e.newSecrets(path, log)
	defer func() {
		if err := s.close(); err != nil {
			e.Error(err)
		}
	}()
	host := e.host()
	tap := logs.NewTap(tapEntries, time.Now)
	log.RegisterSink(hiding{tap, s.hidden})
	c, err := e.catalog(ctx, tap)
	if err != nil {
		return err
	}
	defer func() {
		if err := c.Close(); err != nil {
			log.Warn("close the providers", "error", err)
		}
	}()
	p := e.newPlugins(log.Named("provider"))
	defer func() {
		if err := p.close(); err != nil {
			log.Warn("close the providers", "error", err)
		}
	}()
	e.signals.detach()
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	go s.follow(ctx, hangup)
	return agent.Run(ctx, agent.Options{
		Load: func(ctx context.Context) (*eval.Graph, hcl.Diagnostics) {
			host.Refresh()
			patient := s.patience(ctx)
			graph, diags := e.loadGraph(ctx, c, p, path, eval.Inputs{Facts: gathered{host, ctx}, Secrets: patient})
			if graph != nil {
				s.adopt(patient)
			}
			return graph, diags
		},
		Catalog:   c,
		Providers: p.catalogOf,
		Adopted: func(graph *eval.Graph) {
			if err := p.adopt(graph); err != nil {
				log.Warn("close the providers that are not used any more", "error", err)
			}
		},
		Processes: p.host.Status,
		DataDir:   dataDir,
		Log:       log,
		Hidden:    s.hidden,
		Secrets:   s.resolver.Stats,
		Now:       time.Now,
		Ready:     ready,
		Reload:    hangup,
		Redact:    s.hidden.String,
	})
}

// loadGraph reads the configuration anew and shows what is wrong with it.
func (e env) loadGraph(ctx context.Context, c *catalog.Catalog, p *plugins, path string, in eval.Inputs) (*eval.Graph, hcl.Diagnostics) {
	l, diags := e.build(ctx, c, p, path, in)
	e.Diagnostics(diags)
	if diags.HasErrors() {
		return nil, diags
	}
	return l.graph, diags
}

func (e env) logger(hidden *redact.Redactor) (hclog.InterceptLogger, error) {
	level := hclog.LevelFromString(e.flags.String("log-level"))
	if level == hclog.NoLevel {
		return nil, fmt.Errorf("there is no log level %q; use trace, debug, info, warn or error", e.flags.String("log-level"))
	}
	format := e.flags.String("log-format")
	if format != "text" && format != "json" {
		return nil, fmt.Errorf("there is no log format %q; use text or json", format)
	}
	return hclog.NewInterceptLogger(&hclog.LoggerOptions{
		Name:       "driftless",
		Level:      level,
		Output:     hidden.Writer(e.Err),
		JSONFormat: format == "json",
	}), nil
}
