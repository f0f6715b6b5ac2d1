package lang

import (
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// The limits of a regular expression. The time to match takes is at most the
// product of the sizes of the compiled pattern and of the text.
const (
	maxPattern   = 16 << 10 // bytes
	maxMatchWork = 1 << 28
)

var (
	regex    = checked(stdlib.RegexFunc, func(args []cty.Value) error { return checkPattern(args[0].AsString(), args[1].AsString()) })
	regexAll = checked(stdlib.RegexAllFunc, func(args []cty.Value) error {
		pattern, text := args[0].AsString(), args[1].AsString()
		if err := checkPattern(pattern, text); err != nil {
			return err
		}
		return checkMatches(pattern, text)
	})
)

// checkPattern refuses a pattern that would take too long. What is wrong with
// it otherwise is for the function to say.
func checkPattern(pattern, text string) error {
	if len(pattern) > maxPattern {
		return limitError("the pattern is longer than 16 KiB")
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil //nolint:nilerr // the function says it
	}
	groups := tree.MaxCap() + 1
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil //nolint:nilerr // the function says it
	}
	if len(program.Inst)*(len(text)+1) > maxMatchWork || groups*(len(text)+1) > maxWork {
		return limitError("the pattern is too large for so long a text")
	}
	return nil
}

func checkMatches(pattern, text string) error {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil //nolint:nilerr // the function says it
	}
	most := maxElements / (re.NumSubexp() + 1)
	if len(re.FindAllStringIndex(text, most+1)) > most {
		return errManyElements
	}
	return nil
}

// replace takes a pattern between slashes as a regular expression.
var replace = function.New(&function.Spec{
	Params: params("string", "substring", "replacement"),
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		s, old, with := args[0].AsString(), args[1].AsString(), args[2].AsString()
		if len(old) < 2 || old[0] != '/' || old[len(old)-1] != '/' {
			if len(s)+strings.Count(s, old)*len(with) > maxString {
				return cty.UnknownVal(cty.String), errLongString
			}
			return cty.StringVal(strings.ReplaceAll(s, old, with)), nil
		}
		pattern := old[1 : len(old)-1]
		if err := checkPattern(pattern, s); err != nil {
			return cty.UnknownVal(cty.String), err
		}
		re, err := regexp.Compile(pattern)
		if err != nil {
			return cty.UnknownVal(cty.String), function.NewArgError(1, err)
		}
		return replaceMatches(re, s, with)
	},
})

// replaceMatches is [regexp.Regexp.ReplaceAllString] within the limit of a
// string.
func replaceMatches(re *regexp.Regexp, s, with string) (cty.Value, error) {
	var out []byte
	end := 0
	for _, match := range re.FindAllStringSubmatchIndex(s, -1) {
		out = append(out, s[end:match[0]]...)
		out = re.ExpandString(out, with, s, match)
		end = match[1]
		if len(out) > maxString {
			return cty.UnknownVal(cty.String), errLongString
		}
	}
	return cty.StringVal(string(append(out, s[end:]...))), nil
}
