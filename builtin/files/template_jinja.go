package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/jinja"
	"github.com/driftless-hq/driftless/plugin"
)

// renderJinja renders with Jinja2. The template may include files of its own
// directory and below, as the planned host has them.
func renderJinja(ctx context.Context, host plugin.Host, path string, text []byte, vars cty.Value) ([]byte, error) {
	dir := filepath.Dir(path)
	t := jinja.Template{
		Name: path, Text: string(text), MaxResult: maxRendered,
		Load: func(name string) (string, error) { return loadJinja(host, dir, name) },
	}
	rendered, err := jinja.Render(ctx, t, vars)
	if bad, ok := errors.AsType[*jinja.Error](err); ok && !errors.Is(err, plugin.ErrUnknown) {
		at := bad.Name
		if at != path {
			at = filepath.Join(dir, at) // one that is included
		}
		return nil, &templateError{summary: bad.Summary, path: at, line: bad.Line, column: bad.Column, detail: bad.Detail}
	}
	if err != nil {
		return nil, err
	}
	return []byte(rendered), nil
}

// loadJinja reads a template in dir or below it, where no symbolic link may
// lead out of it either.
func loadJinja(host plugin.Host, dir, name string) (string, error) {
	if !filepath.IsLocal(name) {
		return "", fmt.Errorf("a template takes others only from its own directory, %s", dir)
	}
	path := resolve(host, filepath.Join(dir, name))
	if !strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/") {
		return "", fmt.Errorf("it is a symbolic link to %s, and a template takes others only from its own directory", path)
	}
	file, err := host.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no file %s, and no task before this one makes it: %w", path, fs.ErrNotExist)
	case err != nil:
		return "", err
	case !file.IsRegular():
		return "", fmt.Errorf("%s is %s", path, describeType(file.Type))
	case file.Unknown:
		return "", plugin.ErrUnknown
	case file.Size > maxTemplate:
		return "", fmt.Errorf("%s has %d bytes, and a template may have %d", path, file.Size, maxTemplate)
	}
	text, err := host.Content(path)
	return string(text), err
}
