package format_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/format"
)

func TestSource(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"a body is two columns in from its block",
			"task \"file\"   \"a\"{\npath=1\n      b {\n c=2\n}\n}\n",
			"task \"file\" \"a\" {\n  path = 1\n  b {\n    c = 2\n  }\n}\n"},
		{"tabs and spaces before code give way",
			"\ta\t=\t1\n", "a = 1\n"},
		{"equals signs of consecutive lines are in one column, and a blank line or a comment ends that",
			"a=1\nlong=2\n\nb=3\n# c\nlonger=4\nd=5\n",
			"a    = 1\nlong = 2\n\nb = 3\n# c\nlonger = 4\nd      = 5\n"},
		{"columns are counted in characters",
			"é=1\nab=2\n", "é  = 1\nab = 2\n"},
		{"an argument that goes on for lines stands alone",
			"a=[\n1]\nlong=2\n", "a = [\n  1]\nlong = 2\n"},
		{"a heredoc is aligned by its first line",
			"a=<<E\n x\nE\nlong=2\n", "a    = <<E\n x\nE\nlong = 2\n"},
		{"a key that is an expression is aligned too",
			"a={\n(b)=1\n\"${c}d\"=2\n}\n", "a = {\n  (b)     = 1\n  \"${c}d\" = 2\n}\n"},
		{"comments at the ends of consecutive lines are in one column",
			"a=1#x\nlong=22   // y\nb {# z\n}\n", "a    = 1  #x\nlong = 22 // y\nb {       # z\n}\n"},
		{"comments keep what is in them and lose the space at their ends",
			"#  a  \n/* b  \n   c */\nd = 1 # e\t\n", "#  a\n/* b  \n   c */\nd = 1 # e\n"},
		{"a comment within a line stays there",
			"a=f(/* b */ c /* d */)\ne=/* f\n g */1 # h\n", "a = f(/* b */ c /* d */)\ne = /* f\n g */ 1 # h\n"},
		{"several blank lines become one, and none is left next to a bracket or at an end",
			"\n\na=1\n\n\n\nb {\n\n# c\n\nd = [\n\n1,\n\n\n2\n\n]\n\n}\n\n\n",
			"a = 1\n\nb {\n  # c\n\n  d = [\n    1,\n\n    2\n  ]\n}\n"},
		{"brackets that close at the beginning of a line are where their opener's line is",
			"a=f({\nb=1\n},{\nc=[\n1\n]})\n", "a = f({\n  b = 1\n}, {\n  c = [\n    1\n] })\n"},
		{"two brackets opened in one line are one step",
			"a=f([\n1,\n])\nb=f(\n[\n2\n]\n)\n", "a = f([\n  1,\n])\nb = f(\n  [\n    2\n  ]\n)\n"},
		{"a heredoc is left as it is",
			"  a=<<-E\n\t x ${ y }  \n  %{ if z }%{endif}  \n   E\n  b=1\n", "a = <<-E\n\t x ${ y }  \n  %{ if z }%{endif}  \n   E\nb = 1\n"},
		{"so are the heredocs in its interpolations",
			"a=<<E\n${ f( <<I\n x \nI\n )}\nE\nbc=1\n", "a  = <<E\n${ f( <<I\n x \nI\n )}\nE\nbc = 1\n"},
		{"lines after a heredoc with code over several lines are where they belong",
			"a {\nb=<<E\n${f(\n1\n)}\nE\nc=2\n}\n", "a {\n  b = <<E\n${f(\n1\n)}\nE\n  c = 2\n}\n"},
		{"text between quotes is left as it is, and interpolations are tight",
			"a=\"  x ${ y } %{ if z ~}  w %{ endif }\"\n", "a = \"  x ${y} %{if z~}  w %{endif}\"\n"},
		{"an interpolation that is only a variable is not unwrapped",
			"a=\"${b}\"\n", "a = \"${b}\"\n"},
		{"an object in an interpolation has room",
			"a=\"${{b=1}.b}${f({})}\"\n", "a = \"${ { b = 1 }.b}${f({})}\"\n"},
		{"an interpolation over several lines is indented",
			"a=\"${\nb\n}c\"\n", "a = \"${\n  b\n}c\"\n"},
		{"operators have room",
			"a=b+c*-d==!e&&f||g?h:i\n", "a = b + c * -d == !e && f || g ? h : i\n"},
		{"a minus is a sign only where an operand begins",
			"a=-b -c\nd=(\ne\n-f\n-(-g)\n)\nh=[-1,-2]\ni=j[0]-1\nk={\n-1=2\n}\n",
			"a = -b - c\nd = (\n  e\n  - f\n  - (-g)\n)\nh = [-1, -2]\ni = j[0] - 1\nk = {\n  -1 = 2\n}\n"},
		{"calls and indexes are tight",
			"a=f ( b , c ... )\nd=e [ 0 ] . g [ * ] . h . * . i\nj=n ::f(1)\n", "a = f(b, c...)\nd = e[0].g[*].h.*.i\nj = n::f(1)\n"},
		{"for, in and if are words, not functions",
			"a=[for b in(c):d if(e)]\nf={for b,c in[1]:b=>c... if !d}\n", "a = [for b in (c) : d if (e)]\nf = { for b, c in [1] : b => c... if !d }\n"},
		{"numbers around a dot stay two",
			"a=1 .5\nb=c.0 .1\n", "a = 1 .5\nb = c.0 .1\n"},
		{"a block in one line has room",
			"a{b=1}\nc{}\nd { }\n", "a { b = 1 }\nc {}\nd {}\n"},
		{"a file without a newline at its end gets one",
			"a=1", "a = 1\n"},
		{"lines keep their ends",
			"a=1\r\n\r\n\r\nb=<<E\r\nx \r\nE\r\n# c \r\nd=2", "a = 1\r\n\r\nb = <<E\r\nx \r\nE\r\n# c\r\nd = 2\r\n"},
		{"a byte order mark stays", "\xef\xbb\xbf a=1\n", "\xef\xbb\xbfa = 1\n"},
		{"an empty file stays empty", "", ""},
		{"a file of blank lines becomes empty", " \n\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, diags := format.Source([]byte(test.src), "main.hcl")
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			if diff := cmp.Diff(test.want, string(out)); diff != "" {
				t.Errorf("wrong layout (-want +got):\n%s", diff)
			}
			checkFormatted(t, []byte(test.src), out)
		})
	}
}

// checkFormatted checks that a layout means what its source did, and that a
// second time changes nothing.
func checkFormatted(t *testing.T, src, out []byte) {
	t.Helper()
	again, diags := format.Source(out, "main.hcl")
	if diags.HasErrors() {
		t.Fatalf("what was laid out is refused: %s\n%s", diags, out)
	}
	if !bytes.Equal(out, again) {
		t.Errorf("a second time changes it (-once +twice):\n%s", cmp.Diff(string(out), string(again)))
	}
	if !sameTree(reflect.ValueOf(parse(t, src)), reflect.ValueOf(parse(t, out))) {
		t.Errorf("the layout changes the meaning:\n%s", cmp.Diff(string(src), string(out)))
	}
}

func parse(t *testing.T, src []byte) *hclsyntax.Body {
	t.Helper()
	file, diags := config.ParseNative(src, "main.hcl")
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return file.Body.(*hclsyntax.Body)
}

// sameTree compares syntax trees whole, but for where things stand.
func sameTree(a, b reflect.Value) bool {
	if a.IsValid() != b.IsValid() || a.IsValid() && a.Type() != b.Type() {
		return false
	}
	if !a.IsValid() || !a.CanInterface() || a.Type() == reflect.TypeFor[hcl.Range]() {
		return true
	}
	if v, ok := reflect.TypeAssert[cty.Value](a); ok {
		return v.RawEquals(b.Interface().(cty.Value))
	}
	switch a.Kind() {
	case reflect.Interface, reflect.Pointer:
		if a.Type() == reflect.TypeFor[*hclsyntax.Operation]() {
			return a.Pointer() == b.Pointer()
		}
		return sameTree(a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			if !sameTree(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !sameTree(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Map:
		for _, key := range a.MapKeys() {
			if !sameTree(a.MapIndex(key), b.MapIndex(key)) {
				return false
			}
		}
		return a.Len() == b.Len()
	}
	return a.Interface() == b.Interface()
}

func TestSameTreeSeesADifference(t *testing.T) {
	tree := func(src string) reflect.Value { return reflect.ValueOf(parse(t, []byte(src))) }
	for _, other := range []string{"a = 1 - 2", "a = 1 + 3", "b = 1 + 2", "a = 1", "a {}", "a = <<E\n1\nE\n"} {
		if sameTree(tree("a = 1 + 2"), tree(other)) {
			t.Errorf("a = 1 + 2 and %s are taken for the same", other)
		}
	}
}

// numbered returns that many arguments with names of their own.
func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "b%d = 1\n", i)
	}
	return b.String()
}

func TestSourceRefuses(t *testing.T) {
	tests := []struct{ name, src, file, want string }{
		{"a mistake of syntax", "a = 1\nb = (\n", "main.hcl", "main.hcl:3,1-1: Missing expression"},
		{"a heredoc without an end", "a = <<E\nx\n", "main.hcl", "Unterminated"},
		{"brackets without an end to them", "a = " + strings.Repeat("[", 100_000), "main.hcl", "Nesting too deep"},
		{"what isn't text", "a = \"\xff\"\n", "main.hcl", "main.hcl:1,6-7: Invalid character encoding"},
		{"a file over the limit", strings.Repeat("#\n", 1<<19+1), "main.hcl", "File too large"},
		{"one that alignment would make larger than that", strings.Repeat("a", 500_000) + " = 1\n" + numbered(40_000), "main.hcl", "would have 200"},
		{"one that indentation would make larger than that", "a = " + strings.Repeat("[\n", 190) + strings.Repeat("1,\n", 100_000) + strings.Repeat("]\n", 190), "main.hcl", "File too large"},
		{"another syntax", "{}", "main.json", "Not in the native syntax"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, diags := format.Source([]byte(test.src), test.file)
			if !strings.Contains(diags.Error(), test.want) {
				t.Errorf("got %.300s, want %s", diags.Error(), test.want)
			}
			if out != nil {
				t.Errorf("a file that is refused has a layout of %d bytes", len(out))
			}
		})
	}
}

func FuzzFormat(f *testing.F) {
	for _, seed := range []string{
		"task \"file\" \"a\" {\n\n  path=\"/a\" # b\n}", "locals {\n a = [for b in {c=1} : b...]\n\n\n}", "a = <<E\n%{if b}${c}%{endif}\nE\n",
		"a = <<-E\r\n  ${<<I\nx\nI\n}\r\n  E\r\n", "\xef\xbb\xbfa=1 .5", "a = x.*.b[\"c\"][*].0 .1", "a=\"${\n{}}%{ for b in(c)}d%{endfor~}\"",
		"a=f({\n},[\n- 1,!b /*\n*/ ]...)//c", "a = /* b */ - -1 - (\n- 2\n- 3)\nbc = d", "{", "a=n::f(if, in)[0]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		out, diags := format.Source(src, "main.hcl")
		for _, d := range diags {
			if d.Subject == nil || d.Subject.Start.Line < 1 || d.Subject.Start.Byte > len(src) {
				t.Errorf("%s has no place in the file", d)
			}
			if d.Summary == "File cannot be formatted" {
				t.Errorf("%s: %q", d, src)
			}
		}
		if !diags.HasErrors() {
			checkFormatted(t, src, out)
		}
	})
}
