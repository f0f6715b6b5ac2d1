package syntax

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
)

const (
	mebibyte   = 1 << 20
	maxElapsed = 5 * time.Second // a second, and what else a busy machine does
)

// fill repeats a unit until a file is as large as it may be.
func fill(before, unit, after string) string {
	return before + strings.Repeat(unit, (mebibyte-len(before)-len(after))/len(unit)) + after
}

// numbered is fill with a number in each unit, so that keys differ.
func numbered(before, unit, after string) string {
	return counted(mebibyte, before, unit, after)
}

// counted is numbered with at most so many units.
func counted(most int, before, unit, after string) string {
	var b strings.Builder
	b.WriteString(before)
	for i := 0; i < most && b.Len() < mebibyte-len(after)-32; i++ {
		fmt.Fprintf(&b, unit, i)
	}
	return b.String() + after
}

func hostile() map[string]struct{ file, src, want string } {
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 9 {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 10))
	}
	chain := "a0: &a0 [x]\n"
	for i := range 300 {
		chain += fmt.Sprintf("a%d: &a%d [*a%d]\n", i+1, i+1, i)
	}
	return map[string]struct{ file, src, want string }{
		"JSON brackets":                    {"a.json", fill("", "[", ""), "Nesting too deep"},
		"JSON objects":                     {"a.json", fill("", `{"a":`, ""), "Nesting too deep"},
		"JSON numbers":                     {"a.json", fill("[1", ",1", "]"), "Too many values"},
		"JSON lists":                       {"a.json", fill("[{}", ",{}", "]"), ""},
		"JSON keys":                        {"a.json", numbered(`{"":1`, `,"%d":1`, "}"), ""},
		"the same JSON key":                {"a.json", fill("{", `"a":1,`, ""), "Duplicate key"},
		"JSON escapes":                     {"a.json", fill(`{"a":"`, `\n`, `"}`), ""},
		"one JSON number":                  {"a.json", fill(`{"a":1`, `1`, `}`), "Number too long"},
		"a JSON template of brackets":      {"a.json", fill(`{"a":"${`, `(`, `"}`), "Template too large"},
		"JSON templates of brackets":       {"a.json", `{"a":"${` + strings.Repeat("(", maxTemplate-10) + `"}`, "Nesting too deep"},
		"a JSON template of operators":     {"a.json", fill(`{"a":"${`, `!`, `"}`), "Template too large"},
		"small JSON templates":             {"a.json", fill(`{"a":["${a}"`, `,"${a}"`, `]}`), ""},
		"YAML brackets":                    {"a.yaml", fill("", "[", ""), "Too many values"},
		"fewer YAML brackets":              {"a.yaml", strings.Repeat("[", 9000), "Invalid YAML"},
		"fewer YAML brackets, closed":      {"a.yaml", strings.Repeat("[", 9000) + strings.Repeat("]", 9000), "Nesting too deep"},
		"YAML dashes":                      {"a.yaml", fill("", "- ", ""), "Too many values"},
		"YAML dashes, as many as may be":   {"a.yaml", strings.Repeat("- ", maxYAMLMarks), "Invalid YAML"},
		"YAML items, as many as may be":    {"a.yaml", strings.Repeat("-\n", maxYAMLMarks), "Incorrect value type"},
		"YAML keys":                        {"a.yaml", numbered("", "%d:\n", ""), "Too many values"},
		"YAML keys, as many as may be":     {"a.yaml", counted(maxYAMLMarks, "", "%d:\n", ""), ""},
		"YAML pairs without values":        {"a.yaml", fill("a: {b", ",b", "}"), "Too many values"},
		"YAML pairs, as many as may be":    {"a.yaml", counted(maxYAMLMarks-3, "a: {", "%d,", "}"), ""},
		"YAML comments":                    {"a.yaml", fill("", "a: #\n", ""), "Too many values"},
		"YAML comments, as many as may be": {"a.yaml", "a:\n" + strings.Repeat(" #\n", maxYAMLMarks-2), ""},
		"a YAML alias bomb":                {"a.yaml", bomb, "Too many values"},
		"YAML aliases in each other":       {"a.yaml", chain, "Nesting too deep"},
		"YAML aliases of a large value":    {"a.yaml", "a: &a [" + strings.Repeat("x,", 1000) + "]\nb: [" + strings.Repeat("*a,", 1000) + "]", "Too many values"},
		"YAML merge keys":                  {"a.yaml", counted(50_000, "a: &a {", "k%d: x,", "}\nb: [") + strings.Repeat("{<<: *a},", 100) + "]", "Too many values"},
		"one YAML scalar":                  {"a.yaml", fill("a: ", "x", ""), ""},
		"a YAML scalar of many lines":      {"a.yaml", fill("a: x\n", "  x\n", ""), ""},
		"a YAML string that is not closed": {"a.yaml", fill("a: \"", "\\n", ""), "Invalid YAML"},
		"YAML escapes":                     {"a.yaml", fill("a: \"", "\\n", "\""), ""},
		"YAML white space":                 {"a.yaml", fill("a: ", " ", ""), ""},
		"TOML brackets":                    {"a.toml", fill("a = ", "[", ""), "Too many values"},
		"fewer TOML brackets":              {"a.toml", "a = " + strings.Repeat("[", 20_000), "Invalid TOML"},
		"fewer TOML brackets, closed":      {"a.toml", "a = " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000), "Nesting too deep"},
		"TOML dots":                        {"a.toml", fill("a", ".a", " = 1"), "Too many values"},
		"fewer TOML dots":                  {"a.toml", "a" + strings.Repeat(".a", maxTOMLMarks-1) + " = 1", "Nesting too deep"},
		"dots in a TOML header":            {"a.toml", "[a" + strings.Repeat(".a", maxTOMLMarks-1) + "]", "Nesting too deep"},
		"TOML numbers":                     {"a.toml", fill("a = [1", ",1", "]"), "Too many values"},
		"TOML numbers, as many as may be":  {"a.toml", "a = [1" + strings.Repeat(",1", maxTOMLMarks-3) + "]", ""},
		"TOML headers":                     {"a.toml", numbered("", "[%d]\n", ""), ""},
		"TOML lists":                       {"a.toml", strings.Repeat("[[a]]\n", maxTOMLMarks/2), ""},
		"TOML keys":                        {"a.toml", numbered("", "%d=1\n", ""), ""},
		"TOML escapes":                     {"a.toml", fill("a=\"", "\\n", "\""), ""},
	}
}

func TestAHostileFileTakesLittleTimeAndMemory(t *testing.T) {
	// With a limit on the memory the collector runs early enough for what is
	// measured to be what is needed.
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(64 * mebibyte))
	for name, test := range hostile() {
		t.Run(name, func(t *testing.T) {
			if len(test.src) > mebibyte {
				t.Fatalf("the file has %d bytes", len(test.src))
			}
			src := []byte(test.src)
			runtime.GC()
			before := heap()
			peak := watchHeap(t)
			start := time.Now()
			file, diags := testParser.Parse(src, test.file)
			elapsed, most := time.Since(start), int64(peak())-int64(before)
			if got := firstSummary(diags); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			for _, d := range diags {
				if d.Subject == nil || d.Subject.Start.Line == 0 {
					t.Errorf("the diagnostic has no position: %s", d)
				}
			}
			t.Logf("%v, %d MiB", elapsed.Round(time.Millisecond), most/mebibyte)
			if elapsed > maxElapsed {
				t.Errorf("it took %v, want less than %v", elapsed, maxElapsed)
			}
			if most > 64*mebibyte {
				t.Errorf("it took %d MiB, want less than 64", most/mebibyte)
			}
			runtime.KeepAlive(file)
		})
	}
}

func firstSummary(diags hcl.Diagnostics) string {
	if len(diags) == 0 {
		return ""
	}
	return diags[0].Summary
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// watchHeap looks at the heap until the returned function is called, which
// tells the most that it was.
func watchHeap(t *testing.T) func() uint64 {
	t.Helper()
	stop, result := make(chan struct{}), make(chan uint64)
	go func() {
		most := heap()
		for {
			select {
			case <-stop:
				result <- max(most, heap())
				return
			case <-time.After(time.Millisecond):
				most = max(most, heap())
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return <-result
	}
}
