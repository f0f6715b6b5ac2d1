package lang

import (
	"strings"

	ctyyaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
)

// maxDecodeDepth bounds the nesting of JSON and YAML, which are decoded
// recursively.
const maxDecodeDepth = 1000

// checkJSON looks at what is outside of the strings of a text.
func checkJSON(text string) error {
	depth, elements, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
			elements++
		case c == ']' || c == '}':
			depth--
		case c == ',':
			elements++
		}
		switch {
		case depth > maxDecodeDepth:
			return errDeep
		case elements > maxElements:
			return errManyElements
		}
	}
	return nil
}

func checkDepth(text string) error {
	depth := 0
	for _, c := range text {
		switch c {
		case '[', '{':
			if depth++; depth > maxDecodeDepth {
				return errDeep
			}
		case ']', '}':
			depth--
		}
	}
	return nil
}

// checkYAML also refuses sequences that nest within one line, and aliases that
// multiply what they stand for.
func checkYAML(args []cty.Value) error {
	text := args[0].AsString()
	if err := checkDepth(text); err != nil {
		return err
	}
	for line := range strings.Lines(text) {
		if strings.Count(line, "- ")+strings.Count(line, "? ") > maxDecodeDepth {
			return errDeep
		}
	}
	t, err := ctyyaml.Standard.ImpliedType([]byte(text))
	if err != nil {
		return err
	}
	return checkTypeSize(t, new(int))
}

// checkTypeSize counts what a type is made of, and gives up where it is too
// much.
func checkTypeSize(t cty.Type, count *int) error {
	if *count++; *count > maxElements {
		return errManyElements
	}
	var parts []cty.Type
	switch {
	case t.IsTupleType():
		parts = t.TupleElementTypes()
	case t.IsObjectType():
		for _, part := range t.AttributeTypes() {
			parts = append(parts, part)
		}
	}
	for _, part := range parts {
		if err := checkTypeSize(part, count); err != nil {
			return err
		}
	}
	return nil
}
