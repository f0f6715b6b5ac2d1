package view

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// show renders one diagnostic about the first place of a text in a source.
func show(t *testing.T, s style, src, marked, detail string) string {
	t.Helper()
	file, _ := hclsyntax.ParseConfig([]byte(src), "main.hcl", hcl.InitialPos)
	at := strings.Index(src, marked)
	if at < 0 {
		t.Fatalf("%q is not in the source", marked)
	}
	start := hcl.Pos{Line: strings.Count(src[:at], "\n") + 1, Column: 1, Byte: at}
	rng := hcl.Range{Filename: "main.hcl", Start: start, End: hcl.Pos{Line: start.Line, Byte: at + len(marked)}}
	var out bytes.Buffer
	v := New(Streams{Out: &out, Err: &out}, Options{Now: time.Now})
	v.err = s
	v.SetFiles(map[string]*hcl.File{"main.hcl": file})
	v.Diagnostics(hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Something is wrong", Detail: detail, Subject: &rng}})
	return out.String()
}

func TestADiagnosticOnANarrowTerminal(t *testing.T) {
	got := show(t, style{width: 40}, "task \"file\" \"a\" {\n  path = \"b\"\n}\n", `"b"`, "This is a sentence that is longer than forty columns.\n\n  kept = as it is, however long the line may be")
	want := `╷
│ Error: Something is wrong
│
│   on main.hcl line 2, column 1, in
│       task "file" "a":
│    2:   path = "b"
│
│ This is a sentence that is longer than
│ forty columns.
│
│   kept = as it is, however long the line may be
╵
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsNoTerminalIsNotWrapped(t *testing.T) {
	long := strings.Repeat("word ", 60) + "end"
	if got := show(t, style{}, "a = 1\n", "1", long); !strings.Contains(got, long) {
		t.Errorf("the sentence is broken:\n%s", got)
	}
}

func TestColourMarksThePlace(t *testing.T) {
	got := show(t, style{color: true, width: 80}, "a = 12\n", "12", "")
	if !strings.Contains(got, "a = \x1b[4m12\x1b[0m") {
		t.Errorf("%q", got)
	}
}

func TestControlCharactersNeverReachTheTerminal(t *testing.T) {
	got := show(t, style{}, "a = \"\x1b]0;evil\x07\" # \u202e\n", "a", "a\x1b[2Jb\x9bc\u2066\rd")
	if i := strings.IndexFunc(got, func(r rune) bool { return isControl(r) && r != '\n' }); i >= 0 {
		t.Errorf("a control character at %d in %q", i, got)
	}
}

func TestALongLineIsCutAroundThePlace(t *testing.T) {
	for _, filler := range []string{"x", "é", "界"} {
		src := "a = \"" + strings.Repeat(filler, 500) + "MARK" + strings.Repeat(filler, 500) + "\"\n"
		got := show(t, style{}, src, "MARK", "")
		if !utf8.ValidString(got) {
			t.Errorf("with %s: a character is cut in two", filler)
		}
		if !strings.Contains(got, "..."+filler) || !strings.Contains(got, "MARK"+filler) || len(got) > 600 {
			t.Errorf("with %s:\n%s", filler, got)
		}
	}
}

func TestErrorsComeFirstAndInTheOrderOfTheFiles(t *testing.T) {
	at := func(file string, offset int) *hcl.Range {
		return &hcl.Range{Filename: file, Start: hcl.Pos{Byte: offset}}
	}
	var got []string
	for _, d := range sortDiags(hcl.Diagnostics{
		{Severity: hcl.DiagWarning, Summary: "warning", Subject: at("a", 0)},
		{Severity: hcl.DiagError, Summary: "nowhere"},
		{Severity: hcl.DiagError, Summary: "b 1", Subject: at("b", 1)},
		{Severity: hcl.DiagError, Summary: "a 9", Subject: at("a", 9)},
		{Severity: hcl.DiagError, Summary: "a 2", Subject: at("a", 2)},
	}) {
		got = append(got, d.Summary)
	}
	if diff := cmp.Diff([]string{"a 2", "a 9", "b 1", "nowhere", "warning"}, got); diff != "" {
		t.Error(diff)
	}
}

// A file can have very many mistakes, and each shows a line of it.
func BenchmarkDiagnosticsOfALargeFile(b *testing.B) {
	src := []byte(strings.Repeat("a = 1\n", 1<<17))
	file := &hcl.File{Bytes: src, Body: hcl.EmptyBody()}
	rng := hcl.Range{Filename: "main.hcl", Start: hcl.Pos{Line: 1 << 17, Column: 1, Byte: len(src) - 6}, End: hcl.Pos{Byte: len(src) - 5}}
	d := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "s", Subject: &rng}
	for b.Loop() {
		NewDiagnostic(d, map[string]*hcl.File{"main.hcl": file})
	}
}

func TestAMistakeInAFileThatIsNoConfigurationHasItsLine(t *testing.T) {
	var out bytes.Buffer
	v := New(Streams{Out: &out, Err: &out}, Options{Now: time.Now})
	v.Diagnostics(hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Unknown variable", Subject: &hcl.Range{
		Filename: "motd.tpl", Start: hcl.Pos{Line: 3, Column: 5, Byte: 20}, End: hcl.Pos{Line: 3, Column: 8, Byte: 23},
	}}})
	if want := "on motd.tpl line 3, column 5\n"; !strings.Contains(out.String(), want) {
		t.Errorf("%q is not in\n%s", want, out.String())
	}
}
