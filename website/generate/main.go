// Command generate writes the reference pages of the documentation. It is run
// in the root of the repository:
//
//	go run ./website/generate
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/driftless-hq/driftless/command"
	"github.com/driftless-hq/driftless/internal/docgen"
)

const (
	examplesDir  = "website/examples"
	streamSchema = "website/content/schema/json-output.json"
	referenceDir = "website/content/reference"
)

func main() {
	if err := generate(context.Background(), "."); err != nil {
		fmt.Fprintln(os.Stderr, "generate the reference:", err)
		os.Exit(1)
	}
}

// generate replaces all pages below the reference directory of a repository.
func generate(ctx context.Context, root string) error {
	if _, err := os.Stat(filepath.Join(root, examplesDir)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no %s; run this in the root of the repository", examplesDir)
	}
	pages, err := pages(ctx, root)
	if err != nil {
		return err
	}
	dir := filepath.Join(root, referenceDir)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for path, content := range pages {
		file := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// pages draws the pages of the program as it is built.
func pages(ctx context.Context, root string) (map[string]string, error) {
	r, err := command.Reference(ctx)
	if err != nil {
		return nil, err
	}
	stream, err := os.ReadFile(filepath.Join(root, streamSchema))
	if err != nil {
		return nil, err
	}
	return docgen.Pages(docgen.Input{Reference: r, Commands: commands(command.Table()), Stream: stream})
}
