package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config"
)

// Hostile files. Each is a mistake with a place, found fast and with little
// memory, and none ends the process.
func TestLimits(t *testing.T) {
	const mib = 1 << 20
	repeat := strings.Repeat
	fill := func(s string) string { return repeat(s, (mib-64)/len(s)) }
	rows := map[string]struct {
		src, summary string
		line, column int
	}{
		"brackets that never close":               {"a = " + fill("["), "Nesting too deep", 1, 205},
		"100,000 brackets":                        {"\na = " + repeat("[", 100_000) + repeat("]", 100_000), "Nesting too deep", 2, 205},
		"100,000 parentheses":                     {"a = " + repeat("(", 100_000) + "1" + repeat(")", 100_000), "Nesting too deep", 1, 205},
		"100,000 objects":                         {"a = " + repeat("{a=", 100_000) + "1" + repeat("}", 100_000), "Nesting too deep", 1, 605},
		"100,000 calls":                           {"a = " + repeat("f(", 100_000), "Nesting too deep", 1, 406},
		"100,000 indexes":                         {"a = b" + repeat("[c]", 100_000), "Expression too long", 1, 3006},
		"100,000 attributes":                      {"a = b" + repeat(".c", 100_000), "Expression too long", 1, 2006},
		"100,000 splats":                          {"a = b" + repeat(".*", 100_000), "Expression too long", 1, 2006 - 1000},
		"100,000 additions":                       {"a = 1" + repeat("+1", 100_000), "Expression too long", 1, 2006},
		"100,000 negations":                       {"a = " + repeat("!", 100_000) + "true", "Expression too long", 1, 1005},
		"100,000 minus signs":                     {"a = " + repeat("-", 100_000) + "1", "Expression too long", 1, 1005},
		"100,000 ternaries":                       {"a = " + repeat("b?c:", 100_000) + "d", "Expression too long", 1, 4006},
		"operators over many lines in a bracket":  {"a = (\n" + repeat("1 +\n", 2000) + "1)", "Expression too long", 1002, 3},
		"nested blocks":                           {repeat("b {\n", 100_000), "Nesting too deep", 33, 3},
		"nested interpolations":                   {"a = " + repeat(`"${`, 50_000), "Nesting too deep", 1, 305},
		"nested template directives":              {`a = "` + repeat("%{if b}", 90_000), "Nesting too deep", 1, 1387},
		"nested template loops in a heredoc":      {"a = <<E\n" + repeat("%{for b in c}\n", 50_000) + "E\n", "Nesting too deep", 5, 3},
		"a number with too large an exponent":     {"a = 1e999999999", "Number too large", 1, 5},
		"a number with a million digits":          {"a = " + fill("1"), "Number too large", 1, 5},
		"a line without an end":                   {fill("x"), "Argument or block definition required", 1, 1},
		"a string without an end":                 {`a = "` + fill("x"), "Unterminated template string", 1, 0},
		"a heredoc without an end":                {"a = <<E\n" + fill("x\n"), "Too many tokens", 0, 0},
		"200,000 mistakes":                        {repeat("x\n", 200_000), "Too many mistakes", 51, 0},
		"100,000 duplicates":                      {repeat("a=1\n", 100_000), "Too many mistakes", 51, 0},
		"bytes that are no text":                  {"a = \"é\xff\"", "Invalid character encoding", 1, 7},
		"a NUL":                                   {"a = \x00", "Invalid character", 1, 5},
		"a file of NULs":                          {fill("\x00"), "Not a configuration file", 1, 1},
		"a string over 500,000 lines":             {"a = \"" + fill("x\n"), "Not a configuration file", 1, 7},
		"comments in each other, never closed":    {"a = 1 " + fill("/* "), "Unterminated comment", 1, 7},
		"a list of 250,000 elements":              {"a = [" + repeat("1,", 249_000), "Value too large", 1, 200_007},
		"a mistake after a long line of clusters": {"a = \"" + repeat("e\u0301", 1000) + "\" =", "Missing newline after argument", 1, 1008},
		"for in for in for in for":                {"locals {\n  a = " + repeat("[for b in [1] : ", 4) + "b" + repeat("]", 4) + "\n}", "Nesting too deep", 2, 56},
		"for in templates in for":                 {"locals {\n  a = [for b in [1] : [for c in [1] : \"%{for d in [1]}%{for e in [1]}%{endfor}%{endfor}\"]]\n}", "Nesting too deep", 2, 0},
		"brackets in a comment, then one mistake": {"# " + repeat("[", 100_000) + "\na =\n", "Invalid expression", 2, 0},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "main.hcl")
			if err := os.WriteFile(path, []byte(row.src), 0o600); err != nil {
				t.Fatal(err)
			}
			diags := measured(t, func() hcl.Diagnostics {
				_, diags := config.Load(path)
				return diags
			})
			d := diagWith(t, diags, row.summary)
			if at := d.Subject.Start; row.line > 0 && at.Line != row.line || row.column > 0 && at.Column != row.column {
				t.Errorf("at %d,%d, want %d,%d", at.Line, at.Column, row.line, row.column)
			}
			if d.Subject.Filename != path {
				t.Errorf("in the file %q", d.Subject.Filename)
			}
		})
	}
}

// measured runs f and fails when it takes long or allocates much.
func measured(t *testing.T, f func() hcl.Diagnostics) hcl.Diagnostics {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	diags := f()
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	if took > 5*time.Second { // the aim is one second on an idle machine
		t.Errorf("took %s", took)
	}
	if allocated := (after.TotalAlloc - before.TotalAlloc) >> 20; allocated > 64 {
		t.Errorf("allocated %d MiB", allocated)
	}
	t.Logf("%s, %d MiB allocated in all", took.Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20)
	return diags
}

func diagWith(t *testing.T, diags hcl.Diagnostics, summary string) *hcl.Diagnostic {
	t.Helper()
	for _, d := range diags {
		if d.Summary == summary {
			return d
		}
	}
	t.Fatalf("no diagnostic %q among %v", summary, diags)
	return nil
}

func TestWhatIsWithinTheLimits(t *testing.T) {
	for name, src := range map[string]string{
		"a file that is mostly comments":    strings.Repeat("# "+strings.Repeat("-", 77)+"\n", 2_000) + strings.Repeat("# words of a comment, and a few more of them\n", 12_000),
		"a long list":                       "locals {\n  a = [" + strings.Repeat("\"a.b.c\", -1, var.x.y,\n", 10_000) + "]\n}",
		"a long heredoc with interpolation": "locals {\n  a = <<E\n" + strings.Repeat("x ${local.b + 1} %{if true}y%{endif} {[(\n", 10_000) + "E\n}",
		"200 lines of one expression":       "locals {\n  a = (\n" + strings.Repeat("  local.b.c || \n", 200) + " true)\n}",
		"190 brackets":                      "locals {\n  a = " + strings.Repeat("[", 190) + strings.Repeat("]", 190) + "\n}",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "main.hcl")
			if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
				t.Fatal(err)
			}
			_, diags := config.Load(path)
			for _, d := range diags {
				t.Errorf("%s", d)
			}
		})
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for name, row := range map[string]struct {
		make    func(dir string) error
		summary string
		detail  string
	}{
		"a directory without files":       {func(string) error { return nil }, "No configuration files", "has no file whose name ends in .hcl"},
		"only a hidden file":              {func(dir string) error { return os.WriteFile(dir+"/.x.hcl", nil, 0o600) }, "No configuration files", ""},
		"only a directory named like one": {func(dir string) error { return os.Mkdir(dir+"/x.hcl", 0o700) }, "No configuration files", ""},
		"a link to nothing":               {func(dir string) error { return os.Symlink(dir+"/none", dir+"/x.hcl") }, "Cannot read the configuration", "no such file"},
		"a link to a directory":           {func(dir string) error { return os.Symlink(dir, dir+"/x.hcl") }, "Cannot read the configuration", "is not a regular file"},
		"a file of 100 MB":                {func(dir string) error { return sparse(dir+"/x.hcl", 100_000_000) }, "File too large", "at most 1 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := row.make(dir); err != nil {
				t.Fatal(err)
			}
			diags := measured(t, func() hcl.Diagnostics {
				_, diags := config.Load(dir)
				return diags
			})
			if d := diagWith(t, diags, row.summary); !strings.Contains(d.Detail, row.detail) {
				t.Errorf("detail %q, want %q in it", d.Detail, row.detail)
			}
		})
	}
	t.Run("nothing at all", func(t *testing.T) {
		_, diags := config.Load(filepath.Join(t.TempDir(), "none"))
		_ = diagWith(t, diags, "Configuration not found")
	})
}

// sparse makes a file of a size that takes no room.
func sparse(path string, size int64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := f.Truncate(size); err != nil {
		return err
	}
	return f.Close()
}

func TestOneUnreadableFileHidesNoOther(t *testing.T) {
	dir := t.TempDir()
	for name, src := range map[string]string{"a.hcl": "x = 1", "b.hcl": "task {", "c.hcl": strings.Repeat("(", 1<<20+1), "d.hcl": "y = 1"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, diags := config.Load(dir)
	found := make(map[string]bool)
	for _, d := range diags {
		found[filepath.Base(d.Subject.Filename)] = true
	}
	if len(found) != 4 {
		t.Errorf("problems only in %v", found)
	}
	if !cfg.Incomplete {
		t.Error("the configuration counts as complete")
	}
}

func TestDigestCoversNamesAndContents(t *testing.T) {
	load := func(files map[string]string) [32]byte {
		dir := t.TempDir()
		for name, src := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(src), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cfg, _ := config.Load(dir)
		return cfg.Digest
	}
	base := load(map[string]string{"a.hcl": "# 1", "b.hcl": "# 2"})
	if base != load(map[string]string{"a.hcl": "# 1", "b.hcl": "# 2"}) {
		t.Error("the same files have two digests")
	}
	for i, other := range []map[string]string{{"a.hcl": "# 2", "b.hcl": "# 1"}, {"a.hcl": "# 1", "c.hcl": "# 2"}, {"a.hcl": "# 1"}, {"a.hcl": "# 1", "b.hcl": "# 2 "}} {
		if base == load(other) {
			t.Error(fmt.Sprint("change ", i, " has the same digest"))
		}
	}
}

func TestAnExpressionHasTheLimitsOfAFile(t *testing.T) {
	for name, row := range map[string]struct{ src, summary string }{
		"a large one":                 {strings.Repeat(" ", 1<<20) + "1", "Expression too large"},
		"a deep one":                  {strings.Repeat("(", 300), "Nesting too deep"},
		"a comment that isn't closed": {"1 /* 2", "Unterminated comment"},
		"one that isn't text":         {"\xff", "Invalid character encoding"},
		"loops in loops":              {strings.Repeat("[for a in [] : ", 4) + "1" + strings.Repeat("]", 4), "Nesting too deep"},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := config.ParseExpression([]byte(row.src), "-var a")
			_ = diagWith(t, diags, row.summary)
		})
	}
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"task \"file\" \"a\" {\n  path = \"/a\"\n}\n", "locals {\n a = [for b in {c=1} : b...]\n}", "a = <<E\n%{if b}${c}%{endif}\nE\n",
		"variable \"v\" {\n type = list(object({a=optional(string,\"x\")}))\n default = []\n validation {\n condition = true\n error_message=\"m\"\n}\n}",
		"driftless {\n required_version = \">= 1\"\n}", "\xef\xbb\xbf", "output \"o\" {\n value = a.*.b[\"c\"]\n}", "pipeline \"p\" {\n depends_on=[a.b.c]\n}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		path := filepath.Join(t.TempDir(), "main.hcl")
		if err := os.WriteFile(path, src, 0o600); err != nil {
			t.Fatal(err)
		}
		_, diags := config.Load(path)
		for _, d := range diags {
			if d.Subject == nil || d.Subject.Filename != path || d.Subject.Start.Line < 1 || d.Subject.Start.Byte > len(src) {
				t.Errorf("%s has no place in the file", d)
			}
		}
	})
}
