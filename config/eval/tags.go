package eval

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/schema"
)

// tagsAttribute is the meta-argument that every kind of block has.
var tagsAttribute = schema.Attribute{Name: "tags", Type: cty.List(cty.String),
	Doc: "Words by which a part of the configuration is chosen, with `-tags` and `-skip-tags` of `plan` and `apply`."}

// decodeTags reads the tags from the value of a [MetaSchema]. A tag that the
// command line could not name is an error.
func decodeTags(v cty.Value) ([]string, error) {
	var c struct {
		Tags []string `schema:"tags"`
	}
	if err := schema.Decode(v, &c); err != nil {
		return nil, err
	}
	for _, tag := range c.Tags {
		if tag == "" || strings.ContainsAny(tag, ", \t\r\n") {
			return nil, fmt.Errorf("%q is no tag: a tag is a word without spaces and commas", tag)
		}
	}
	return c.Tags, nil
}
