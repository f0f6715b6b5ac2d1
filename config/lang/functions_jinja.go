package lang

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/driftless-hq/driftless/internal/jinja"
)

// jinjaFile makes the function that renders a template. What the template
// renders to is known where all of its variables are, and sensitive where one
// of them is.
func jinjaFile(dir string) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{
			{Name: "path", Type: cty.String},
			{Name: "vars", Type: cty.DynamicPseudoType, AllowUnknown: true, AllowMarked: true, AllowDynamicType: true},
		},
		Type: func(args []cty.Value) (cty.Type, error) {
			if t := args[1].Type(); t != cty.DynamicPseudoType && !t.IsObjectType() && !t.IsMapType() {
				return cty.String, function.NewArgErrorf(1, "the variables of a template are an object, as in { port = 80 }, and not %s", t.FriendlyName())
			}
			return cty.String, nil
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			vars, marks := args[1].UnmarkDeep()
			if !vars.IsWhollyKnown() {
				return cty.UnknownVal(cty.String).RefineNotNull().WithMarks(marks), nil
			}
			text, err := renderJinja(under(dir, args[0].AsString()), vars)
			if err != nil {
				return cty.UnknownVal(cty.String), function.NewArgError(0, err)
			}
			return cty.StringVal(text).WithMarks(marks), nil
		},
	})
}

func renderJinja(path string, vars cty.Value) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", fmt.Errorf("read the template: %w", err)
	}
	root, err := os.OpenRoot(filepath.Dir(real))
	if err != nil {
		return "", fmt.Errorf("open the directory of the template: %w", err)
	}
	defer root.Close()
	load := func(name string) (string, error) { return readTemplate(root, name) }
	text, err := load(filepath.Base(real))
	if err != nil {
		return "", fmt.Errorf("read the template: %w", err)
	}
	// What ends a template are its own limits: there is nothing to cancel an
	// evaluation.
	return jinja.Render(context.Background(), jinja.Template{Name: path, Text: text, Load: load, MaxResult: maxString}, vars)
}

// readTemplate reads a file within root, where no link can lead out of it.
func readTemplate(root *os.Root, name string) (string, error) {
	info, err := root.Stat(name) // before it is opened: a named pipe would block
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a regular file", name)
	}
	f, err := root.Open(name)
	if err != nil {
		return "", err
	}
	content, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if len(content) > maxFileSize {
		err = fmt.Errorf("%s is larger than 1 MiB", name)
	}
	return string(content), errors.Join(err, f.Close())
}
