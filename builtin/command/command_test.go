package command_test

import (
	"context"
	"maps"
	"testing"

	"github.com/zclconf/go-cty/cty"
	"go.uber.org/goleak"

	"github.com/driftless-hq/driftless/builtin/command"
	"github.com/driftless-hq/driftless/internal/overlay"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ref = plugin.TypeRef{Kind: plugin.KindTask, Name: "command"}

// given are the attributes that a configuration sets.
type given map[string]cty.Value

// argv is a list of strings.
func argv(args ...string) cty.Value {
	values := make([]cty.Value, len(args))
	for i, arg := range args {
		values[i] = cty.StringVal(arg)
	}
	return cty.ListVal(values)
}

// sh is the configuration of a script.
func sh(script string, more ...given) given {
	set := given{"shell": cty.StringVal(script)}
	for _, one := range more {
		maps.Copy(set, one)
	}
	return set
}

// self is an expression over what the command left.
func self(eval func(self cty.Value) (cty.Value, error)) cty.Value {
	return cty.CapsuleVal(schema.SelfExpr, &schema.Self{Eval: eval, Text: "test"})
}

// configuration is the value of a block, as the core would decode it.
func configuration(t *testing.T, set given) cty.Value {
	t.Helper()
	manifest, err := command.New().Manifest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]cty.Value{}
	for _, a := range manifest.Types[0].Schema.Attributes {
		values[a.Name] = cty.NullVal(a.Type)
		if a.Default != cty.NilVal {
			values[a.Name] = a.Default
		}
	}
	for name, value := range set {
		if _, ok := values[name]; !ok {
			t.Fatalf("there is no attribute %s", name)
		}
		values[name] = value
	}
	return cty.ObjectVal(values)
}

func open(t *testing.T, set given) plugin.Task {
	t.Helper()
	instance, diags := command.New().Open(t.Context(), plugin.OpenRequest{
		Type: ref, Addr: "task.command.test", Config: configuration(t, set),
	})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := instance.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return instance.(plugin.Task)
}

func plan(t *testing.T, task plugin.Task) plugin.Change {
	t.Helper()
	change, diags := task.Plan(t.Context(), overlay.New(overlay.Options{}))
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return change
}

// apply plans and applies, which must go well.
func apply(t *testing.T, set given) (after map[string]cty.Value, warnings plugin.Diagnostics) {
	t.Helper()
	task := open(t, set)
	value, diags := task.Apply(t.Context(), plan(t, task))
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	if !value.IsWhollyKnown() {
		t.Fatalf("the value after Apply is not wholly known: %#v", value)
	}
	if want := configuration(t, set).Type(); !value.Type().Equals(want) {
		t.Fatalf("the value is of type %#v, want %#v", value.Type(), want)
	}
	return value.AsValueMap(), diags
}

// applyFails plans and applies, which must fail, and returns the diagnostic.
func applyFails(t *testing.T, set given) plugin.Diagnostic {
	t.Helper()
	task := open(t, set)
	_, diags := task.Apply(t.Context(), plan(t, task))
	if !diags.HasErrors() {
		t.Fatal("Apply did not fail")
	}
	return diags[0]
}

func checkResult(t *testing.T, got map[string]cty.Value, rc int64, stdout, stderr string, changed bool) {
	t.Helper()
	for name, want := range map[string]cty.Value{
		"rc": cty.NumberIntVal(rc), "stdout": cty.StringVal(stdout), "stderr": cty.StringVal(stderr), "changed": cty.BoolVal(changed),
	} {
		if !got[name].RawEquals(want) {
			t.Errorf("%s is %#v, want %#v", name, got[name], want)
		}
	}
}

func checkNotRun(t *testing.T, got map[string]cty.Value) {
	t.Helper()
	for _, name := range []string{"rc", "stdout", "stderr"} {
		if !got[name].IsNull() {
			t.Errorf("%s is %#v, though nothing was run", name, got[name])
		}
	}
	if !got["changed"].RawEquals(cty.False) {
		t.Errorf("changed is %#v, though nothing was run", got["changed"])
	}
}

func TestValidate(t *testing.T) {
	null, unknown := cty.NullVal(cty.String), cty.UnknownVal(cty.String)
	tests := map[string]struct {
		set  given
		want string
	}{
		"a command is valid":               {given{"command": argv("true")}, ""},
		"a script is valid":                {sh("true"), ""},
		"neither is not":                   {given{}, "Exactly one of command and shell is needed"},
		"both are not":                     {sh("true", given{"command": argv("true")}), "Exactly one of command and shell is needed"},
		"what is unknown can't be judged":  {given{"command": cty.UnknownVal(cty.List(cty.String)), "unless": cty.ListVal([]cty.Value{unknown}), "env": cty.MapVal(map[string]cty.Value{"A": unknown})}, ""},
		"an empty list is no command":      {given{"command": cty.ListValEmpty(cty.String)}, "Empty command"},
		"an empty program is none":         {given{"command": argv("", "x")}, "Empty command"},
		"an empty script is none":          {sh(""), "Invalid value"},
		"an empty guard is none":           {sh("true", given{"unless": cty.ListValEmpty(cty.String)}), "Empty command"},
		"an argument can't be null":        {given{"command": cty.ListVal([]cty.Value{cty.StringVal("x"), null})}, "Null argument"},
		"an argument can't hold a NUL":     {given{"command": argv("x", "a\x00b")}, "Invalid argument"},
		"a variable can't be null":         {sh("true", given{"env": cty.MapVal(map[string]cty.Value{"A": null})}), "Invalid variable"},
		"a variable needs a sensible name": {sh("true", given{"env": cty.MapVal(map[string]cty.Value{"A=B": cty.StringVal("")})}), "Invalid variable"},
		"an empty user is no user":         {sh("true", given{"user": cty.StringVal("")}), "Invalid value"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			diags := command.New().Validate(t.Context(), ref, configuration(t, test.set))
			got := ""
			if len(diags) > 0 {
				got = diags[0].Summary
			}
			if got != test.want {
				t.Errorf("diagnostics %v, want %q", diags, test.want)
			}
		})
	}
}

func TestProviderKnowsItsOnlyType(t *testing.T) {
	other := plugin.TypeRef{Kind: plugin.KindTask, Name: "script"}
	if diags := command.New().Validate(t.Context(), other, cty.EmptyObjectVal); !diags.HasErrors() {
		t.Error("Validate takes a type that there isn't")
	}
	if _, diags := command.New().Open(t.Context(), plugin.OpenRequest{Type: other}); !diags.HasErrors() {
		t.Error("Open takes a type that there isn't")
	}
}
