package lang

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// maxFileSize bounds what file and its kin read.
const maxFileSize = 1 << 20

// under returns the path that a path written in the configuration in dir
// stands for.
func under(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

// openFile opens a regular file of at most some bytes.
func openFile(path string, most int64) (*os.File, error) {
	info, err := os.Stat(path) // before it is opened: a named pipe would block
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	case info.Size() > most:
		return nil, fmt.Errorf("%s is larger than %d MiB", path, most>>20)
	}
	return os.Open(path)
}

func readBytes(path string) ([]byte, error) {
	f, err := openFile(path, maxFileSize)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err == nil && len(content) > maxFileSize { // it grows, or is one of the kernel's
		err = fmt.Errorf("%s is larger than %d MiB", path, maxFileSize>>20)
	}
	return content, err
}

func readText(path string) (string, error) {
	content, err := readBytes(path)
	if err == nil && !utf8.Valid(content) {
		err = fmt.Errorf("%s is not valid UTF-8; read it with filebase64, or name it where the attribute takes a path, such as source", path)
	}
	return string(content), err
}

// fileFunctions are those that look at files. Paths are relative to dir.
func fileFunctions(dir string) map[string]function.Function {
	all := map[string]function.Function{
		"abspath": textFunc("path", func(path string) (string, error) { return filepath.Abs(under(dir, path)) }),
		"file":    textFunc("path", func(path string) (string, error) { return readText(under(dir, path)) }),
		"filebase64": textFunc("path", func(path string) (string, error) {
			content, err := readBytes(under(dir, path))
			return base64.StdEncoding.EncodeToString(content), err
		}),
		"fileexists": fileExists(dir),
		"fileset":    fileSet(dir),
		"jinjafile":  jinjaFile(dir),
	}
	for name, d := range digests {
		all["file"+name] = d.ofFile(dir)
	}
	return all
}

func fileExists(dir string) function.Function {
	return function.New(&function.Spec{
		Params: params("path"),
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			path := under(dir, args[0].AsString())
			info, err := os.Stat(path)
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return cty.False, nil
			case err != nil:
				return cty.NilVal, function.NewArgError(0, err)
			case !info.Mode().IsRegular():
				return cty.NilVal, function.NewArgErrorf(0, "%s is not a regular file", path)
			}
			return cty.True, nil
		},
	})
}

var (
	baseName   = textFunc("path", func(path string) (string, error) { return filepath.Base(path), nil })
	dirName    = textFunc("path", func(path string) (string, error) { return filepath.Dir(path), nil })
	pathExpand = textFunc("path", func(path string) (string, error) {
		rest, ok := strings.CutPrefix(path, "~")
		switch {
		case !ok:
			return path, nil
		case rest != "" && !os.IsPathSeparator(rest[0]):
			return "", errors.New("only one's own home directory, ~, is expanded, and not that of others")
		}
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("the home directory isn't known: %w", err)
		}
		return filepath.Join(home, rest), nil
	})
)
