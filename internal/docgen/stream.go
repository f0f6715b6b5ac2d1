package docgen

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// definition is as much of a JSON Schema as the page of the stream shows.
type definition struct {
	Ref         string                 `json:"$ref"`
	Description string                 `json:"description"`
	Type        any                    `json:"type"`
	Enum        []string               `json:"enum"`
	Properties  map[string]*definition `json:"properties"`
	Required    []string               `json:"required"`
	Items       *definition            `json:"items"`
	OneOf       []*definition          `json:"oneOf"`
	Defs        map[string]*definition `json:"$defs"`
}

// streamPage is the page of what the commands write that write a stream with -json, drawn from
// its JSON Schema.
func streamPage(schema []byte) (string, error) {
	var root definition
	if err := json.Unmarshal(schema, &root); err != nil {
		return "", fmt.Errorf("read the schema of the JSON output: %w", err)
	}
	p := newPage("JSON output")
	p.paragraph("`plan -json`, `apply -json`, `fmt -json`, `drift -json`, `history -json`, `approve -json` and `acknowledge -json` write a stream for programs: each line is a JSON object of its own, and the first is of the type `version`. Sensitive values are never in it.")
	p.paragraph("[The JSON Schema](../schema/json-output.json) of a line knows all that there is. A later version may add types of records and properties: leave alone what you don't know, and stop where the number before the dot of `ui` isn't yours.")
	p.paragraph("The other commands write one document each with `-json`; `console` writes one for each expression. Of these, `validate` and `console` have in it what is wrong with the configuration or the expression; of the others, warnings are text on the standard error. What keeps any command from writing its document, and a mistake in the command line, is told in a stream in its place, with records of the types `version` and `diagnostic`.")
	p.heading(2, "Every record")
	common, ok := root.Defs["version"]
	if !ok {
		return "", errors.New("the schema of the JSON output has no record of the type version")
	}
	for _, name := range slices.Sorted(maps.Keys(common.Properties)) {
		if strings.HasPrefix(name, "@") {
			p.property(&root, name, common.Properties[name], true, "")
		}
	}
	for _, one := range root.OneOf {
		record := root.resolve(one)
		p.heading(2, strings.TrimPrefix(one.Ref, "#/$defs/"))
		p.paragraph(record.Description)
		p.properties(&root, record, "")
	}
	return p.String(), nil
}

// resolve follows a reference within the schema.
func (d *definition) resolve(of *definition) *definition {
	if named, ok := d.Defs[strings.TrimPrefix(of.Ref, "#/$defs/")]; ok && of.Ref != "" {
		return named
	}
	return of
}

func (p *page) properties(root, d *definition, indent string) {
	for _, name := range slices.Sorted(maps.Keys(d.Properties)) {
		if name != "type" && !strings.HasPrefix(name, "@") {
			p.property(root, name, d.Properties[name], slices.Contains(d.Required, name), indent)
		}
	}
}

// property writes a property and below it its own.
func (p *page) property(root *definition, name string, d *definition, required bool, indent string) {
	d = root.resolve(d)
	text := d.Description
	if len(d.Enum) > 0 {
		text = strings.TrimSpace(text + " One of `" + strings.Join(d.Enum, "`, `") + "`.")
	}
	if !required {
		text = "optional. " + text
	}
	p.itemAt(indent, "`%s`: %s", name, text)
	p.properties(root, d, indent+"  ")
	if d.Items != nil {
		p.properties(root, root.resolve(d.Items), indent+"  ")
	}
}
