package plugintest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func conformManifest(p pair) []error {
	problems := checkManifest(p.direct.manifest)
	again, err := p.direct.Manifest(context.Background())
	if err == nil {
		err = difference("the manifest, asked for twice,", describeManifest(p.direct.manifest), describeManifest(again))
	}
	if err != nil {
		problems = append(problems, err)
	}
	if err := difference("the manifest", describeManifest(p.direct.manifest), describeManifest(p.wire.manifest)); err != nil {
		problems = append(problems, err)
	}
	if _, ok := p.direct.Provider.(plugin.Caller); !ok && len(p.direct.manifest.Functions) > 0 {
		problems = append(problems, errors.New("the manifest has functions, and the provider is no plugin.Caller"))
	}
	return problems
}

// checkManifest returns what is not sound, or not documented.
func checkManifest(m plugin.Manifest) []error {
	var problems []error
	complain := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if m.Name == "" {
		complain("the manifest has no name")
	}
	if m.Doc == "" {
		complain("the provider has no documentation")
	}
	if m.Config != nil {
		for _, err := range checkBlock(m.Config) {
			complain("the block of the provider: %w", err)
		}
	}
	seen := make(map[plugin.TypeRef]bool)
	for _, t := range m.Types {
		if seen[t.Ref] {
			complain("%s is there twice", t.Ref)
		}
		seen[t.Ref] = true
		for _, err := range checkType(t) {
			complain("%s: %w", t.Ref, err)
		}
	}
	names := make(map[string]bool)
	for _, f := range m.Functions {
		if names[f.Name] {
			complain("the function %q is there twice", f.Name)
		}
		names[f.Name] = true
		for _, err := range checkFunction(f) {
			complain("the function %q: %w", f.Name, err)
		}
	}
	return problems
}

func checkType(t plugin.Type) []error {
	switch t.Ref.Kind {
	case plugin.KindSource, plugin.KindTask, plugin.KindCollector, plugin.KindStage, plugin.KindSink:
	default:
		return []error{fmt.Errorf("there is no kind %q", t.Ref.Kind)}
	}
	switch {
	case t.Ref.Name == "":
		return []error{errors.New("it has no name")}
	case t.Schema == nil:
		return []error{errors.New("it has no schema")}
	case t.Schema.Doc == "":
		return append(checkBlock(t.Schema), errors.New("it has no documentation"))
	case t.Emits && t.Ref.Kind != plugin.KindSource:
		return []error{errors.New("it emits, which only a source does")}
	case t.DetectOnly && t.Ref.Kind != plugin.KindTask:
		return []error{errors.New("it only detects, which only a task does")}
	case t.EnforcedBy != "" && (t.Ref.Kind != plugin.KindTask || t.DetectOnly):
		return []error{errors.New("it is enforced by a block, which only a task is that can do more than detect")}
	case t.EnforcedBy != "" && !slices.ContainsFunc(t.Schema.Blocks, func(n schema.Nested) bool { return n.Name == t.EnforcedBy }):
		return []error{fmt.Errorf("it is enforced by a block %s, which its schema doesn't have", t.EnforcedBy)}
	}
	return checkBlock(t.Schema)
}

// checkBlock returns what is not sound about a schema, and which of the blocks
// in it have no documentation.
func checkBlock(b *schema.Block) []error {
	var problems []error
	if err := b.Validate(); err != nil {
		problems = append(problems, err)
	}
	for i := range b.Blocks {
		if b.Blocks[i].Doc == "" {
			problems = append(problems, fmt.Errorf("the block %q has no documentation", b.Blocks[i].Name))
		}
		for _, err := range checkBlock(&b.Blocks[i].Block) {
			problems = append(problems, fmt.Errorf("%s: %w", b.Blocks[i].Name, err))
		}
	}
	return problems
}

func checkFunction(f plugin.Function) []error {
	var problems []error
	if f.Name == "" || f.Doc == "" || f.Result == cty.NilType {
		problems = append(problems, errors.New("it lacks a name, a documentation or the type of its result"))
	}
	parameters := f.Parameters
	if f.Variadic != nil {
		parameters = append(slices.Clip(parameters), *f.Variadic)
	}
	for _, p := range parameters {
		if p.Name == "" || p.Doc == "" || p.Type == cty.NilType {
			problems = append(problems, fmt.Errorf("its parameter %q lacks a name, a documentation or a type", p.Name))
		}
	}
	return problems
}
