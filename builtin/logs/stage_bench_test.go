package logs

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/event"
)

const benchPattern = `^(?P<addr>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<method>\S+) (?P<path>\S+) (?P<protocol>[^"]+)" (?P<status>\d+) (?P<bytes>\d+)$`

// benchLines returns lines of a web server, one in sixteen of them an error.
func benchLines() (lines [][]byte, size int64) {
	for k := range 512 {
		status := 200
		if k%16 == 0 {
			status = 500
		}
		line := fmt.Appendf(nil, `203.0.113.%d - eve [02/Jan/2026:03:04:05 +0000] "GET /api/v1/items/%d HTTP/1.1" %d 5316`, k%256, k, status)
		lines = append(lines, line)
		size += int64(len(line))
	}
	return lines, size
}

func BenchmarkStages(b *testing.B) {
	parse := openStage(b, "parse", map[string]cty.Value{"format": cty.StringVal("regex"), "pattern": cty.StringVal(benchPattern)})
	filter := openStage(b, "filter", map[string]cty.Value{"include": texts(`\d" 500 \d+$`)})
	lines, size := benchLines()
	batch := new(event.Batch)
	for _, row := range []struct {
		name  string
		stage func() error
	}{
		{"parse regex", func() error { return parse.Process(b.Context(), batch) }},
		{"filter include", func() error { return filter.Process(b.Context(), batch) }},
	} {
		b.Run(row.name, func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				batch.Reset()
				builder := event.NewBuilder(batch)
				for _, line := range lines {
					builder.Log(time.Time{}, line)
				}
				if err := row.stage(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFilterStd is the filter without a search for a literal.
func BenchmarkFilterStd(b *testing.B) {
	re := regexp.MustCompile(`\d" 500 \d+$`)
	lines, size := benchLines()
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, line := range lines {
			re.Match(line)
		}
	}
}
