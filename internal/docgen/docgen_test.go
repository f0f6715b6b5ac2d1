package docgen

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/reference"
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
				{Name: "colour", Type: cty.String, Default: cty.StringVal("white"), Enum: []string{"white", "red"}, Doc: "Its colour."},
				{Name: "socket", Type: cty.String, Required: true, Format: schema.AbsolutePath, Doc: "Where it is plugged in."},
				{Name: "code", Type: cty.String, Sensitive: true, Deprecated: "Use socket.", Doc: "What unlocks it."},
				{Name: "lit_when", Type: schema.SelfExpr, Doc: "Whether it is lit."},
				{Name: "watts", Type: cty.Number, Computed: true, Doc: "What it draws."},
			},
			Blocks: []schema.Nested{
				{Name: "dimmer", Nesting: schema.Single, Required: true, Block: schema.Block{
					Doc:    "How bright it is.",
					Blocks: []schema.Nested{{Name: "scene", Nesting: schema.Map, Label: "name", Block: schema.Block{Attributes: []schema.Attribute{{Name: "levels", Type: cty.List(cty.Number), Doc: "In percent."}}}}},
				}},
			},
		},
	}
}

func TestAPageOfATypeSaysAllThatItsSchemaSays(t *testing.T) {
	pages := draw(t, fstest.MapFS{"task.lamp/main.hcl": {Data: []byte("task \"lamp\" \"hall\" {}\n")}, "task.lamp/scene.txt": {Data: []byte("dim\n")}})
	want := `# task "lamp"

@notice@

Keeps a lamp lit. It needs power.

## Example

~~~hcl
task "lamp" "hall" {}
~~~

'scene.txt':

~~~
dim
~~~

## Arguments

- 'socket' ('string', absolute path, required): Where it is plugged in.
- 'colour' ('string'): Its colour. One of: '"white"', '"red"'. Default: '"white"'.
- 'code' ('string', sensitive): What unlocks it. Deprecated: Use socket.
- 'lit_when' (expression over self): Whether it is lit.

### Block 'dimmer'

Exactly one. How bright it is.

### Block 'dimmer.scene'

Any number, each with a label: the name.

- 'levels' ('list(number)'): In percent.

## Meta-arguments
`
	got, meta, _ := strings.Cut(pages["tasks/lamp.md"], "## Meta-arguments\n")
	markdown := strings.NewReplacer("@notice@", notice, "~~~", "```", "'", "`").Replace(want)
	if diff := cmp.Diff(markdown, got+"## Meta-arguments\n"); diff != "" {
		t.Errorf("the page is not as expected (-want +got):\n%s", diff)
	}
	for _, part := range []string{"- `for_each` (`any`):", "- `enforcement` (`string`):", "## Attributes\n", "`task.lamp.NAME`", "- `watts` (`number`): What it draws.\n"} {
		if !strings.Contains(meta, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
}

func TestTheIndexListsATypeWithTheFirstSentenceOfItsDoc(t *testing.T) {
	pages := draw(t, nil)
	if want := "- [lamp](tasks/lamp.md): Keeps a lamp lit.\n"; !strings.Contains(pages["index.md"], want) {
		t.Errorf("the index lacks %q:\n%s", want, pages["index.md"])
	}
}

func TestAPageOfCommandsSaysMoreOfACommand(t *testing.T) {
	got := commandsPage([]Command{{Name: "light", Usage: "light the lamps", Args: "[LAMP ...]", More: "All of them,\nor some:\n\n  light one\n  light two"}})
	want := "## driftless light\n\nLight the lamps.\n\n```console\ndriftless light [LAMP ...]\n```\n\nAll of them, or some:\n\n```console\nlight one\nlight two\n```\n"
	if !strings.HasSuffix(got, want) {
		t.Errorf("the page ends with:\n%s\nwant:\n%s", got[strings.Index(got, "## driftless light"):], want)
	}
}

// draw returns the pages of a program that has one type, the lamp.
func draw(t *testing.T, examples fs.FS) map[string]string {
	t.Helper()
	r, err := reference.New(reference.Input{Manifests: []plugin.Manifest{{Name: "home", Types: []plugin.Type{lamp()}}}, Examples: examples})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := Pages(Input{Reference: r, Stream: []byte(tinyStream)})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

func TestAPageOfCommandsSaysWhatEachFlagTakes(t *testing.T) {
	tests := map[string]struct {
		flag Flag
		want string
	}{
		"a switch":                   {Flag{Name: "json", Usage: "write JSON"}, "- `-json`: Write JSON.\n"},
		"a value with a default":     {Flag{Name: "format", Value: "FORMAT", Default: "dot", Usage: "the format"}, "- `-format FORMAT`: The format. Default: `dot`.\n"},
		"one that can be repeated":   {Flag{Name: "var", Value: "NAME=VALUE", Usage: "set a variable", Repeatable: true}, "- `-var NAME=VALUE`: Set a variable. It may be repeated.\n"},
		"one set by the environment": {Flag{Name: "config", Value: "PATH", Usage: "the path", Env: []string{"DRIFTLESS_CONFIG"}}, "- `-config PATH`: The path. Also set by `DRIFTLESS_CONFIG`.\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := commandsPage([]Command{{Name: "light", Usage: "light the lamps", Flags: []Flag{test.flag}}})
			if !strings.HasSuffix(got, "## driftless light\n\nLight the lamps.\n\n```console\ndriftless light [FLAGS]\n```\n\n"+test.want) {
				t.Errorf("the page ends with:\n%s", got[strings.Index(got, "## driftless light"):])
			}
		})
	}
}
