package docgen

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tinyStream is a schema with one of everything that the page shows.
const tinyStream = `{
	"description": "One line.",
	"oneOf": [{"$ref": "#/$defs/version"}],
	"$defs": {
		"version": {
			"description": "The first line.",
			"properties": {
				"type": {"const": "version"},
				"@level": {"$ref": "#/$defs/level"},
				"parts": {"description": "Its parts.", "items": {"properties": {"name": {"description": "A name."}}, "required": ["name"]}}
			},
			"required": ["type", "@level"]
		},
		"level": {"description": "How grave.", "enum": ["info", "warn"]}
	}
}`

func TestThePageOfTheStreamSaysWhatItsSchemaSays(t *testing.T) {
	got, err := streamPage([]byte(tinyStream))
	if err != nil {
		t.Fatal(err)
	}
	want := `## Every record

- "@level": How grave. One of "info", "warn".

## version

The first line.

- "parts": optional. Its parts.
  - "name": A name.
`
	got = got[max(strings.Index(got, "## Every record"), 0):]
	if diff := cmp.Diff(strings.ReplaceAll(want, `"`, "`"), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWhatIsNoSchemaOfAStream(t *testing.T) {
	for _, schema := range []string{"", "{}", "[1]"} {
		if _, err := streamPage([]byte(schema)); err == nil {
			t.Errorf("%q is taken for one", schema)
		}
	}
}
