package lang

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	ctyyaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// maxDecodeDepth bounds the nesting of JSON and YAML, which are decoded
// recursively.
const maxDecodeDepth = 1000

var errLongString = fmt.Errorf("the result would be longer than %d bytes", maxString)

// These functions can make much out of little. Each refuses beforehand what
// would come to more than a value may hold.
var (
	format     = checked(stdlib.FormatFunc, func(args []cty.Value) error { return checkFormat(args[0]) })
	formatList = checked(stdlib.FormatListFunc, func(args []cty.Value) error { return checkFormat(args[0]) })
	indent     = checked(stdlib.IndentFunc, checkIndent)
	join       = checked(stdlib.JoinFunc, checkJoin)
	setProduct = checked(stdlib.SetProductFunc, checkProduct)
	jsonDecode = checked(stdlib.JSONDecodeFunc, func(args []cty.Value) error { return checkDepth(args[0].AsString()) })
	yamlDecode = checked(ctyyaml.YAMLDecodeFunc, checkYAML)
	yamlEncode = ctyyaml.YAMLEncodeFunc
)

// checked makes a function that calls another after a check of its arguments,
// which are known and not null.
func checked(f function.Function, check func(args []cty.Value) error) function.Function {
	return function.New(&function.Spec{
		Description: f.Description(),
		Params:      f.Params(),
		VarParam:    f.VarParam(),
		Type: func(args []cty.Value) (cty.Type, error) {
			plain := make([]cty.Value, len(args))
			for i, arg := range args {
				if plain[i], _ = arg.Unmark(); !plain[i].IsKnown() || plain[i].IsNull() {
					return f.ReturnTypeForValues(args)
				}
			}
			if err := check(plain); err != nil {
				return cty.DynamicPseudoType, err
			}
			return f.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f.Call(args) },
	})
}

// wideFormat matches a width, or another number of a verb, that no text has.
var wideFormat = regexp.MustCompile(`%[^%a-zA-Z]*[0-9]{5}`)

func checkFormat(spec cty.Value) error {
	if wideFormat.MatchString(spec.AsString()) {
		return function.NewArgErrorf(0, "a number in the format has more than 4 digits")
	}
	return nil
}

func checkIndent(args []cty.Value) error {
	spaces, _ := args[0].AsBigFloat().Int64()
	text := args[1].AsString()
	if spaces > maxString || spaces*int64(strings.Count(text, "\n")+1)+int64(len(text)) > maxString {
		return errLongString
	}
	return nil
}

func checkJoin(args []cty.Value) error {
	separators := 0
	for _, list := range args[1:] {
		separators += shallowLength(list)
	}
	if separators*len(args[0].AsString()) > maxString {
		return errLongString
	}
	return nil
}

func checkProduct(args []cty.Value) error {
	elements := 1
	for _, arg := range args {
		if elements *= max(shallowLength(arg), 1); elements*len(args) > maxElements {
			return fmt.Errorf("the product would have more than %d elements", maxElements)
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
				return errors.New("the text is nested too deep")
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
			return errors.New("the text is nested too deep")
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
		return fmt.Errorf("the text stands for more than %d elements", maxElements)
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
