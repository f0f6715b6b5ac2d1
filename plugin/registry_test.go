package plugin_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// lamp is a sink, the simplest of instances.
type lamp struct {
	plugin.Opened
	Percent int `schema:"percent,required" doc:"From 0 to 100."`
	Watts   int `schema:"watts,computed" doc:"What it draws."`
}

func (l *lamp) Validate() plugin.Diagnostics {
	switch {
	case l.Percent > 100:
		return plugin.Error(plugin.Attr("percent"), "Invalid brightness", "%d percent can't be shown.", l.Percent)
	case l.Percent == 0:
		return plugin.Warning(plugin.Attr("percent"), "Dark", "It is dark.")
	}
	return nil
}

func (*lamp) Write(context.Context, *event.Batch) error { return nil }

var lampRef = plugin.TypeRef{Kind: plugin.KindSink, Name: "lamp"}

func lampConfig(percent cty.Value) cty.Value {
	return cty.ObjectVal(map[string]cty.Value{"percent": percent, "watts": cty.UnknownVal(cty.Number)})
}

type power struct {
	Volts int    `schema:"volts" default:"230" doc:"How many."`
	Token string `schema:"token,sensitive" doc:"Who asks."`
}

func (p power) Validate() plugin.Diagnostics {
	if p.Volts < 0 {
		return plugin.Error(plugin.Attr("volts"), "Invalid voltage", "%d is too few.", p.Volts)
	}
	return nil
}

func lamps(offers ...plugin.Offer) *plugin.Registry {
	return plugin.New(plugin.Info{Name: "lamps", Version: "1.0.0", Doc: "Lights up."},
		append(offers, plugin.SinkOf[lamp]("lamp", "A lamp."))...)
}

func summaries(diags plugin.Diagnostics) []string {
	var all []string
	for _, d := range diags {
		all = append(all, d.Summary)
	}
	return all
}

func TestARegistryJudgesWhatIsKnown(t *testing.T) {
	tests := []struct {
		name            string
		percent         cty.Value
		validated, open []string // the summaries of what is said
	}{
		{"a value that is right", cty.NumberIntVal(50), nil, nil},
		{"a value that Validate refuses", cty.NumberIntVal(101), []string{"Invalid brightness"}, []string{"Invalid brightness"}},
		{"a warning is told once", cty.Zero, []string{"Dark"}, nil},
		{"a fraction where the struct has a whole number", cty.NumberFloatVal(1.5), []string{"Invalid configuration"}, []string{"Invalid configuration"}},
		{"a value that is not known yet is judged when it is opened", cty.UnknownVal(cty.Number), nil, []string{"Invalid configuration"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, cfg := lamps(), lampConfig(test.percent)
			if diff := cmp.Diff(test.validated, summaries(r.Validate(t.Context(), lampRef, cfg))); diff != "" {
				t.Errorf("validated: %s", diff)
			}
			instance, diags := r.Open(t.Context(), plugin.OpenRequest{Type: lampRef, Config: cfg})
			if diff := cmp.Diff(test.open, summaries(diags)); diff != "" {
				t.Errorf("opened: %s", diff)
			}
			if diags.HasErrors() != (instance == nil) {
				t.Errorf("there is an instance %v beside %v", instance, diags)
			}
		})
	}
}

func TestAnInstanceKnowsWhatItWasOpenedWith(t *testing.T) {
	var seen []int
	r := plugin.New(plugin.Info{Name: "lamps"}, plugin.SinkOf("lamp", "A lamp.",
		func(_ context.Context, l *lamp) plugin.Diagnostics {
			seen = append(seen, l.Percent)
			if l.Addr != "sink.lamp.a" {
				return plugin.Error(nil, "Wrong address", "It is %s.", l.Addr)
			}
			return nil
		}))
	for addr, opens := range map[string]bool{"sink.lamp.a": true, "sink.lamp.b": false} {
		instance, diags := r.Open(t.Context(), plugin.OpenRequest{Type: lampRef, Addr: addr, Config: lampConfig(cty.NumberIntVal(7))})
		if diags.HasErrors() == opens || (instance != nil) != opens {
			t.Errorf("%s: got %v, %v", addr, instance, diags)
		}
	}
	if diff := cmp.Diff([]int{7, 7}, seen); diff != "" {
		t.Error(diff)
	}
}

func TestWhatARegistryDoesNotHaveIsAnError(t *testing.T) {
	r := lamps()
	ref := plugin.TypeRef{Kind: plugin.KindTask, Name: "lamp"}
	if diags := r.Validate(t.Context(), ref, cty.EmptyObjectVal); !diags.HasErrors() {
		t.Error("a type that is not there was valid")
	}
	if instance, diags := r.Open(t.Context(), plugin.OpenRequest{Type: ref}); !diags.HasErrors() || instance != nil {
		t.Errorf("got %v, %v", instance, diags)
	}
	if _, err := r.Call(t.Context(), "f", nil); err == nil {
		t.Error("a function that is not there was called")
	}
}

func TestSettingsHaveTheirDefaults(t *testing.T) {
	block := func(volts int64) cty.Value {
		return cty.ObjectVal(map[string]cty.Value{"volts": cty.NumberIntVal(volts), "token": cty.NullVal(cty.String)})
	}
	var p power
	r := lamps(plugin.Settings("What is there.", &p))
	for _, row := range []struct {
		cfg  cty.Value
		want int
	}{{cty.NullVal(cty.EmptyObject), 230}, {block(110), 110}} {
		if diags := r.Configure(t.Context(), row.cfg); diags.HasErrors() || p.Volts != row.want {
			t.Errorf("got %d volts, %v", p.Volts, diags)
		}
	}
	if diags := r.Configure(t.Context(), block(-1)); !diags.HasErrors() {
		t.Error("settings that aren't valid were taken")
	}
	var needed lamp
	diags := lamps(plugin.Settings("What is there.", &needed)).Configure(t.Context(), cty.NullVal(cty.EmptyObject))
	if err := diags.Err(); err == nil || !strings.Contains(err.Error(), `provider "lamps" that holds percent`) {
		t.Errorf("got %v", err)
	}
}

func TestOffersThatAreNotSoundAreErrorsOfTheManifest(t *testing.T) {
	type undocumented struct {
		A string `schema:"a"`
	}
	word := plugin.Parameter{Name: "word", Doc: "A word."}
	for want, offer := range map[string]plugin.Offer{
		"sink.lamp: it is offered twice":     plugin.SinkOf[lamp]("lamp", "Another."),
		"settings: plugin_test.undocumented": plugin.Settings("What is there.", new(undocumented)),
		"function f: a string can't be":      plugin.Func("f", "F.", "text"),
		"takes 1 arguments, and 0 are":       plugin.Func("f", "F.", strings.ToUpper),
		"has to return one result":           plugin.Func("f", "F.", func(string) {}, word),
		`the parameter "word": error can be`: plugin.Func("f", "F.", func(error) string { return "" }, word),
		"the result: no cty.Type for":        plugin.Func("f", "F.", func(string) chan int { return nil }, word),
	} {
		if _, err := lamps(offer).Manifest(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestFunctionsOfGo(t *testing.T) {
	word, more := plugin.Parameter{Name: "word", Doc: "A word."}, plugin.Parameter{Name: "more", Doc: "More words."}
	text := func(s string) cty.Value { return cty.StringVal(s) }
	repeat := func(s string, n int) (string, error) {
		if n < 0 {
			return "", errors.New("can't be less than none")
		}
		return strings.Repeat(s, n), nil
	}
	orElse := func(s *string) string {
		if s == nil {
			return "else"
		}
		return *s
	}
	r := lamps(
		plugin.Func("repeat", "Repeats.", repeat, word, plugin.Parameter{Name: "n", Doc: "How often."}),
		plugin.Func("join", "Joins.", func(s string, more ...string) []string { return append([]string{s}, more...) }, word, more),
		plugin.Func("or_else", "Knows null.", orElse, word),
	)
	for _, test := range []struct {
		name, function string
		args           []cty.Value
		want           cty.Value
		wrong          string // what the error has to say
	}{
		{"a result", "repeat", []cty.Value{text("a"), cty.NumberIntVal(3)}, text("aaa"), ""},
		{"an error of the function", "repeat", []cty.Value{text("a"), cty.NumberIntVal(-1)}, cty.NilVal, "less than none"},
		{"an argument that doesn't fit", "repeat", []cty.Value{text("a"), cty.NumberFloatVal(0.5)}, cty.NilVal, "the argument n: value must be a whole number"},
		{"too few arguments", "repeat", nil, cty.NilVal, "too few"},
		{"too many arguments", "or_else", []cty.Value{text("a"), text("b")}, cty.NilVal, "too many"},
		{"no variadic argument", "join", []cty.Value{text("a")}, cty.ListVal([]cty.Value{text("a")}), ""},
		{"two variadic arguments", "join", []cty.Value{text("a"), text("b"), text("c")}, cty.ListVal([]cty.Value{text("a"), text("b"), text("c")}), ""},
		{"null for a pointer", "or_else", []cty.Value{cty.NullVal(cty.String)}, text("else"), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := r.Call(t.Context(), test.function, test.args)
			if test.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), test.wrong) {
					t.Errorf("got %v, want an error that says %q", err, test.wrong)
				}
				return
			}
			if err != nil || !got.RawEquals(test.want) {
				t.Errorf("got %#v, %v", got, err)
			}
		})
	}
	m, err := r.Manifest(t.Context())
	if err != nil || m.Functions[0].Parameters[0].AllowNull || !m.Functions[2].Parameters[0].AllowNull {
		t.Errorf("which parameters take null is wrong: %v, %v", m.Functions, err)
	}
}
