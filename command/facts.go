package command

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/facts"
	"github.com/driftless-hq/driftless/internal/plan"
)

// host returns the facts of this host. Those of its owner lie in facts.d
// beside the configuration in /etc, or in the user's own configuration.
func (e env) host() *facts.Facts {
	return facts.New(facts.Options{
		CustomDir: customFactsDir(),
		Now:       time.Now,
		Log:       hclog.New(&hclog.LoggerOptions{Name: "facts", Level: hclog.Warn, Output: e.Err}),
	})
}

func customFactsDir() string {
	if os.Geteuid() == 0 {
		return "/etc/driftless/facts.d"
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "" // a user without a home has no facts there
	}
	return filepath.Join(dir, "driftless", "facts.d")
}

// gathered are facts as a configuration sees them when it is planned.
type gathered struct {
	*facts.Facts
	ctx context.Context
}

// Value implements [eval.Facts].
func (g gathered) Value(group string) (cty.Value, error) { return g.Gather(g.ctx, group) }

// declared are facts as validate sees them: their types are known, and the
// host is not looked at.
type declared struct{ *facts.Facts }

// Value implements [eval.Facts].
func (d declared) Value(group string) (cty.Value, error) {
	t, _ := d.Type(group)
	return cty.UnknownVal(t), nil
}

var (
	_ eval.Facts = gathered{}
	_ eval.Facts = declared{}
)

func runFacts(ctx context.Context, e env) int {
	host := e.host()
	names := e.flags.Args().Slice()
	if len(names) == 0 {
		names = host.Names()
	}
	values := make(map[string]cty.Value)
	for _, name := range names {
		if !slices.Contains(host.Names(), name) {
			e.Error(fmt.Errorf("there are no facts %q.%s Known are %v", name, lang.Suggest(name, host.Names()), host.Names()))
			return exitError
		}
		v, err := host.Gather(ctx, name)
		if err != nil {
			e.Error(err)
			return exitError
		}
		values[name] = v
	}
	return e.showFacts(host, values)
}

func (e env) showFacts(host *facts.Facts, values map[string]cty.Value) int {
	switch format := e.flags.String("format"); {
	case format == "prometheus":
		text, problems := host.Prometheus(nil, values)
		for _, p := range problems {
			e.Progress("Left out: %s", p.Error())
		}
		e.Print("%s", text)
	case e.IsJSON() || format == "json":
		out, err := json.MarshalIndent(plan.Outward(cty.ObjectVal(values)), "", "  ")
		if err != nil {
			e.Error(err)
			return exitError
		}
		e.Print("%s\n", out)
	case format == "text":
		e.Facts(values)
	default:
		e.Error(fmt.Errorf("there is no format %q; use text, json or prometheus", format))
		return exitError
	}
	return exitOK
}
