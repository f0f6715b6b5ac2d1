package plugintest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// wildRounds is how many wild values of each type are validated.
const wildRounds = 100

// conformValidate validates whatever the types allow, and compares what is said
// of it directly and over the wire.
func conformValidate(ctx context.Context, p pair) []error {
	var problems []error
	for _, t := range p.direct.manifest.Types {
		for i := range wildRounds {
			what, v := tried(t.Schema, i)
			if err := validateBoth(ctx, p, t.Ref, v); err != nil {
				problems = append(problems, fmt.Errorf("validate %s with %s: %w\nthe configuration: %.1000s", t.Ref, what, err, describeValue(v)))
				break
			}
		}
	}
	return problems
}

// tried is the i-th value that is validated, and what it is.
func tried(b *schema.Block, i int) (what string, v cty.Value) {
	constant := func(value func(t cty.Type) cty.Value) cty.Value {
		return fill(b, value)
	}
	switch i {
	case 0:
		return "what is required", minimal(b)
	case 1:
		return "all of it", plausible(b, func(*schema.Attribute) bool { return true }, "")
	case 2:
		return "only nulls", constant(cty.NullVal)
	case 3:
		return "only unknown values", constant(cty.UnknownVal)
	case 4:
		return "a configuration that is not known at all", cty.UnknownVal(b.ImpliedType())
	}
	return fmt.Sprintf("the wild value %d", i), wild{rand.New(rand.NewPCG(uint64(i), 1))}.block(b)
}

// fill gives everything in a block the value of its type.
func fill(b *schema.Block, value func(t cty.Type) cty.Value) cty.Value {
	values := make(map[string]cty.Value)
	for name, t := range b.ImpliedType().AttributeTypes() {
		values[name] = value(t)
	}
	for _, a := range b.Attributes {
		if a.Computed {
			values[a.Name] = cty.NullVal(a.Type)
		}
	}
	return cty.ObjectVal(values)
}

func validateBoth(ctx context.Context, p pair, ref plugin.TypeRef, v cty.Value) error {
	var direct, wire plugin.Diagnostics
	if err := guarded("directly", func() { direct = p.direct.Validate(ctx, ref, v) }); err != nil {
		return err
	}
	if err := guarded("over the wire", func() { wire = p.wire.Validate(ctx, ref, v) }); err != nil {
		return err
	}
	for _, d := range direct {
		if d.Summary == "" || d.Detail == "" {
			return fmt.Errorf("a diagnostic lacks a summary or a detail: %q, %q", d.Summary, d.Detail)
		}
	}
	return difference("what is said of it", describeDiagnostics(direct), describeDiagnostics(wire))
}

// conformSecrets validates configurations whose sensitive attributes hold a
// secret, which then must be nowhere to be seen.
func conformSecrets(ctx context.Context, p pair) []error {
	var problems []error
	for _, t := range p.direct.manifest.Types {
		for _, secret := range []string{canary, canary + "\x00\n", "http://" + canary + ":%zz"} {
			v := plausible(t.Schema, func(*schema.Attribute) bool { return true }, secret)
			for _, w := range []*world{p.direct, p.wire} {
				diags := w.Validate(ctx, t.Ref, v)
				if err := exposed(canary, w.logs.String(), describeDiagnostics(diags)); err != nil {
					problems = append(problems, fmt.Errorf("validate %s with a secret in its sensitive attributes: %w", t.Ref, err))
				}
			}
		}
	}
	return problems
}

// canary is a text that nothing else holds.
const canary = "canary-5f0e9d"

// exposed returns an error where a secret is in one of the texts.
func exposed(secret string, texts ...string) error {
	for _, text := range texts {
		if at := strings.Index(text, secret); at >= 0 {
			shown := text[max(0, at-80):at] + "(the secret)"
			return fmt.Errorf("the secret is shown: %q", shown)
		}
	}
	return nil
}

// secretsOf returns the texts that the sensitive attributes of a configuration
// hold. Those that are too short to tell from other text are left out.
func secretsOf(b *schema.Block, v cty.Value) []string {
	if v.IsNull() || !v.IsKnown() {
		return nil
	}
	var secrets []string
	for _, a := range b.Attributes {
		if a.Sensitive {
			secrets = append(secrets, texts(v.GetAttr(a.Name))...)
		}
	}
	for i := range b.Blocks {
		inside := v.GetAttr(b.Blocks[i].Name)
		if b.Blocks[i].Nesting == schema.Single {
			secrets = append(secrets, secretsOf(&b.Blocks[i].Block, inside)...)
			continue
		}
		if !inside.IsKnown() || inside.IsNull() {
			continue
		}
		for it := inside.ElementIterator(); it.Next(); {
			_, one := it.Element()
			secrets = append(secrets, secretsOf(&b.Blocks[i].Block, one)...)
		}
	}
	return secrets
}

func texts(v cty.Value) []string {
	const least = 6
	var found []string
	_ = cty.Walk(v, func(_ cty.Path, part cty.Value) (bool, error) { // the callback returns no error
		if part.Type() == cty.String && part.IsKnown() && !part.IsNull() && len(part.AsString()) >= least {
			found = append(found, part.AsString())
		}
		return true, nil
	})
	return found
}
