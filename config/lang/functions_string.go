package lang

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

func params(names ...string) []function.Parameter {
	out := make([]function.Parameter, len(names))
	for i, name := range names {
		out[i] = function.Parameter{Name: name, Type: cty.String}
	}
	return out
}

// textFunc makes a function from one string to another.
func textFunc(description string, f func(string) (string, error)) function.Function {
	return function.New(&function.Spec{
		Description: description,
		Params:      params("string"),
		Type:        function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			out, err := f(args[0].AsString())
			if err != nil {
				return cty.UnknownVal(cty.String), function.NewArgError(0, err)
			}
			return cty.StringVal(out), nil
		},
	})
}

// testFunc makes a function that answers a question about two strings.
func testFunc(description, second string, f func(s, second string) bool) function.Function {
	return function.New(&function.Spec{
		Description: description,
		Params:      params("string", second),
		Type:        function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(f(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

var (
	startsWith  = testFunc("Reports whether a string begins with a prefix.", "prefix", strings.HasPrefix)
	endsWith    = testFunc("Reports whether a string ends with a suffix.", "suffix", strings.HasSuffix)
	strContains = testFunc("Reports whether a string holds another.", "substring", strings.Contains)

	base64Encode = textFunc("Encodes a string as Base64.", func(s string) (string, error) {
		return base64.StdEncoding.EncodeToString([]byte(s)), nil
	})
	base64Decode = textFunc("Decodes Base64 to a string.", func(s string) (string, error) {
		p, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return "", errors.New("the string is not valid Base64")
		}
		if !utf8.Valid(p) {
			return "", errors.New("the decoded bytes are not valid UTF-8")
		}
		return string(p), nil
	})
	md5Sum = textFunc("Returns the MD5 of a string in hexadecimal.", func(s string) (string, error) {
		sum := md5.Sum([]byte(s))
		return hex.EncodeToString(sum[:]), nil
	})
	sha1Sum = textFunc("Returns the SHA-1 of a string in hexadecimal.", func(s string) (string, error) {
		sum := sha1.Sum([]byte(s))
		return hex.EncodeToString(sum[:]), nil
	})
	sha256Sum = textFunc("Returns the SHA-256 of a string in hexadecimal.", func(s string) (string, error) {
		sum := sha256.Sum256([]byte(s))
		return hex.EncodeToString(sum[:]), nil
	})
	sha512Sum = textFunc("Returns the SHA-512 of a string in hexadecimal.", func(s string) (string, error) {
		sum := sha512.Sum512([]byte(s))
		return hex.EncodeToString(sum[:]), nil
	})
)

// replace takes a pattern between slashes as a regular expression.
var replace = function.New(&function.Spec{
	Description: "Replaces each occurrence of a substring, or of a /regular expression/, in a string.",
	Params:      params("string", "substring", "replacement"),
	Type:        function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		s, old, with := args[0].AsString(), args[1].AsString(), args[2].AsString()
		if len(old) < 2 || old[0] != '/' || old[len(old)-1] != '/' {
			if len(s)+strings.Count(s, old)*len(with) > maxString {
				return cty.UnknownVal(cty.String), errLongString
			}
			return cty.StringVal(strings.ReplaceAll(s, old, with)), nil
		}
		re, err := regexp.Compile(old[1 : len(old)-1])
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

var length = function.New(&function.Spec{
	Description: "Returns the number of elements of a collection, or of characters of a string.",
	Params: []function.Parameter{{
		Name: "value", Type: cty.DynamicPseudoType, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
	}},
	Type: function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		v, marks := args[0].Unmark()
		n, err := lengthOf(v)
		return n.WithMarks(marks), err
	},
})

func lengthOf(v cty.Value) (cty.Value, error) {
	t := v.Type()
	switch {
	case t == cty.DynamicPseudoType:
		return cty.UnknownVal(cty.Number), nil
	case t.IsTupleType():
		return cty.NumberIntVal(int64(len(t.TupleElementTypes()))), nil
	case t.IsObjectType():
		return cty.NumberIntVal(int64(len(t.AttributeTypes()))), nil
	case !v.IsKnown():
		return cty.UnknownVal(cty.Number), nil
	case t == cty.String:
		return stdlib.Strlen(v)
	case t.IsCollectionType():
		return v.Length(), nil
	}
	return cty.UnknownVal(cty.Number), function.NewArgErrorf(0, "a string, a list, a set, a map, a tuple or an object is required")
}

// conversion makes tostring and its kin.
func conversion(to string) function.Function {
	target := map[string]cty.Type{
		"string": cty.String, "number": cty.Number, "bool": cty.Bool,
		"list": cty.List(cty.DynamicPseudoType), "set": cty.Set(cty.DynamicPseudoType), "map": cty.Map(cty.DynamicPseudoType),
	}[to]
	return function.New(&function.Spec{
		Description: "Converts a value to a " + to + ".",
		Params: []function.Parameter{{
			Name: "value", Type: cty.DynamicPseudoType, AllowNull: true, AllowMarked: true, AllowDynamicType: true,
		}},
		Type: func(args []cty.Value) (cty.Type, error) {
			if args[0].Type().Equals(target) {
				return target, nil
			}
			if v, err := convert.Convert(args[0], target); err == nil {
				return v.Type(), nil
			}
			return cty.DynamicPseudoType, function.NewArgErrorf(0, "cannot convert %s to %s", args[0].Type().FriendlyName(), to)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return convert.Convert(args[0], target)
		},
	})
}
