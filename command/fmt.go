package command

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/format"
	"github.com/driftless-hq/driftless/internal/atomicfile"
	"github.com/driftless-hq/driftless/internal/diff"
)

// stdinPath is how the standard input is named among paths.
const stdinPath = "-"

// fmtHelp says what the paths are, and what is left alone.
const fmtHelp = `A PATH is a file whose name ends in .hcl or a directory of them, the current one unless told otherwise; with - the standard input is formatted to the standard output. The names of files that were not formatted are printed. Files in JSON, YAML and TOML are left alone, as formatters of theirs abound. So are files that are not valid: they are reported, and the others are formatted all the same.`

func runFmt(ctx context.Context, e env) int {
	paths := e.flags.Args().Slice()
	if len(paths) == 0 {
		paths = []string{"."}
	}
	f := formatter{env: e}
	e.Begin()
	switch {
	case !slices.Contains(paths, stdinPath):
		f.files(ctx, paths)
	case len(paths) == 1:
		f.stdin()
	default:
		f.failed = true
		f.UsageError(usageError{"The standard input can't be formatted together with files: give - alone.", "fmt"})
	}
	switch {
	case ctx.Err() != nil:
		return exitInterrupted
	case f.failed:
		return exitError
	case f.changed && e.flags.Bool("check"):
		return exitUnformatted
	}
	return exitOK
}

// formatter formats one file after the other and remembers what it met.
type formatter struct {
	env
	changed bool // some file was not formatted
	failed  bool
}

func (f *formatter) fail(err error) {
	f.failed = true
	f.Error(err)
}

func (f *formatter) files(ctx context.Context, paths []string) {
	for _, path := range f.find(paths) {
		if ctx.Err() != nil {
			return
		}
		src, diags := config.ReadFile(path)
		if diags.HasErrors() {
			f.failed = true
			f.Diagnostics(diags)
			continue
		}
		out, changed := f.source(src, path)
		if !changed || f.flags.Bool("check") {
			continue
		}
		if err := rewrite(ctx, path, out); err != nil {
			f.fail(fmt.Errorf("rewrite %s: %w", path, err))
		}
	}
}

// stdin writes what it reads to the standard output, formatted.
func (f *formatter) stdin() {
	src, err := io.ReadAll(io.LimitReader(f.In, config.MaxFileSize+1))
	if err != nil {
		f.fail(fmt.Errorf("read the standard input: %w", err))
		return
	}
	if f.flags.Bool("check") || f.flags.Bool("diff") {
		f.source(src, "<stdin>")
		return
	}
	if out, ok := f.format(src, "<stdin>"); ok {
		f.FormattedText(out)
	}
}

// source formats a file and shows whether that changes it.
func (f *formatter) source(src []byte, name string) (out []byte, changed bool) {
	out, ok := f.format(src, name)
	if !ok || bytes.Equal(src, out) {
		return nil, false
	}
	f.changed = true
	difference := ""
	if f.flags.Bool("diff") {
		difference = diff.Unified(src, out, diff.Options{FromName: name, ToName: name})
	}
	f.Formatted(name, difference)
	return out, true
}

func (f *formatter) format(src []byte, name string) ([]byte, bool) {
	out, diags := format.Source(src, name)
	f.SetFiles(map[string]*hcl.File{name: {Bytes: src}})
	f.Diagnostics(diags)
	f.failed = f.failed || diags.HasErrors()
	return out, !diags.HasErrors()
}

// rewrite replaces a file, which keeps its mode and owner. A path that was
// given may lead there through a symbolic link.
func rewrite(ctx context.Context, path string, content []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	info, err := atomicfile.Lstat(path)
	if err != nil {
		return err
	}
	return atomicfile.Write(ctx, path, bytes.NewReader(content), atomicfile.Options{
		Meta: atomicfile.Meta{Mode: info.Mode, UID: -1, GID: -1},
	})
}
