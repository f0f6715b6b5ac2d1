package files

import (
	"reflect"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Every attribute that can be written is read, and nothing else is.
func TestSchemasFitWhatIsDecoded(t *testing.T) {
	structs := map[string][]any{
		"file":       {access{}, target{}, fileConfig{}},
		"template":   {access{}, target{}, templateConfig{}},
		"lineinfile": {access{}, target{}, lineinfileConfig{}},
		"directory":  {access{}, directoryConfig{}},
	}
	m, err := New().Manifest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Types) != len(structs) {
		t.Errorf("the manifest has %d types", len(m.Types))
	}
	for _, kind := range m.Types {
		read := map[string]bool{}
		for _, s := range structs[kind.Ref.Name] {
			for field := range reflect.TypeOf(s).Fields() {
				if name, ok := field.Tag.Lookup("schema"); ok {
					read[name] = true
				}
			}
		}
		for _, a := range kind.Schema.Attributes {
			if a.Computed == read[a.Name] {
				t.Errorf("%s.%s: computed %v, read %v", kind.Ref, a.Name, a.Computed, read[a.Name])
			}
			if a.Doc == "" {
				t.Errorf("%s.%s has no documentation", kind.Ref, a.Name)
			}
			delete(read, a.Name)
		}
		for name := range read {
			t.Errorf("%s has no %s", kind.Ref, name)
		}
		if path, ok := kind.Schema.Attribute("path"); !ok || path.Claim == "" || path.Format != schema.AbsolutePath {
			t.Errorf("%s doesn't claim its path", kind.Ref)
		}
	}
}

func TestUnknownTypeIsRefused(t *testing.T) {
	ref := plugin.TypeRef{Kind: plugin.KindSource, Name: "file"}
	wantSummary(t, New().Validate(t.Context(), ref, cty.EmptyObjectVal), "Unknown type", "source.file")
	_, diags := New().Open(t.Context(), plugin.OpenRequest{Type: ref})
	wantSummary(t, diags, "Unknown type", "source.file")
}

func TestNamesThatAreNotUTF8(t *testing.T) {
	root := t.TempDir()
	tree(t, root, map[string]string{"d/\xff\xfe": "", "d/link": ">\xff"})
	converge(t, root, open(t, "directory", attrs{"path": str(root + "/d"), "state": str("absent"), "force": cty.True}))
	if got := names(t, root); len(got) > 0 {
		t.Errorf("still there: %q", got)
	}
}
