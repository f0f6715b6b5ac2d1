package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/builtin/logs"
	"github.com/driftless-hq/driftless/command/view"
	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/console"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/internal/version"
)

func runConsole(ctx context.Context, e env) int {
	e.OneDocument()
	l := e.loadForConsole(ctx)
	if l == nil {
		return exitError
	}
	defer l.close(e)
	values, ok := e.knownValues(ctx, l)
	switch {
	case ctx.Err() != nil:
		return exitInterrupted
	case !ok:
		return exitError
	}
	c := consoleRun{e, console.New(l.graph, values), l.graph.Config.Files}
	if e.flags.Args().Present() {
		return c.evaluate(console.Expression{Source: []byte(e.flags.Args().First()), Line: 1}, "expression")
	}
	return c.converse(ctx)
}

// loadForConsole loads the configuration of the flags, or none where none is
// named and there is none in the default place.
func (e env) loadForConsole(ctx context.Context) *loaded {
	path, err := configPath(e.flags.String("config"))
	if err == nil { // a user without a home has no default place
		_, err = os.Stat(path)
	}
	if e.flags.String("config") != "" || err == nil {
		return e.load(ctx)
	}
	l, err := e.loadNothing(ctx)
	if err != nil {
		e.Error(err)
		return nil
	}
	return l
}

// loadNothing makes do with facts and functions.
func (e env) loadNothing(ctx context.Context) (*loaded, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	cfg := &config.Config{Dir: dir}
	given := e.variables(cfg)
	c, err := e.catalog(ctx, logs.NewTap(tapEntries, time.Now))
	if err != nil {
		return nil, err
	}
	s := e.newSecrets(dir, e.warnings())
	graph, diags := eval.Build(cfg, c, eval.Inputs{Variables: given.given, Facts: gathered{e.host(), ctx}, Secrets: s.live(ctx), Hidden: e.Hidden})
	if diags = append(given.diags, diags...); diags.HasErrors() {
		return nil, errors.Join(diags, s.close())
	}
	return &loaded{path: dir, given: given, catalog: c, graph: graph, secrets: s, plugins: e.newPlugins(e.warnings())}, nil
}

// knownValues are the values of the blocks: what their configuration tells
// or, with -plan, what a plan tells.
func (e env) knownValues(ctx context.Context, l *loaded) (eval.Values, bool) {
	if !e.flags.Bool("plan") {
		return l.graph.Static(), true
	}
	dataDir, err := l.dataDir()
	if err != nil {
		e.Error(err)
		return nil, false
	}
	s, _, finish := e.session(l, plan.Selection{}, dataDir, time.Now())
	defer finish()
	_, diags := s.Plan(ctx)
	e.Diagnostics(diags)
	values := eval.NewValues()
	s.CopyValues(values)
	return planned{values, l.graph.Static()}, !diags.HasErrors()
}

// planned are the values of a plan, and of the blocks that it doesn't look at
// those that their configuration tells.
type planned struct{ plan, static eval.Values }

// Value implements [eval.Values].
func (p planned) Value(a addr.Addr) (cty.Value, bool) {
	if v, ok := p.plan.Value(a); ok {
		return v, true
	}
	return p.static.Value(a)
}

// consoleRun is one run of the console.
type consoleRun struct {
	env
	session *console.Session
	files   map[string]*hcl.File // of the configuration
}

// evaluate shows the value of an expression, or what is wrong with it.
func (c consoleRun) evaluate(x console.Expression, name string) int {
	v, diags := c.session.Eval(x, name)
	files := maps.Clone(c.files)
	if files == nil {
		files = make(map[string]*hcl.File)
	}
	files[name] = &hcl.File{Bytes: x.Source}
	c.SetFiles(files)
	c.Value(v, diags)
	if diags.HasErrors() {
		return exitError
	}
	return exitOK
}

// converse evaluates what comes from the input until it ends. To whoever sits
// at a terminal a mistake is no failure.
func (c consoleRun) converse(ctx context.Context) int {
	interactive := c.Interactive() && !c.IsJSON()
	name := "input"
	if interactive {
		name = "expression"
		c.Progress("driftless %s. Type an expression, help, or exit.", version.Number)
	}
	code := exitOK
	input, lines := c.NewLines(), &console.Lines{}
	for {
		x, err := next(ctx, c, input, lines)
		switch {
		case errors.Is(err, io.EOF) && interactive:
			return exitOK
		case errors.Is(err, io.EOF):
			return code
		case ctx.Err() != nil:
			return exitInterrupted
		case err != nil:
			c.Error(err)
			return exitError
		}
		if interactive {
			x.Line = 1
		}
		code = max(code, c.evaluate(x, name))
	}
}

// next reads the next expression. It returns io.EOF at the end of the input.
func next(ctx context.Context, c consoleRun, input *view.Lines, lines *console.Lines) (console.Expression, error) {
	for {
		prompt := "> "
		if lines.Open() {
			prompt = ": "
		}
		line, err := input.Next(ctx, prompt)
		switch {
		case errors.Is(err, view.ErrCleared):
			lines.Drop()
			continue
		case errors.Is(err, io.EOF):
			if x, ok := lines.Rest(); ok {
				return x, nil
			}
			return console.Expression{}, io.EOF
		case err != nil:
			return console.Expression{}, fmt.Errorf("read an expression: %w", err)
		}
		if !lines.Open() {
			switch strings.TrimSpace(line) {
			case "exit", "quit":
				return console.Expression{}, io.EOF
			case "help":
				c.ConsoleHelp()
				line = "" // it still counts as a line of the input
			}
		}
		if x, ok := lines.Add(line); ok {
			return x, nil
		}
	}
}
