package facts

import (
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/driftless-hq/driftless/plugin/schema"
)

type memory struct {
	Total     *int64 `cty:"total"`
	SwapTotal *int64 `cty:"swap_total"`
}

func memoryGroup() group {
	return group{Nested: schema.Nested{Name: "memory", Block: schema.Block{
		Doc: "The memory of the machine. A limit on this process or its container doesn't count.",
		Attributes: []schema.Attribute{
			numberFact("total", "The memory that the kernel can use, in bytes."),
			numberFact("swap_total", "The swap space that is in use or could be, in bytes."),
		},
	}}}
}

func gatherMemory(_ context.Context, f *Facts) any {
	sizes := parseMeminfo(string(f.read(f.inProc("meminfo"))))
	var m memory
	if total, ok := sizes["MemTotal"]; ok {
		m.Total = &total
	}
	if total, ok := sizes["SwapTotal"]; ok {
		m.SwapTotal = &total
	}
	return m
}

// parseMeminfo reads the lines of /proc/meminfo that tell a size, in bytes.
func parseMeminfo(content string) map[string]int64 {
	sizes := map[string]int64{}
	for line := range strings.Lines(content) {
		key, rest, _ := strings.Cut(line, ":")
		fields := strings.Fields(rest)
		if len(fields) != 2 || fields[1] != "kB" {
			continue
		}
		n, err := strconv.ParseInt(fields[0], 10, 64)
		if err == nil && n >= 0 && n <= math.MaxInt64>>10 {
			sizes[key] = n << 10
		}
	}
	return sizes
}
