package plugintest

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Conformance checks what every provider promises, on providers that
// newProvider makes:
//
//   - The manifest is sound, documented, and the same every time.
//   - Validate takes whatever the types allow, unknown values among it, and
//     neither panics nor shows the value of a sensitive attribute.
//   - What a provider answers over the protocol is what it answers directly.
//   - An instance of an example has the methods of its kind, returns within a
//     second of the end of its context, can be closed twice, and logs nothing
//     sensitive.
//   - A closed provider can be closed again, and opens nothing that panics.
//
// Nothing is applied, and only examples are opened.
func Conformance[P plugin.Provider](t *testing.T, newProvider func() P, examples ...Example) {
	t.Helper()
	var config Config
	for _, e := range examples {
		if e.Provider != nil {
			config = e.Provider
		}
	}
	fresh := func() plugin.Provider { return newProvider() }
	t.Run("manifest", func(t *testing.T) { report(t, conformManifest(newPair(t, fresh, config))) })
	t.Run("validate", func(t *testing.T) { report(t, conformValidate(t.Context(), newPair(t, fresh, config))) })
	t.Run("secrets", func(t *testing.T) { report(t, conformSecrets(t.Context(), newPair(t, fresh, config))) })
	t.Run("close", func(t *testing.T) { report(t, conformClose(t.Context(), newPair(t, fresh, config))) })
	for _, e := range examples {
		t.Run(e.String(), func(t *testing.T) {
			p := newPair(t, fresh, e.Provider)
			p.wire.dir, p.wire.env = p.direct.dir, p.direct.env // one after the other, so that they see the same
			if e.Prepare != nil {
				e.Prepare(t, p.direct.dir)
			}
			conformExample(t, p, e)
		})
	}
}

func report(t *testing.T, problems []error) {
	t.Helper()
	for _, err := range problems {
		t.Error(err)
	}
}

// pair is the same provider twice, called directly and over the wire.
type pair struct{ direct, wire *world }

func newPair(t *testing.T, newProvider func() plugin.Provider, config Config) pair {
	t.Helper()
	return pair{newWorld(t, "direct", newProvider(), config), newWorld(t, "wire", newProvider(), config)}
}

// guarded returns a panic of a call as an error.
func guarded(doing string, call func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: the provider panicked: %v\n%s", doing, p, debug.Stack())
		}
	}()
	call()
	return nil
}

// conformClose checks that what is closed stays closed.
func conformClose(ctx context.Context, p pair) []error {
	var problems []error
	for _, w := range []*world{p.direct, p.wire} {
		for _, when := range []string{"close the provider", "close the provider again"} {
			if err := w.Close(); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", when, err))
			}
		}
		for _, t := range w.manifest.Types {
			problems = append(problems, openClosed(ctx, w, t, w == p.wire)...)
		}
	}
	return problems
}

func openClosed(ctx context.Context, w *world, t plugin.Type, mustFail bool) []error {
	doing := "open " + t.Ref.String() + " of a closed provider"
	req := plugin.OpenRequest{Type: t.Ref, Addr: t.Ref.String() + ".closed", Config: minimal(t.Schema), Env: plugin.Env{
		Log: w.logs.logger(), Dir: w.env, Checkpoints: w.checkpoints, Now: time.Now,
	}}
	var instance plugin.Instance
	var diags plugin.Diagnostics
	if err := guarded(doing, func() { instance, diags = w.Open(ctx, req) }); err != nil {
		return []error{err}
	}
	switch {
	case diags.HasErrors() && instance != nil:
		return []error{fmt.Errorf("%s: it failed, and still returned an instance", doing)}
	case diags.HasErrors():
		return nil
	case instance == nil:
		return []error{fmt.Errorf("%s: there is neither an instance nor an error", doing)}
	case mustFail:
		return []error{fmt.Errorf("%s: it was opened", doing)}
	}
	return slices.DeleteFunc([]error{instance.Close(ctx)}, func(err error) bool { return err == nil })
}

// prompt is how soon a call returns whose context has ended.
const prompt = time.Second

// promptly makes a call whose context has ended, and returns an error where it
// doesn't return soon.
func promptly(doing string, call func(ctx context.Context)) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("the test has ended the context"))
	done := make(chan error, 1)
	go func() { done <- guarded(doing, func() { call(ctx) }) }()
	select {
	case err := <-done:
		return err
	case <-time.After(prompt):
		return fmt.Errorf("%s: it has not returned %s after its context had ended", doing, prompt)
	}
}

// minimal is a plausible value of a block in which only what is required is
// given.
func minimal(b *schema.Block) cty.Value {
	return plausible(b, func(a *schema.Attribute) bool { return a.Required }, "")
}
