package view

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/reference"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func TestATypeOnATerminalIsWrappedAndInColour(t *testing.T) {
	r, err := reference.New(reference.Input{Manifests: []plugin.Manifest{{Name: "kitchen", Types: []plugin.Type{{
		Ref: plugin.TypeRef{Kind: plugin.KindStage, Name: "kettle"},
		Schema: &schema.Block{
			Doc:        "Boils the water of an event before it goes on.",
			Attributes: []schema.Attribute{{Name: "water", Type: cty.String, Required: true, Doc: "How much, as in `1l`, or more."}},
			Blocks:     []schema.Nested{{Name: "lid", Block: schema.Block{Doc: "What closes it."}}},
		},
	}}}}})
	if err != nil {
		t.Fatal(err)
	}
	topic, ok := r.Topic("stage.kettle")
	if !ok {
		t.Fatal("there is no stage.kettle")
	}
	m := &manual{style: style{color: true, width: minWidth}}
	m.typ(*topic.Type)
	want := "\x1b[1mstage \"kettle\"\x1b[0m\n" +
		"  Boils the water of an event\n" +
		"  before it goes on.\n" +
		"\n" +
		"\x1b[1mArguments\x1b[0m\n" +
		"  \x1b[1mwater\x1b[0m \x1b[2m(string, required)\x1b[0m\n" +
		"    How much, as in \x1b[36m1l\x1b[0m, or\n" +
		"    more.\n" +
		"\n" +
		"\x1b[1mBlock lid\x1b[0m\n" +
		"  At most one. What closes it.\n"
	if diff := cmp.Diff(want, m.text.String()); diff != "" {
		t.Errorf("not as expected (-want +got):\n%s", diff)
	}
}

func TestALineOfTheListIsCutAtTheWidth(t *testing.T) {
	m := &manual{style: style{width: 50}}
	m.entry("task.kettle", "Keeps the `water` of a kettle at the boil. It needs power.")
	if diff := cmp.Diff("  task.kettle              Keeps the water of a...\n", m.text.String()); diff != "" {
		t.Errorf("not as expected (-want +got):\n%s", diff)
	}
}
