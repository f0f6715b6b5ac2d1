package lang

import (
	"regexp"
	"strconv"
	"strings"

	ctyyaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// limitError says what an expression takes up that is more than it may.
// [Evaluate] reports it as a value that is too large.
type limitError string

func (e limitError) Error() string { return string(e) }

const (
	errLongString   = limitError("a string would be longer than 1 MiB")
	errManyElements = limitError("the result would have more than 100,000 elements")
	errDeep         = limitError("the text is nested too deep")
)

// These functions can make much out of little. Each refuses beforehand what
// would come to more than a value may hold.
var (
	csvDecode  = checked(stdlib.CSVDecodeFunc, func(args []cty.Value) error { return checkCount(args[0].AsString(), ",\n") })
	format     = checked(stdlib.FormatFunc, checkFormat)
	formatList = checked(stdlib.FormatListFunc, checkFormatList)
	indent     = checked(stdlib.IndentFunc, checkIndent)
	join       = checked(stdlib.JoinFunc, checkJoin)
	parseInt   = checked(stdlib.ParseIntFunc, checkDigits)
	setProduct = checked(stdlib.SetProductFunc, checkProduct)
	split      = checked(stdlib.SplitFunc, checkSplit)
	trim       = checked(stdlib.TrimFunc, checkTrim)
	jsonDecode = checked(stdlib.JSONDecodeFunc, func(args []cty.Value) error { return checkJSON(args[0].AsString()) })
	yamlDecode = checked(ctyyaml.YAMLDecodeFunc, checkYAML)
)

// checked makes a function that calls another after a check of its arguments,
// which are known and not null. All else about the arguments is for the other
// to judge.
func checked(f function.Function, check func(args []cty.Value) error) function.Function {
	spec := &function.Spec{
		Params:   f.Params(),
		VarParam: f.VarParam(),
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
	}
	return delegate(spec)
}

// delegate makes a function that leaves it to another, which its specification
// calls, to judge the arguments.
func delegate(spec *function.Spec) function.Function {
	permit := func(p *function.Parameter) {
		p.AllowNull, p.AllowUnknown, p.AllowDynamicType, p.AllowMarked = true, true, true, true
	}
	for i := range spec.Params {
		permit(&spec.Params[i])
	}
	if spec.VarParam != nil {
		permit(spec.VarParam)
	}
	return function.New(spec)
}

// maxWidthDigits bounds a width in a format.
const maxWidthDigits = 4

// verb matches one of a format, with its numbers.
var (
	verb   = regexp.MustCompile(`%[^%a-zA-Z]*`)
	number = regexp.MustCompile(`[0-9]+`)
)

// checkFormat adds up the widths in a format, and what arguments that are
// named by their numbers can come to, as each can be named any number of times.
func checkFormat(args []cty.Value) error {
	size, err := formatSize(args)
	if err == nil && size > maxString {
		err = errLongString
	}
	return err
}

// checkFormatList also looks at how often the format and the single strings
// are repeated.
func checkFormatList(args []cty.Value) error {
	size, err := formatSize(args)
	if err != nil {
		return err
	}
	rows := 1
	for _, arg := range args[1:] {
		rows = max(rows, shallowLength(arg))
		if arg.Type() == cty.String {
			size += len(arg.AsString())
		}
	}
	if size > maxString || size*rows > maxWork {
		return errLongString
	}
	return nil
}

// formatSize is what a format comes to without the arguments that are named
// only once.
func formatSize(args []cty.Value) (int, error) {
	spec, longest := args[0].AsString(), 0
	for _, arg := range args[1:] {
		longest = max(longest, longestString(arg))
	}
	size := len(spec)
	for _, v := range verb.FindAllString(spec, -1) {
		for _, n := range number.FindAllString(v, -1) {
			if len(n) > maxWidthDigits {
				return 0, function.NewArgErrorf(0, "a number in the format has more than %d digits", maxWidthDigits)
			}
			width, err := strconv.Atoi(n)
			if err != nil {
				return 0, err
			}
			size += width
		}
		if strings.Contains(v, "[") {
			size += longest
		}
	}
	return size, nil
}

// longestString is the length of the longest string in a value, or in one of
// its elements.
func longestString(v cty.Value) int {
	longest := 0
	for _, part := range withElements(v) {
		part, _ = part.Unmark()
		if part.Type() == cty.String && part.IsKnown() && !part.IsNull() {
			longest = max(longest, len(part.AsString()))
		}
	}
	return longest
}

func withElements(v cty.Value) []cty.Value {
	v, _ = v.Unmark()
	if shallowLength(v) == 0 {
		return []cty.Value{v}
	}
	return append(v.AsValueSlice(), v)
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
	separators, size := 0, 0
	for _, list := range args[1:] {
		separators += shallowLength(list)
		for _, part := range withElements(list) {
			size += longestString(part)
		}
	}
	if separators*len(args[0].AsString())+size > maxString {
		return errLongString
	}
	return nil
}

// checkDigits keeps the conversion of digits short: its time grows with the
// square of their number.
func checkDigits(args []cty.Value) error {
	if args[0].Type() == cty.String && len(args[0].AsString()) > maxExponent {
		return limitError("the number has too many digits")
	}
	return nil
}

func checkSplit(args []cty.Value) error {
	if strings.Count(args[1].AsString(), args[0].AsString()) > maxElements {
		return errManyElements
	}
	return nil
}

func checkTrim(args []cty.Value) error {
	if len(args[0].AsString())*len(args[1].AsString()) > maxMatchWork {
		return limitError("the strings are too long to be compared")
	}
	return nil
}

// checkCount counts characters that part a text into elements.
func checkCount(text, separators string) error {
	count := 0
	for i := range len(text) {
		if strings.IndexByte(separators, text[i]) >= 0 {
			if count++; count > maxElements {
				return errManyElements
			}
		}
	}
	return nil
}

func checkProduct(args []cty.Value) error {
	elements := 1
	for _, arg := range args {
		if elements *= max(shallowLength(arg), 1); elements*len(args) > maxElements {
			return errManyElements
		}
	}
	return nil
}
