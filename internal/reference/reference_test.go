package reference

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// lamp is a type with one of everything that a schema can say.
func lamp() plugin.Type {
	return plugin.Type{
		Ref: plugin.TypeRef{Kind: plugin.KindTask, Name: "lamp"},
		Schema: &schema.Block{
			Doc: "Keeps a lamp lit. It needs power.",
			Attributes: []schema.Attribute{
				{Name: "volts", Type: cty.Number, Default: cty.NumberIntVal(230), Doc: "What it is made for."},
				{Name: "shade", Type: cty.String, Required: true, Enum: []string{"round", "flat"}, Format: schema.Glob, Doc: "What it looks like."},
				{Name: "key", Type: cty.String, Sensitive: true, Deprecated: "Use a switch.", Doc: "What unlocks it."},
				{Name: "dim_when", Type: schema.SelfExpr, Doc: "Whether it is dimmed."},
				{Name: "hours", Type: cty.Number, Computed: true, Doc: "How long it was lit."},
			},
			Blocks: []schema.Nested{{Name: "scene", Nesting: schema.Map, Label: "name", Required: true, Block: schema.Block{
				Attributes: []schema.Attribute{{Name: "levels", Type: cty.List(cty.Number), Doc: "In percent."}},
			}}},
		},
	}
}

func newReference(t *testing.T, in Input) *Reference {
	t.Helper()
	r, err := New(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func home(t *testing.T) *Reference {
	t.Helper()
	return newReference(t, Input{
		Manifests: []plugin.Manifest{{Name: "home", Version: "2.0.0", Types: []plugin.Type{lamp()}}},
		Settings:  map[string]*schema.Block{"home": {Doc: "The house."}, "vault": {Doc: "The safe."}},
		Facts:     []schema.Nested{{Name: "room", Label: "name", Block: schema.Block{Doc: "The rooms."}}},
	})
}

func TestATypeInJSONSaysAllThatItsSchemaSays(t *testing.T) {
	topic, ok := home(t).Topic("task.lamp")
	if !ok {
		t.Fatal("there is no task.lamp")
	}
	topic.Type.Meta = Body{}
	got, err := json.MarshalIndent(topic, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want := `{
 "type": {
  "name": "task.lamp",
  "kind": "task",
  "provider": "home",
  "doc": "Keeps a lamp lit. It needs power.",
  "arguments": [
   {
    "name": "shade",
    "type": "string",
    "doc": "What it looks like.",
    "required": true,
    "format": "glob",
    "enum": [
     "round",
     "flat"
    ]
   },
   {
    "name": "volts",
    "type": "number",
    "doc": "What it is made for.",
    "default": 230
   },
   {
    "name": "key",
    "type": "string",
    "doc": "What unlocks it.",
    "sensitive": true,
    "deprecated": "Use a switch."
   },
   {
    "name": "dim_when",
    "type": "expression over self",
    "doc": "Whether it is dimmed."
   }
  ],
  "blocks": [
   {
    "name": "scene",
    "nesting": "map",
    "label": "name",
    "required": true,
    "doc": "",
    "arguments": [
     {
      "name": "levels",
      "type": "list(number)",
      "doc": "In percent."
     }
    ]
   }
  ],
  "attributes": [
   {
    "name": "hours",
    "type": "number",
    "doc": "How long it was lit."
   }
  ],
  "meta_arguments": {
   "doc": "",
   "arguments": null
  }
 }
}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("the type is not as expected (-want +got):\n%s", diff)
	}
}

func TestEveryBlockOfTheLanguageIsDescribed(t *testing.T) {
	r := home(t)
	for _, header := range config.Headers() {
		topic, ok := r.Topic(header.Type)
		if !ok || topic.Block == nil || topic.Block.Doc == "" {
			t.Errorf("the block %s has no description; add one in language.go", header.Type)
		}
	}
}

func TestAProviderHasItsTypesAndItsSettings(t *testing.T) {
	r := home(t)
	topic, _ := r.Topic("provider.home")
	if topic.Provider == nil || !slices.Equal(topic.Provider.Types, []string{"task.lamp"}) || topic.Provider.Settings == nil || topic.Provider.Version != "2.0.0" {
		t.Errorf("the provider home is %+v", topic.Provider)
	}
	topic, _ = r.Topic("provider.vault")
	if topic.Provider == nil || topic.Provider.Settings == nil || topic.Provider.Settings.Doc != "The safe." {
		t.Errorf("the provider vault, which has settings and no types, is %+v", topic.Provider)
	}
}

func TestEveryNameLeadsToItsTopic(t *testing.T) {
	r := home(t)
	for _, name := range r.Names() {
		if _, ok := r.Topic(name); !ok {
			t.Errorf("there is no topic %q", name)
		}
	}
	for _, name := range []string{"task.lamp", "agent", "provider.vault", "fact.room", "upper"} {
		if !slices.Contains(r.Names(), name) {
			t.Errorf("%q is not among the names", name)
		}
	}
}

func TestANameThatIsUnknownGetsASuggestion(t *testing.T) {
	tests := map[string]struct{ given, want string }{
		"the last part of a name": {"lamp", ` Did you mean "task.lamp"?`},
		"a slip of the pen":       {"task.lmap", ` Did you mean "task.lamp"?`},
		"something else":          {"refrigerator", ""},
	}
	r := home(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := r.Suggest(test.given); got != test.want {
				t.Errorf("Suggest(%q) = %q, want %q", test.given, got, test.want)
			}
		})
	}
}

func TestATypeWithoutAnExampleIsAnError(t *testing.T) {
	_, err := New(Input{Manifests: []plugin.Manifest{{Name: "home", Types: []plugin.Type{lamp()}}}, Examples: fstest.MapFS{}})
	if err == nil || !strings.Contains(err.Error(), "task.lamp") {
		t.Errorf("New = %v, want an error that names task.lamp", err)
	}
}

// What the patterns of the JSON Schema refuse, the formats must refuse too.
func FuzzThePatternsAreNoStricterThanTheFormats(f *testing.F) {
	for _, s := range []string{"30s", "1h30m", "7d", "1.5h", "0", "+5m", "1d12h", "8MiB", " 4096 B", "1e3", "+1KiB", ".5GB", "0644"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for format, allowed := range map[schema.Format]bool{
			schema.Duration: accepts(schema.ParseDuration, text),
			schema.Size:     accepts(schema.ParseSize, text),
			schema.Mode:     accepts(schema.ParseMode, text),
		} {
			if allowed && !regexp.MustCompile(formatPatterns()[format]).MatchString(text) {
				t.Errorf("%q is a %s, and its pattern refuses it", text, format)
			}
		}
	})
}

func accepts[T any](parse func(string) (T, error), text string) bool {
	_, err := parse(text)
	return err == nil
}
