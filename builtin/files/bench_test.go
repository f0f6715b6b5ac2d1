package files

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

const benchFiles = 1000

// benchTree makes files as they are declared, and returns their paths.
func benchTree(b *testing.B, content []byte) []string {
	b.Helper()
	dir := b.TempDir()
	var paths []string
	for i := range benchFiles {
		path := filepath.Join(dir, fmt.Sprintf("file%04d", i))
		if err := os.WriteFile(path, content, 0o644); err != nil {
			b.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

var benchContent = bytes.Repeat([]byte("a line of configuration\n"), 8)

// BenchmarkPlanUnchangedFile plans 1,000 files that are as declared.
func BenchmarkPlanUnchangedFile(b *testing.B) {
	var tasks []plugin.Task
	for _, path := range benchTree(b, benchContent) {
		task, err := openFile(benchConfig(path), plugin.Env{Log: hclog.NewNullLogger(), Now: time.Now})
		if err != nil {
			b.Fatal(err)
		}
		tasks = append(tasks, task)
	}
	b.ReportAllocs()
	for b.Loop() {
		host := newHost()
		for _, task := range tasks {
			change, diags := task.Plan(b.Context(), host)
			if diags.HasErrors() || change.Action != plugin.NoOp {
				b.Fatal(change.Action, diags.Err())
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/benchFiles, "µs/file")
}

// BenchmarkBareLoop is the least that could be done in its place.
func BenchmarkBareLoop(b *testing.B) {
	paths := benchTree(b, benchContent)
	b.ReportAllocs()
	for b.Loop() {
		for _, path := range paths {
			if _, err := os.Lstat(path); err != nil {
				b.Fatal(err)
			}
			content, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(content, benchContent) {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/benchFiles, "µs/file")
}

func benchConfig(path string) cty.Value {
	values := map[string]cty.Value{}
	for _, a := range fileSchema().Attributes {
		values[a.Name] = cty.NullVal(a.Type)
		if a.Default != cty.NilVal {
			values[a.Name] = a.Default
		}
	}
	values["path"] = cty.StringVal(path)
	values["content"] = cty.StringVal(string(benchContent))
	values["mode"] = cty.StringVal("0644")
	return cty.ObjectVal(values)
}
