package reference

import (
	"maps"
	"slices"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// object is an object of JSON.
type object = map[string]any

// JSONSchema describes the configuration files in JSON, YAML and TOML, for
// editors: JSON Schema, draft 2020-12. What it refuses is a mistake; the other
// way round, only driftless validate knows whether a configuration is valid.
func (r *Reference) JSONSchema() map[string]any {
	s := &jsonSchema{r: r, defs: object{}}
	properties := object{comment: true}
	for _, b := range r.Blocks {
		properties[b.Name] = s.block(b)
	}
	root := object{"type": "object", "properties": properties, "additionalProperties": false}
	s.defs["file"] = root
	return object{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"title":       "driftless configuration",
		"description": "A configuration file of driftless " + r.Version + " in JSON, YAML or TOML.",
		"$defs":       s.defs,
		"type":        []string{"object", "array"},
		"if":          object{"type": "array"},
		"then":        object{"items": definition("file")},
		"else":        definition("file"),
	}
}

// comment is the key whose value a block ignores.
const comment = "//"

type jsonSchema struct {
	r    *Reference
	defs object // bodies by name
}

func definition(name string) object { return object{"$ref": "#/$defs/" + name} }

// block is what may stand under the name of a block of the top level.
func (s *jsonSchema) block(b Block) object {
	switch {
	case slices.Contains(Kinds(), plugin.Kind(b.Name)):
		types := object{}
		for _, t := range s.r.TypesOf(b.Name) {
			body := s.body(t.Name, t.Doc, t.Body, t.Meta)
			types[t.ref.Name] = labelled(bodies(body, schema.Single, true))
		}
		return choice(types)
	case b.Name == "provider":
		settings := object{}
		for _, p := range s.r.Providers {
			if p.Settings != nil {
				settings[p.Name] = bodies(s.body("provider."+p.Name, p.Settings.Doc, *p.Settings, Body{}), schema.Single, true)
			}
		}
		return choice(settings)
	}
	own, fixed := Body{}, b.Body
	if b.Name == "agent" {
		own, fixed = fixed, own
	}
	body := s.body(b.Name, b.Doc, own, fixed)
	if b.Open {
		s.defs[b.Name].(object)["additionalProperties"] = true
	}
	at := bodies(body, schema.List, false)
	for range b.Labels {
		at = labelled(at)
	}
	return at
}

// body makes an object known by name with the arguments and blocks of the type
// itself, and with those that are fixed, whose blocks can't be dynamic. It
// returns what refers to the object.
func (s *jsonSchema) body(name, doc string, own, fixed Body) object {
	properties, required, allOf := object{comment: true}, []string{}, []object{}
	for _, a := range slices.Concat(own.Arguments, fixed.Arguments) {
		properties[a.Name] = argument(a)
		if a.Required {
			required = append(required, a.Name)
		}
	}
	for _, n := range slices.Concat(own.Blocks, fixed.Blocks) {
		properties[n.Name] = s.nested(name+"."+n.Name, n)
	}
	for _, n := range own.Blocks {
		if n.Required {
			allOf = append(allOf, object{"anyOf": []object{{"required": []string{n.Name}}, {"required": []string{dynamic}}}})
		}
	}
	if len(own.Blocks) > 0 {
		properties[dynamic] = s.dynamic(name, own.Blocks)
	}
	out := object{"type": "object", "properties": properties, "additionalProperties": false}
	if doc != "" {
		out["description"] = doc
	}
	if len(required) > 0 {
		out["required"] = required
	}
	if len(allOf) > 0 {
		out["allOf"] = allOf
	}
	s.defs[name] = out
	return definition(name)
}

// dynamic is the block that makes nested blocks of a collection.
const dynamic = "dynamic"

// dynamic is what makes the blocks of a body that is known by name.
func (s *jsonSchema) dynamic(name string, blocks []Nested) object {
	known := object{}
	for _, n := range blocks {
		properties := object{
			comment:    true,
			"for_each": object{"description": "A collection. The block is made once for each element."},
			"iterator": object{"type": "string", "description": "The name that the content knows the element by, as in `NAME.key` and `NAME.value`. The default is `" + n.Name + "`."},
			"content":  bodies(definition(name+"."+n.Name), schema.Single, true),
		}
		required := []string{"for_each", "content"}
		if n.Nesting == schema.Map {
			properties["labels"] = object{"type": "array", "minItems": 1, "maxItems": 1, "description": "The label of each block."}
			required = append(required, "labels")
		}
		one := object{"type": "object", "properties": properties, "additionalProperties": false, "required": required}
		known[n.Name] = bodies(one, schema.List, false)
	}
	return choice(known)
}

func (s *jsonSchema) nested(name string, n Nested) object {
	if n.Name == stage {
		return s.stages()
	}
	body := s.body(name, n.Text(), n.Body, Body{})
	if n.Nesting == schema.Map {
		return labelled(bodies(body, schema.Single, true))
	}
	return bodies(body, n.Nesting, n.Required)
}

func (s *jsonSchema) stages() object {
	types := object{}
	for _, t := range s.r.TypesOf(stage) {
		types[t.ref.Name] = bodies(s.body(t.Name, t.Doc, t.Body, Body{}), schema.List, false)
	}
	return choice(types)
}

// bodies are a body, or a list of bodies. Of a single block the list holds one.
func bodies(body object, nesting schema.Nesting, required bool) object {
	list := object{"items": body}
	if nesting == schema.Single {
		list["maxItems"] = 1
	}
	if required {
		list["minItems"] = 1
	}
	return object{"if": object{"type": "array"}, "then": list, "else": body}
}

// choice is an object, or a list of objects, whose keys are some of the known
// labels.
func choice(known object) object {
	return members(object{"type": "object", "properties": known, "additionalProperties": false, "minProperties": 1})
}

// labelled is an object, or a list of objects, whose keys are names that the
// author chooses.
func labelled(content object) object {
	return members(object{"type": "object", "propertyNames": object{"pattern": namePattern}, "additionalProperties": content, "minProperties": 1})
}

func members(one object) object {
	return object{"if": object{"type": "array"}, "then": object{"items": one}, "else": one}
}

// The patterns of strings. Every string may also be a template, of which
// nothing can be told.
const (
	namePattern     = `^[^\s0-9.\-][^\s.]*$`
	templatePattern = `[$%]\{`
	numberPattern   = `^\s*[-+]?[0-9.]+([eE][-+]?[0-9]+)?\s*$`
	boolPattern     = `^(true|false|1|0)$`
)

// formatPatterns are no stricter than what the formats allow.
func formatPatterns() map[schema.Format]string {
	return map[schema.Format]string{
		schema.Mode:         `^[0-7]{4}$`,
		schema.AbsolutePath: `^/`,
		schema.Duration:     `^([0-9]+d|([0-9]+d)?[-+]?(0|([0-9.]+(ns|us|µs|μs|ms|s|m|h))+))$`,
		schema.Size:         `[0-9.]\W*([KMGT]i?B|kB|B)?\W*$`,
	}
}

// argument is what may be written for an argument.
func argument(a Attribute) object {
	out := object{}
	switch {
	case a.Type == Addresses:
		out = object{"type": []string{"array", "null"}, "items": object{"type": "string"}}
	case schema.IsExpr(a.Type):
	default:
		out = value(a.Type, a)
	}
	if types, ok := out["type"].([]string); ok && a.Required {
		out["type"] = slices.DeleteFunc(types, func(t string) bool { return t == "null" })
	}
	if a.Doc != "" {
		out["description"] = a.Doc
	}
	if a.Deprecated != "" {
		out["deprecated"] = true
	}
	if a.Default != cty.NilVal {
		out["default"] = ctyjson.SimpleJSONValue{Value: a.Default}
	}
	return out
}

// value is what converts to a type.
func value(t cty.Type, a Attribute) object {
	switch {
	case t == cty.String:
		return text(a)
	case t == cty.Number:
		return nullable("number", orTemplate(numberPattern))
	case t == cty.Bool:
		return nullable("boolean", orTemplate(boolPattern))
	case t.IsListType() || t.IsSetType():
		out := nullable("array", templatePattern)
		out["items"] = value(t.ElementType(), a)
		return out
	case t.IsMapType():
		out := nullable("object", templatePattern)
		out["additionalProperties"] = value(t.ElementType(), a)
		return out
	case t.IsObjectType():
		return objectValue(t, a)
	}
	return object{}
}

// nullable is one type of JSON, null, or a string.
func nullable(jsonType, pattern string) object {
	return object{"type": []string{jsonType, "string", "null"}, "pattern": pattern}
}

func orTemplate(pattern string) string { return templatePattern + "|" + pattern }

func text(a Attribute) object {
	if len(a.Enum) > 0 {
		return object{"anyOf": []object{{"enum": a.Enum}, {"type": "string", "pattern": templatePattern}, {"type": "null"}}}
	}
	pattern, known := formatPatterns()[a.Format]
	switch {
	case a.Format == schema.Size:
		return nullable("number", orTemplate(pattern))
	case known:
		return object{"type": []string{"string", "null"}, "pattern": orTemplate(pattern)}
	}
	return object{"type": []string{"string", "number", "boolean", "null"}}
}

func objectValue(t cty.Type, a Attribute) object {
	properties, required := object{}, []string{}
	for _, name := range slices.Sorted(maps.Keys(t.AttributeTypes())) {
		properties[name] = value(t.AttributeType(name), a)
		if !t.AttributeOptional(name) {
			required = append(required, name)
		}
	}
	out := nullable("object", templatePattern)
	out["properties"], out["required"] = properties, required
	return out
}
