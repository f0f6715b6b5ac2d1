package command_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hostileConfig is a directory of files, and what is said of it.
type hostileConfig struct {
	files map[string]string
	make  func(t *testing.T, dir string) // what isn't a file
	want  string
	peak  int // in MiB; 0 is maxPeak
}

// large is a configuration with as many blocks or values as a good one may
// have: it takes the memory that a good one takes.
func (h hostileConfig) large() hostileConfig {
	h.peak = 512
	return h
}

// maxFiles is how many files a configuration may have.
const maxFiles = 5000

func (h hostileConfig) write(t *testing.T, dir string) {
	t.Helper()
	for name, src := range h.files {
		if len(src) > 1<<20 && h.want != "File too large" {
			t.Fatalf("%s has %d bytes, and nobody would look into it", name, len(src))
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if h.make != nil {
		h.make(t, dir)
	}
}

func native(src, want string) hostileConfig {
	return hostileConfig{files: map[string]string{"main.hcl": src}, want: want}
}

func file(name, src, want string) hostileConfig {
	return hostileConfig{files: map[string]string{name: src}, want: want}
}

// local is a local of some expression.
func local(expr, want string) hostileConfig {
	return native("locals {\n  a = "+expr+"\n}\n", want)
}

func repeat(s string, n int) string { return strings.Repeat(s, n) }

// numbered repeats a text with 0, 1, 2... for each %d.
func numbered(format string, n int) string {
	var out strings.Builder
	for i := range n {
		out.WriteString(strings.ReplaceAll(format, "%d", fmt.Sprint(i)))
	}
	return out.String()
}

func hostileConfigs() map[string]hostileConfig {
	return map[string]hostileConfig{
		// Shapes of the native syntax.
		"brackets":                          local(repeat("[", 400_000)+repeat("]", 400_000), "Nesting too deep"),
		"parentheses":                       local(repeat("(", 400_000)+"1"+repeat(")", 400_000), "Nesting too deep"),
		"objects":                           local(repeat("{a=", 250_000)+"1"+repeat("}", 250_000), "Nesting too deep"),
		"calls":                             local(repeat("f(", 400_000), "Nesting too deep"),
		"additions":                         local("1"+repeat("+1", 400_000), "Expression too long"),
		"negations":                         local(repeat("!", 900_000)+"true", "Expression too long"),
		"ternaries":                         local(repeat("a?b:", 200_000)+"c", "Expression too long"),
		"attributes of attributes":          local("a"+repeat(".b", 400_000), "Expression too long"),
		"indexes":                           local("a"+repeat("[0]", 300_000), "Expression too long"),
		"splats":                            local("a"+repeat("[*]", 300_000), "Expression too long"),
		"blocks in blocks":                  native(repeat("a {\n", 250_000), "Nesting too deep"),
		"interpolations in interpolations":  local(repeat(`"${`, 300_000), "Nesting too deep"),
		"directives in directives":          local(`"`+repeat("%{if a}", 140_000), "Nesting too deep"),
		"heredocs in heredocs":              local(repeat("<<E\n${", 100_000), "Nesting too deep"),
		"a heredoc without an end":          local("<<E\n"+repeat("x\n", 500_000), "Too many tokens"),
		"heredocs that do not begin":        local(repeat("<<E ", 250_000), "Expression too long"),
		"a comment without an end":          local("1 "+repeat("/* ", 340_000), "Unterminated comment"),
		"dollars":                           local(`"`+repeat("$", 1_000_000)+`"`, "Too many tokens"),
		"quotes":                            native(repeat(`"`, 1_000_000), "Too many labels"),
		"a name of 1 MiB":                   native(repeat("x", 1_000_000)+" = 1", "Unsupported argument"),
		"a name of 1 MiB, in an expression": local(repeat("x", 1_000_000), "Unknown name"),
		"a number of 1 MiB":                 local(repeat("1", 1_000_000), "Number too large"),
		"a number with a large exponent":    local("1e999999999", "Number too large"),
		"a number with a small exponent":    local("1e-999999999", "Number too large"),
		"a list of 250,000":                 local("["+repeat("1,", 249_000)+"]", "Value too large"),
		"NULs":                              native(repeat("\x00", 1_000_000), "Not a configuration file"),
		"bytes that are no text":            native("a = \"\xff\"", "Invalid character encoding"),
		"byte order marks":                  native(repeat("\uFEFF", 300_000), "Not a configuration file"),
		"combining characters":              native("a"+repeat("\u0301", 500_000), "Argument or block definition required"),
		"carriage returns":                  native(repeat("\r", 1_000_000), "Not a configuration file"),
		"mistakes":                          native(repeat("x\n", 249_000), "Too many mistakes"),
		"duplicates of an argument":         native(repeat("a=1\n", 120_000), "Too many mistakes"),

		// As many of something as a file can have.
		"arguments of the file":              native(numbered("a%d=1\n", 100_000), "Unsupported argument").large(),
		"blocks that there are not":          native(numbered("b%d {}\n", 90_000), "Unsupported block type").large(),
		"labels":                             native("task "+repeat(`"a" `, 160_000)+"{}\n", "Too many labels"),
		"blocks of a type that there is not": native(numbered("task \"no\" \"t%d\" {}\n", 40_000), "Unknown type").large(),
		"arguments of a task":                native("task \"file\" \"a\" {\n"+numbered("a%d=1\n", 90_000)+"}\n", "Unsupported argument").large(),
		"arguments with a typing error":      native(numbered("task \"file\" \"a%d\" {\npaht=1\n}\n", 25_000), "Unsupported argument").large(),
		"references to nothing":              native("output \"a\" {\nvalue = ["+repeat("task.a.b,", 70_000)+"]\n}\n", "Reference to undeclared block").large(),
		"references to many nothings":        native("output \"a\" {\nvalue = ["+numbered("task.a.b%d,", 60_000)+"]\n}\n", "Reference to undeclared block").large(),
		"locals that there are not":          local("["+numbered("local.b%d,", 70_000)+"]", "undeclared").large(),
		"variables without values":           native(numbered("variable \"v%d\" {}\n", 45_000), "No value for required variable").large(),
		"duplicate blocks":                   native(repeat("task \"file\" \"a\" {}\n", 45_000), "Duplicate declaration").large(),
		"functions that there are not":       local("["+numbered("f%d(),", 80_000)+"]", "Call to unknown function").large(),
		"files":                              {make: manyFiles, want: "Too many files"},

		// Values that grow.
		"locals that double":                 native("locals {\n a0 = \"xxxxxxxxxx\"\n"+doubling(60)+"}\n", "Value too large"),
		"lists that double":                  native("locals {\n a0 = [1]\n"+doublingLists(60)+"}\n", "Value too large"),
		"a chain of locals":                  native("locals {\n a0 = nothing\n"+chain(25_000)+"}\n", "Unknown name").large(),
		"a chain of locals over a task":      native("task \"file\" \"f\" {\npath=\"/f\"\ncontent=local.a24999\nno=1}\nlocals {\n a0 = task.file.f.path\n"+chain(25_000)+"}\n", "").large(),
		"a circle of locals":                 native("locals {\n a0 = local.a24999\n"+chain(25_000)+"}\n", "Cycle").large(),
		"a circle of tasks":                  native(taskCircle(8_000), "Cycle").large(),
		"for in for in for":                  local("[for a in range(1000): [for b in range(1000): [for c in range(1000): c]]]", "Value too large").large(),
		"for in for in for in for":           local(repeat("[for a in range(9):", 4)+"a"+repeat("]", 4), "Nesting too deep"),
		"a range of a billion":               local("range(1000000000)", "range"),
		"a range with a tiny step":           local("range(0, 1, 0.0000000001)", "range"),
		"a range of its own":                 local("[for a in range(1000): range(1000)]", "Value too large").large(),
		"a product of sets":                  local("setproduct(range(1000), range(1000), range(1000))", "the result would have more than"),
		"a format of a great width":          local("format(\"%99999999d\", 1)", "more than 4 digits"),
		"a format of many widths":            local("format(\""+repeat("%9999d", 1000)+"\", "+repeat("1,", 1000)+")", "Value too large"),
		"a width from an argument":           local("format(\"%*d\", 999999999, 1)", "format"),
		"a join of long separators":          local("join(join(\"\", [for a in range(1000): \"xxxxxxxxxx\"]), range(1000))", "a string would be longer"),
		"an indent of a million":             local("indent(1000000, \"a\\nb\\nc\")", "a string would be longer"),
		"replacements that grow":             local("replace(join(\"\", [for a in range(1000): \"aaaaaaaaaa\"]), \"a\", join(\"\", [for a in range(1000): \"xxxxxxxxxx\"]))", "a string would be longer"),
		"a regular expression that explodes": local("regex(\"(((a{1000}){1000}){1000})\", \"a\")", "regex"),
		"a power of a power":                 local("pow(10, pow(10, 10))", "too many digits"),
		"a product of large numbers":         local(repeat("9e999 * ", 900)+"1", "too many digits"),
		"a division by zero":                 local("1/0", "a number is infinite"),
		"JSON that is nested":                local("jsondecode(join(\"\", [for a in range(1024): \"[[[\"]))", "nested too deep"),
		"YAML that is nested":                local("yamldecode(join(\"\", [for a in range(1024): \"[[[\"]))", "nested too deep"),
		"YAML that multiplies":               native("locals {\n a = yamldecode(<<E\n"+yamlBomb+"E\n)\n}\n", "more than 100,000 elements"),
		"for_each over 100,000 keys":         native("task \"file\" \"f\" {\nfor_each = toset(split(\",\", \""+numbered("%d,", 90_000)+"\"))\npath=\"/${each.key}\"\n}\n", "Too many instances").large(),

		// The other syntaxes.
		"JSON brackets":              file("a.json", repeat("[", 1_000_000), "Nesting too deep"),
		"JSON objects":               file("a.json", repeat(`{"a":`, 200_000), "Nesting too deep"),
		"JSON numbers":               file("a.json", `{"locals":{"a":1e999999999}}`, "Number"),
		"JSON labels":                file("a.json", `{"task":{"file":{`+numbered(`"a%d":{"no":1},`, 40_000)+`"z":{}}}}`, "Too many mistakes").large(),
		"JSON templates":             file("a.json", `{"locals":{"a":"`+repeat("${[", 40_000)+`"}}`, "Nesting too deep"),
		"JSON comments in templates": file("a.json", `{"locals":{"a":"${ 1 `+repeat("/* ", 40_000)+`}"}}`, "Unterminated comment"),
		"JSON templates, many":       file("a.json", `{"locals":{`+numbered(`"a%d":"${b}",`, 50_000)+`"z":1}}`, "Unknown name").large(),
		"YAML aliases":               file("a.yaml", "locals:\n  "+repeat("", 1)+strings.ReplaceAll(yamlBomb, "\n", "\n  ")+"\n", "Too many values"),
		"YAML brackets":              file("a.yaml", "locals: "+repeat("[", 9_000)+repeat("]", 9_000), "Nesting too deep"),
		"YAML tags":                  file("a.yaml", "a: "+repeat("!a ", 300_000), "YAML"),
		"YAML anchors":               file("a.yaml", numbered("a%d: &x 1\n", 60_000), "Unsupported block type").large(),
		"TOML dots":                  file("a.toml", "a"+repeat(".a", 15_000)+" = 1", "Nesting too deep"),
		"TOML headers":               file("a.toml", "["+"a"+repeat(".a", 400_000)+"]", "Too many values"),
		"TOML brackets":              file("a.toml", "a = "+repeat("[", 9_000)+repeat("]", 9_000), "Nesting too deep"),
		"TOML lists of tables":       file("a.toml", repeat("[[task.file.a]]\nno=1\n", 40_000), "").large(),

		// Files that are no files.
		"files of 5 GiB together": {make: manyLarge, want: "Configuration too large"},
		"a file of 100 MiB":       {make: sparse, want: "File too large"},
		"10,000 files":            {make: manyFiles, want: "Too many files"},
		"a circle of links":       {make: linkCircle, want: "Cannot read the configuration"},
		"a device":                {make: device, want: "is not a regular file"},
	}
}

func doubling(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, " a%d = \"${local.a%d}${local.a%d}\"\n", i+1, i, i)
	}
	return out.String()
}

func doublingLists(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, " a%d = [local.a%d, local.a%d]\n", i+1, i, i)
	}
	return out.String()
}

func chain(n int) string {
	var out strings.Builder
	for i := 1; i < n; i++ {
		fmt.Fprintf(&out, " a%d = local.a%d\n", i, i-1)
	}
	return out.String()
}

func taskCircle(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "task \"file\" \"f%d\" {\npath = \"/f%d\"\ncontent = task.file.f%d.path\n}\n", i, i, (i+1)%n)
	}
	return out.String()
}

const yamlBomb = `a: &a [x,x,x,x,x,x,x,x,x,x]
b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]
d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]
e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]
f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]
g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]
`

func manyFiles(t *testing.T, dir string) {
	t.Helper()
	for i := range 2 * maxFiles {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.hcl", i)), []byte("x\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func manyLarge(t *testing.T, dir string) {
	t.Helper()
	for i := range maxFiles {
		path := filepath.Join(dir, fmt.Sprintf("%d.hcl", i))
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, 1<<20); err != nil {
			t.Fatal(err)
		}
	}
}

func sparse(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, "a.hcl")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 100<<20); err != nil {
		t.Fatal(err)
	}
}

func linkCircle(t *testing.T, dir string) {
	t.Helper()
	for from, to := range map[string]string{"a.hcl": "b.hcl", "b.hcl": "a.hcl", "c.yaml": "."} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
}

func device(t *testing.T, dir string) {
	t.Helper()
	if err := os.Symlink("/dev/zero", filepath.Join(dir, "a.hcl")); err != nil {
		t.Fatal(err)
	}
}
