// Package files is the provider of tasks that keep files and directories as
// declared: their content, whole or in part, their mode and their owner.
//
// A task reads through the [plugin.Host] it is planned with, and what it plans
// for a path is one [plugin.Change] in one shape, whatever its type. So the
// changes of several tasks to one file can be merged, and the last task's
// Apply puts the result in place in one step.
package files

import (
	"context"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// New returns the provider.
func New() plugin.Provider { return provider{taskTypes()} }

type provider struct{ types []taskType }

var _ plugin.Provider = provider{}

// taskType is one type of task that the provider offers.
type taskType struct {
	name     string
	schema   *schema.Block
	validate func(cfg cty.Value) plugin.Diagnostics
	open     func(cfg cty.Value, env plugin.Env) (plugin.Task, error)
}

func taskTypes() []taskType {
	return []taskType{fileType(), directoryType(), templateType(), lineinfileType()}
}

func (p provider) typeNamed(ref plugin.TypeRef) (taskType, plugin.Diagnostics) {
	for _, t := range p.types {
		if ref.Kind == plugin.KindTask && ref.Name == t.name {
			return t, nil
		}
	}
	return taskType{}, plugin.Error(nil, "Unknown type", "The provider \"files\" has no type %s.", ref)
}

// Manifest implements [plugin.Provider].
func (p provider) Manifest(context.Context) (plugin.Manifest, error) {
	m := plugin.Manifest{Name: "files", Version: "1.0.0", Doc: "Files and directories of this host."}
	for _, t := range p.types {
		ref := plugin.TypeRef{Kind: plugin.KindTask, Name: t.name}
		m.Types = append(m.Types, plugin.Type{Ref: ref, Schema: t.schema})
	}
	return m, nil
}

// Configure implements [plugin.Provider]. There is nothing to configure.
func (provider) Configure(context.Context, cty.Value) plugin.Diagnostics { return nil }

// Validate implements [plugin.Provider].
func (p provider) Validate(_ context.Context, ref plugin.TypeRef, cfg cty.Value) plugin.Diagnostics {
	t, diags := p.typeNamed(ref)
	if diags.HasErrors() {
		return diags
	}
	return t.validate(cfg)
}

// Open implements [plugin.Provider].
func (p provider) Open(_ context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	t, diags := p.typeNamed(req.Type)
	if diags.HasErrors() {
		return nil, diags
	}
	if diags := t.validate(req.Config); diags.HasErrors() {
		return nil, diags
	}
	task, err := t.open(req.Config, req.Env)
	if err != nil {
		return nil, plugin.Error(nil, "Invalid configuration", "The configuration of %s could not be read: %s.", req.Addr, err)
	}
	return task, nil
}

// Close implements [plugin.Provider].
func (provider) Close() error { return nil }
