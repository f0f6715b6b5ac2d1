package command

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/internal/state"
)

// savePlan writes a plan with all that it takes to make it again, but for the
// sensitive variables.
func (l *loaded) savePlan(ctx context.Context, path string, p *plan.Plan, planned time.Time, dataDir string) error {
	key, err := state.Key(dataDir)
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	absolute, err := filepath.Abs(l.path)
	if err != nil {
		return err
	}
	f := plan.File{
		Created:    planned.UTC(),
		Host:       host,
		Config:     absolute,
		ConfigHash: hex.EncodeToString(l.graph.Config.Digest[:]),
	}
	if f.Variables, err = encodeVariables(l.graph.Config.Variables, l.given.given); err != nil {
		return err
	}
	for _, given := range l.given.files {
		if given.Path, err = filepath.Abs(given.Path); err != nil {
			return err
		}
		f.AddVariableFile(given.Path, given.Digest, key)
	}
	return f.Save(ctx, path, p, key)
}

// encodeVariables writes the values that were given and are not sensitive,
// each with its type.
func encodeVariables(declared map[string]*config.Variable, given map[string]eval.Given) (map[string]json.RawMessage, error) {
	encoded := make(map[string]json.RawMessage)
	for name, g := range given {
		v := declared[name]
		if v == nil || v.Sensitive {
			continue
		}
		value, err := g.ValueFor(v)
		if err == nil {
			encoded[name], err = ctyjson.Marshal(value, cty.DynamicPseudoType)
		}
		if err != nil {
			return nil, fmt.Errorf("save the variable %s: %w", name, err)
		}
	}
	return encoded, nil
}

func decodeVariables(encoded map[string]json.RawMessage) (map[string]eval.Given, error) {
	given := make(map[string]eval.Given, len(encoded))
	for name, content := range encoded {
		value, err := ctyjson.Unmarshal(content, cty.DynamicPseudoType)
		if err != nil {
			return nil, fmt.Errorf("read the variable %s of the saved plan: %w; plan again", name, err)
		}
		given[name] = eval.Given{Value: value, Origin: "the saved plan"}
	}
	return given, nil
}

// loadSaved loads a saved plan, and its configuration with its variables.
func (e env) loadSaved(ctx context.Context, path string) (*loaded, *plan.File, error) {
	f, err := plan.Load(path)
	if err != nil {
		return nil, nil, err
	}
	if err := e.checkConfigOf(f); err != nil {
		return nil, nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, nil, err
	}
	if f.Host != host {
		return nil, nil, fmt.Errorf("the plan %s was made on the host %s, and this is %s; plan again here", path, f.Host, host)
	}
	if e.saved.given, err = decodeVariables(f.Variables); err != nil {
		return nil, nil, err
	}
	for _, given := range f.VariableFiles {
		e.saved.files = append(e.saved.files, given.Path)
	}
	l, diags := e.loadLive(ctx, f.Config)
	e.Diagnostics(diags)
	if diags.HasErrors() {
		return nil, nil, fmt.Errorf("the configuration of the saved plan, %s, is no longer valid", f.Config)
	}
	if f.ConfigHash != hex.EncodeToString(l.graph.Config.Digest[:]) {
		l.close(e)
		return nil, nil, fmt.Errorf("%w: the configuration in %s has changed; plan again", plan.ErrStale, f.Config)
	}
	return l, &f, nil
}

// checkConfigOf refuses a -config that names another configuration than the
// saved plan. What the environment says is only a default.
func (e env) checkConfigOf(f plan.File) error {
	given := e.flags.String("config")
	if given == "" || given == os.Getenv(configVariable) {
		return nil
	}
	if absolute, err := filepath.Abs(given); err != nil || absolute != f.Config {
		return fmt.Errorf("the plan was made of the configuration %s, and -config names %s; leave out -config, or plan again", f.Config, given)
	}
	return nil
}

// checkVariableFiles makes sure that the files of variables that a saved plan
// was made with are what they were.
func (l *loaded) checkVariableFiles(f *plan.File, key []byte) error {
	for i := range f.VariableFiles {
		if err := f.CheckVariableFile(i, l.given.files[i].Digest, key); err != nil {
			return err
		}
	}
	return nil
}
