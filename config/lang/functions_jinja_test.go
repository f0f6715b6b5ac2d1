package lang_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/lang"
)

// templates writes files into a directory of their own.
func templates(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestJinjaFile(t *testing.T) {
	dir := templates(t, map[string]string{
		"motd.j2":       "{% include 'parts/name.j2' %} has {{ cpus }} CPUs{{ tags }}\n",
		"parts/name.j2": "{{ name | upper }}",
	})
	if err := os.Symlink(filepath.Join(dir, "motd.j2"), filepath.Join(t.TempDir(), "link.j2")); err != nil {
		t.Fatal(err)
	}
	src := `jinjafile("motd.j2", { name = "web1", cpus = 4, tags = ["a", true] })`
	got, diags := evaluate(t, src, dir, nil)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if want := "WEB1 has 4 CPUs['a', True]\n"; !got.RawEquals(cty.StringVal(want)) {
		t.Errorf("got %#v, want %q", got, want)
	}
}

func TestJinjaFileOfUnknownAndSensitiveVariables(t *testing.T) {
	dir := templates(t, map[string]string{"t.j2": "{{ x }}"})
	variables := map[string]cty.Value{"u": cty.UnknownVal(cty.String), "s": cty.StringVal("hidden").Mark(lang.Sensitive)}
	for src, known := range map[string]bool{`jinjafile("t.j2", { x = s })`: true, `jinjafile("t.j2", { x = [u, s] })`: false} {
		v, diags := evaluate(t, src, dir, variables)
		if diags.HasErrors() || v.IsKnown() != known || !v.IsMarked() {
			t.Errorf("%s is %#v, %v", src, v, diags)
		}
	}
	if v, diags := evaluate(t, `jinjafile("t.j2", u)`, dir, map[string]cty.Value{"u": cty.DynamicVal}); diags.HasErrors() || v.IsKnown() {
		t.Errorf("of variables that are not known: %#v, %v", v, diags)
	}
}

func TestJinjaFileErrors(t *testing.T) {
	dir := templates(t, map[string]string{
		"in/missing.j2": "one\n  {{ nam }}\n", "in/out.j2": "{% include '../secret' %}", "in/link.j2": "{% include 'link' %}",
		"in/large.j2": strings.Repeat("x", 1<<20+1), "in/long.j2": "{{ 'x' * 2000000 }}", "secret": "hidden",
		"in/hostile.j2": "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
	})
	if err := os.Symlink(filepath.Join(dir, "secret"), filepath.Join(dir, "in", "link")); err != nil {
		t.Fatal(err)
	}
	for src, want := range map[string]string{
		`jinjafile("in/missing.j2", { name = 1 })`: `missing.j2, line 2, column 6: there is no variable "nam" (did you mean "name"?)`,
		`jinjafile("in/out.j2", {})`:               "out.j2, line 1, column 12",
		`jinjafile("in/link.j2", {})`:              "link.j2, line 1, column 12",
		`jinjafile("in/large.j2", {})`:             "larger than 1 MiB",
		`jinjafile("in/long.j2", {})`:              "more than 1 MiB",
		`jinjafile("in/hostile.j2", {})`:           "steps",
		`jinjafile("in/none.j2", {})`:              "no such file",
		`jinjafile("in", {})`:                      "not a regular file",
		`jinjafile("in/out.j2", ["a"])`:            "are an object",
	} {
		v, diags := evaluate(t, src, dir, nil)
		if !diags.HasErrors() || !strings.Contains(diags.Error(), want) {
			t.Errorf("%s is %#v, %v; want %q", src, v, diags, want)
		}
		if strings.Contains(diags.Error(), "hidden") {
			t.Errorf("%s shows the file: %v", src, diags)
		}
	}
}
