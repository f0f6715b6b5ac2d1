package eval

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// tagsAttribute is the meta-argument that every kind of block has.
var tagsAttribute = schema.Attribute{Name: "tags", Type: cty.List(cty.String),
	Doc: "Words by which a part of the configuration is chosen, with `-tags` and `-skip-tags` of `plan` and `apply`."}

// tags evaluates the tags of an instance of a module.
func (c *call) tags(each map[string]cty.Value) ([]string, hcl.Diagnostics) {
	attr := c.module.Tags
	if attr == nil {
		return nil, nil
	}
	lang.Bound(attr.Expr)
	names, diags := c.scope.settled(attr.Expr.Variables(), each != nil)
	if absent := names.absences(); len(absent) > 0 {
		return nil, append(diags, absent...)
	}
	if !names.isStatic() || isImpure(attr.Expr) {
		diags = append(diags, errorf(attr.Expr.Range(), "Invalid meta-argument", "Other blocks can't be referred to in \"tags\", and timestamp, plantimestamp, uuid and bcrypt can't be called: they must be known when the configuration is loaded."))
	}
	if diags.HasErrors() {
		return nil, diags
	}
	ctx, _ := c.scope.context(each, names, nil)
	v, diags := attributeValue(attr, &tagsAttribute, ctx)
	if diags.HasErrors() || !v.IsWhollyKnown() {
		return nil, diags // what isn't known was reported where it should have been
	}
	tags, err := decodeTags(cty.ObjectVal(map[string]cty.Value{tagsAttribute.Name: v}))
	if err != nil {
		diags = append(diags, errorf(attr.Expr.Range(), "Invalid meta-argument", "%s", sentence(err.Error())))
	}
	return tags, diags
}

// decodeTags reads the tags from the value of a [MetaSchema]. A tag that the
// command line could not name is an error, and so is a sensitive one, as tags
// are shown.
func decodeTags(v cty.Value) ([]string, error) {
	if v.GetAttr(tagsAttribute.Name).ContainsMarked() {
		return nil, errors.New("a tag can't be sensitive, as tags are shown")
	}
	v, _ = v.UnmarkDeep()
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
