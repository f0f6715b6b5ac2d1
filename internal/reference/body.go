package reference

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/driftless-hq/driftless/plugin/schema"
)

// Body is what a block may hold and what it makes known.
type Body struct {
	Doc       string      `json:"doc"`
	Arguments []Attribute `json:"arguments"` // that can be written, the required ones first
	Blocks    []Nested    `json:"blocks,omitempty"`
	Learnt    []Attribute `json:"attributes,omitempty"` // that others can refer to and nobody can write
}

// Attribute is an argument, or a value that a block makes known.
type Attribute struct{ schema.Attribute }

// Nested is a block within a block.
type Nested struct {
	Name     string
	Nesting  schema.Nesting
	Label    string // what the label means, for [schema.Map]
	Required bool
	Body
}

func newBody(b *schema.Block) Body {
	body := Body{Doc: b.Doc, Arguments: []Attribute{}}
	var optional []Attribute
	for _, a := range b.Attributes {
		switch {
		case a.Computed:
			body.Learnt = append(body.Learnt, Attribute{a})
		case a.Required:
			body.Arguments = append(body.Arguments, Attribute{a})
		default:
			optional = append(optional, Attribute{a})
		}
	}
	body.Arguments = append(body.Arguments, optional...)
	for _, n := range b.Blocks {
		body.Blocks = append(body.Blocks, Nested{n.Name, n.Nesting, n.Label, n.Required, newBody(&n.Block)})
	}
	return body
}

// Addresses is the type of an argument that is a list of addresses of blocks,
// which are taken as they are written.
var Addresses = cty.Capsule("list of addresses", addressesType)

// TypeName is the type as it is written in a configuration, or words for what
// can't be written there.
func (a Attribute) TypeName() string { return typeText(a.Type) }

func typeText(t cty.Type) string {
	switch t {
	case schema.EventExpr:
		return "expression over event"
	case schema.EventExprs:
		return "object of expressions over event"
	case schema.SelfExpr:
		return "expression over self"
	case Addresses:
		return "list of addresses"
	}
	if t.IsCapsuleType() {
		return "expression" // of a function that evaluates it itself, such as try
	}
	return typeexpr.TypeString(t)
}

// Traits are the words that go with the type.
func (a Attribute) Traits() []string {
	var traits []string
	if a.Format != "" {
		traits = append(traits, string(a.Format))
	}
	if a.Required {
		traits = append(traits, "required")
	}
	if a.Sensitive {
		traits = append(traits, "sensitive")
	}
	return traits
}

// Text is the description with all that the schema says beside it, in
// Markdown.
func (a Attribute) Text() string {
	sentences := []string{a.Doc}
	if len(a.Enum) > 0 {
		sentences = append(sentences, "One of: "+literals(a.Enum)+".")
	}
	if a.Default != cty.NilVal {
		sentences = append(sentences, "Default: "+literal(a.Default)+".")
	}
	if a.Deprecated != "" {
		sentences = append(sentences, "Deprecated: "+a.Deprecated)
	}
	return strings.TrimSpace(strings.Join(sentences, " "))
}

// literal writes a value as it would be written in a configuration.
func literal(v cty.Value) string {
	return "`" + string(hclwrite.TokensForValue(v).Bytes()) + "`"
}

func literals(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = literal(cty.StringVal(w))
	}
	return strings.Join(quoted, ", ")
}

// MarshalJSON writes what is not the zero value.
func (a Attribute) MarshalJSON() ([]byte, error) {
	out := struct {
		Name       string          `json:"name"`
		Type       string          `json:"type"`
		Doc        string          `json:"doc"`
		Required   bool            `json:"required,omitempty"`
		Default    json.RawMessage `json:"default,omitempty"`
		Format     schema.Format   `json:"format,omitempty"`
		Enum       []string        `json:"enum,omitempty"`
		Sensitive  bool            `json:"sensitive,omitempty"`
		Deprecated string          `json:"deprecated,omitempty"`
	}{Name: a.Name, Type: a.TypeName(), Doc: a.Doc, Required: a.Required, Format: a.Format, Enum: a.Enum, Sensitive: a.Sensitive, Deprecated: a.Deprecated}
	if a.Default != cty.NilVal {
		value, err := ctyjson.Marshal(a.Default, a.Default.Type())
		if err != nil {
			return nil, fmt.Errorf("encode the default of %s: %w", a.Name, err)
		}
		out.Default = value
	}
	return json.Marshal(out)
}

// HowOften says how many of the block there may be.
func (n Nested) HowOften() string {
	var text string
	switch n.Nesting {
	case schema.List:
		text = "Any number."
	case schema.Map:
		text = fmt.Sprintf("Any number, each with a label: the %s.", n.Label)
	default:
		text = "At most one."
	}
	if n.Required {
		text = strings.Replace(strings.Replace(text, "Any number", "At least one", 1), "At most one", "Exactly one", 1)
	}
	return text
}

// Text is the description with how often the block may be written.
func (n Nested) Text() string { return strings.TrimSpace(n.HowOften() + " " + n.Doc) }

// MarshalJSON writes the nesting as a word.
func (n Nested) MarshalJSON() ([]byte, error) {
	nesting := "single"
	switch n.Nesting {
	case schema.List:
		nesting = "list"
	case schema.Map:
		nesting = "map"
	}
	return json.Marshal(struct {
		Name     string `json:"name"`
		Nesting  string `json:"nesting"`
		Label    string `json:"label,omitempty"`
		Required bool   `json:"required,omitempty"`
		Body
	}{n.Name, nesting, n.Label, n.Required, n.Body})
}
