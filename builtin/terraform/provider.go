// Package terraform is the provider of the terraform task: it compares
// Terraform and OpenTofu stacks with the real world and with their code, and
// tells the two kinds of difference apart.
//
// One normal plan answers both questions. Its exit code only says whether it
// worked; the verdict is counted from the plan as data. Nothing is applied and
// no state is locked, unless the task is enforced and all the gates of its
// remediate block are open (remedy_gates.go).
package terraform

import (
	"context"
	"os"
	"slices"
	"sync"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

type provider struct {
	environ  func() []string // of this process
	turns    *admission
	backoffs *backoffs
	memory   *memory
	swept    sync.Map // private directories of tasks, by path
}

var _ plugin.Provider = (*provider)(nil)

// New returns the provider.
func New() plugin.Provider {
	return &provider{environ: os.Environ, turns: newAdmission(), backoffs: newBackoffs(), memory: newMemory()}
}

func (*provider) Manifest(context.Context) (plugin.Manifest, error) {
	return plugin.Manifest{
		Name: "terraform",
		Doc:  "Finds drift of Terraform and OpenTofu stacks.",
		Types: []plugin.Type{{
			Ref:        plugin.TypeRef{Kind: plugin.KindTask, Name: "terraform"},
			Schema:     taskSchema(),
			EnforcedBy: remediateBlock,
		}},
	}, nil
}

func (*provider) Configure(context.Context, cty.Value) plugin.Diagnostics { return nil }

func (*provider) Validate(_ context.Context, _ plugin.TypeRef, cfg cty.Value) plugin.Diagnostics {
	return slices.Concat(
		validateRoot(cfg.GetAttr("source"), cfg.GetAttr("path")),
		validateBinary(cfg.GetAttr("binary"), plugin.Attr("binary")),
		validateEnv(cfg.GetAttr("env"), plugin.Attr("env")),
		validateInherited(cfg.GetAttr("inherit_env")),
		validateVariables(cfg.GetAttr("variables")),
		validateWorkspaces(cfg.GetAttr("workspaces"), plugin.Attr("workspaces")),
		validateParallelism(cfg.GetAttr("parallelism")),
		validateOperations(cfg.GetAttr("operations")),
		validateMaxMemory(cfg.GetAttr("max_memory")),
		validateConcurrency(cfg),
		validateStacks(cfg.GetAttr("stacks")),
		validateOverrides(cfg.GetAttr("override")),
		validateIgnore(cfg.GetAttr("ignore")),
		validateRemediate(cfg.GetAttr(remediateBlock), cfg.GetAttr("mode")),
	)
}

func (p *provider) Open(_ context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	var c config
	if err := schema.Decode(req.Config, &c); err != nil {
		return nil, plugin.Error(nil, "Invalid configuration", "The terraform task could not be configured: %s.", err)
	}
	c.applyDefaults(req.Env.Interval)
	dir, err := req.Env.MakeDir()
	if err != nil {
		return nil, plugin.Error(nil, "Cannot keep the stacks", "The directory for what terraform downloads could not be made: %s.", err)
	}
	if _, done := p.swept.LoadOrStore(dir, true); !done {
		sweep(dir, req.Env.Log)
	}
	key, err := remedyKey(dir)
	if err != nil {
		return nil, plugin.Error(nil, "Cannot keep the stacks", "The key that the ids of remedies are made with could not be made: %s.", err)
	}
	return &task{
		cfg: c, value: req.Config, digest: configDigest(req.Config), setup: setupDigest(req.Config), dir: dir,
		environ: p.environ(), log: req.Env.Log, now: req.Env.Now,
		turns: p.turns, backoffs: p.backoffs, memory: p.memory,
		enforced: req.Env.Enforced, approved: req.Env.Approved, asked: req.Env.Asked, only: req.Env.Only, early: req.Env.Early, report: req.Env.Report, key: key,
	}, nil
}

func (*provider) Close() error { return nil }
