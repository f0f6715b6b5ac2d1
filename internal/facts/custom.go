package facts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/driftless-hq/driftless/internal/process"
	"github.com/driftless-hq/driftless/plugin/schema"
)

const (
	// customTimeout is how long a program may take to print its fact.
	customTimeout = 5 * time.Second
	// customGrace is how long it may then take to end.
	customGrace = time.Second
	// maxCustom is the most that a custom fact may hold, in bytes of JSON.
	maxCustom = 1 << 20
	// maxDepth bounds how deep it may be nested: the time that a value's type
	// takes grows with the square of its depth.
	maxDepth = 100
)

func customGroup() group {
	return group{free: true, Nested: schema.Nested{Name: "custom", Block: schema.Block{
		Doc: "What the owner of the host says of it: an attribute for each file in the directory of facts, named after the file without its ending. " +
			"A file whose name ends in `.json` holds a value; any other file that may be executed is run, for at most 5 seconds, and prints one. " +
			"Both may be 1 MiB long and nested 100 deep. The directory and the files must belong to root or to the user that driftless runs as, and be writable by no one else. " +
			"A file that can't be used is null, and the log says why. Other files, and those whose names begin with a dot, are passed over.",
	}}}
}

func gatherCustom(ctx context.Context, f *Facts) any {
	facts := map[string]cty.Value{}
	if f.custom == "" {
		return cty.ObjectVal(facts)
	}
	entries, err := customEntries(f.custom)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.log.Warn("The custom facts were left out", "directory", f.custom, "error", err)
	}
	for _, e := range entries {
		if _, ok := facts[e.name]; ok {
			f.log.Warn("A custom fact was left out, because another file of the same name came before it", "file", e.path)
			continue
		}
		v, err := e.load(ctx)
		if err != nil {
			f.log.Warn("A custom fact is null, because it could not be learnt", "file", e.path, "error", err)
			v = cty.NullVal(cty.DynamicPseudoType)
		}
		facts[e.name] = v
	}
	return cty.ObjectVal(facts)
}

// customEntry is a file that makes a fact.
type customEntry struct {
	name, path string
	program    bool
}

// customEntries returns the files of the directory that make facts, sorted by
// their names.
func customEntries(dir string) ([]customEntry, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if err := trusted(info); err != nil {
		return nil, fmt.Errorf("the directory %s is not safe: %w", dir, err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var entries []customEntry
	for _, file := range files {
		e := customEntry{path: filepath.Join(dir, file.Name())}
		extension := filepath.Ext(file.Name())
		e.name = valid(strings.TrimSuffix(file.Name(), extension))
		if strings.HasPrefix(file.Name(), ".") || file.IsDir() {
			continue
		}
		if extension != ".json" {
			info, err := os.Stat(e.path)
			if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
				continue
			}
			e.program = true
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// load reads the fact of a file, or runs the program that the file is.
func (e customEntry) load(ctx context.Context) (cty.Value, error) {
	stat := os.Stat
	if e.program {
		stat = os.Lstat // what is run lies in the trusted directory itself
	}
	info, err := stat(e.path)
	if err != nil {
		return cty.NilVal, err
	}
	if !info.Mode().IsRegular() {
		return cty.NilVal, errors.New("it is not a regular file: put the file itself into the directory")
	}
	if err := trusted(info); err != nil {
		return cty.NilVal, err
	}
	if e.program {
		return e.run(ctx)
	}
	content, err := readFile(e.path, maxCustom)
	if err != nil {
		return cty.NilVal, err
	}
	return parseJSON(content)
}

func (e customEntry) run(ctx context.Context) (cty.Value, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, customTimeout, fmt.Errorf("it took longer than %s", customTimeout))
	defer cancel()
	result, err := process.Run(ctx, process.Spec{
		Args:      []string{e.path},
		Dir:       filepath.Dir(e.path),
		Grace:     customGrace,
		MaxOutput: maxCustom,
	})
	if err == nil {
		err = result.Err()
	}
	if err != nil {
		return cty.NilVal, err
	}
	if result.Truncated {
		return cty.NilVal, fmt.Errorf("it printed more than %d bytes", maxCustom)
	}
	return parseJSON(result.Stdout)
}

// parseJSON reads one JSON value: objects become objects, arrays tuples.
func parseJSON(content []byte) (cty.Value, error) {
	// The standard library's reader says where an error is.
	if err := json.Unmarshal(content, new(json.RawMessage)); err != nil {
		return cty.NilVal, fmt.Errorf("it is not valid JSON: %w", err)
	}
	if depth(content) > maxDepth {
		return cty.NilVal, fmt.Errorf("its JSON is nested more than %d deep", maxDepth)
	}
	t, err := ctyjson.ImpliedType(content)
	if err != nil {
		return cty.NilVal, fmt.Errorf("its JSON has no type: %w", err)
	}
	v, err := ctyjson.Unmarshal(content, t)
	if err != nil {
		return cty.NilVal, fmt.Errorf("its JSON can't be read: %w", err)
	}
	return v, nil
}

// depth returns how deep valid JSON is nested.
func depth(content []byte) (deepest int) {
	var now int
	var quoted, escaped bool
	for _, c := range content {
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			now++
			deepest = max(deepest, now)
		case c == ']' || c == '}':
			now--
		}
	}
	return deepest
}
