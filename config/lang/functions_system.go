package lang

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// maxFileSize bounds what file() reads.
const maxFileSize = 1 << 20

var (
	absPath  = textFunc("Returns the absolute form of a path.", filepath.Abs)
	baseName = textFunc("Returns the last element of a path.", func(s string) (string, error) { return filepath.Base(s), nil })
	dirName  = textFunc("Returns all but the last element of a path.", func(s string) (string, error) { return filepath.Dir(s), nil })
)

func under(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

func readFile(dir string) function.Function {
	return textFunc("Returns the content of a file of at most 1 MiB of UTF-8.", func(path string) (string, error) {
		path = under(dir, path)
		info, err := os.Stat(path) // before it is opened: a named pipe would block
		if err != nil {
			return "", err
		}
		if !info.Mode().IsRegular() {
			return "", fmt.Errorf("%s is not a regular file", path)
		}
		f, err := os.Open(path)
		if err != nil {
			return "", err
		}
		defer f.Close()
		content, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
		switch {
		case err != nil:
			return "", err
		case len(content) > maxFileSize:
			return "", fmt.Errorf("%s is larger than 1 MiB", path)
		case !utf8.Valid(content):
			return "", fmt.Errorf("%s is not valid UTF-8; name the file where the attribute takes a path, such as source", path)
		}
		return string(content), nil
	})
}

func fileExists(dir string) function.Function {
	return function.New(&function.Spec{
		Description: "Reports whether there is a regular file at a path.",
		Params:      params("path"),
		Type:        function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			info, err := os.Stat(under(dir, args[0].AsString()))
			return cty.BoolVal(err == nil && info.Mode().IsRegular()), nil
		},
	})
}

var environment = function.New(&function.Spec{
	Description: "Returns a variable of the process's environment, or the default where it isn't set.",
	Params:      params("name"),
	VarParam:    &function.Parameter{Name: "default", Type: cty.String, AllowNull: true},
	Type:        function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if value, ok := os.LookupEnv(args[0].AsString()); ok {
			return cty.StringVal(value), nil
		}
		switch len(args) {
		case 1:
			return cty.UnknownVal(cty.String), function.NewArgErrorf(0, "the environment has no variable %s; set it, or give a default as the second argument", args[0].AsString())
		case 2:
			return args[1], nil
		}
		return cty.UnknownVal(cty.String), function.NewArgErrorf(2, "env takes a name and at most one default")
	},
})

func markParam() []function.Parameter {
	return []function.Parameter{{
		Name: "value", Type: cty.DynamicPseudoType,
		AllowUnknown: true, AllowNull: true, AllowMarked: true, AllowDynamicType: true,
	}}
}

func sameType(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil }

var sensitive = function.New(&function.Spec{
	Description: "Marks a value as one that must never be shown.",
	Params:      markParam(),
	Type:        sameType,
	Impl:        func(args []cty.Value, _ cty.Type) (cty.Value, error) { return args[0].Mark(Sensitive), nil },
})

var nonsensitive = function.New(&function.Spec{
	Description: "Takes the mark off a sensitive value. Whoever writes it promises that the value may be shown.",
	Params:      markParam(),
	Type:        sameType,
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		v, _ := args[0].UnmarkDeep()
		return v, nil
	},
})

var isSensitive = function.New(&function.Spec{
	Description: "Reports whether a value is sensitive.",
	Params:      markParam(),
	Type:        function.StaticReturnType(cty.Bool),
	Impl:        func(args []cty.Value, _ cty.Type) (cty.Value, error) { return cty.BoolVal(IsSensitive(args[0])), nil },
})
