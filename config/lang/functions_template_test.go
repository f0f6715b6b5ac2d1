package lang_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
)

// TestAMistakeInATemplateIsShownWhereItIs renders templates that have one.
func TestAMistakeInATemplateIsShownWhereItIs(t *testing.T) {
	for _, test := range []struct {
		name, template, vars string
		line, column         int
		summary, detail      string
	}{
		{"a variable that is not given", "first\n  ${nme}", `{ name = "x" }`, 2, 5, "Unknown variable", `Did you mean "name"?`},
		{"an error of a function", "\n${tonumber(name)}", `{ name = "x" }`, 2, 12, "Invalid function argument", "cannot convert"},
		{"an error of a function about a secret", "${tonumber(name)}", `{ name = sensitive("hidden") }`, 1, 12, "Invalid function argument", "The reason isn't shown"},
		{"a function that there isn't", "${uper(name)}", `{ name = "x" }`, 1, 3, "Call to unknown function", `Did you mean "upper"?`},
		{"a template in a template", "${templatefile(\"x\", {})}", `{}`, 1, 3, "", "templatefile can't be called in a template"},
		{"the time in a template", "${timestamp()}", `{}`, 1, 3, "", "give it to the template as a variable"},
		{"a bracket that isn't closed", "a\nb ${", `{}`, 2, 5, "", ""},
		{"nesting that the parser should not see", "${" + strings.Repeat("(", 500), `{}`, 1, 0, "Nesting too deep", ""},
		{"more than a template may come to", "%{ for i in range(1000) }%{ for j in range(1000) }x%{ endfor }%{ endfor }", `{}`, 1, 0, "Value too large", ""},
		{"bytes that are no text", "a\xffb", `{}`, 0, 0, "Invalid function argument", "not valid UTF-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "t.tpl")
			if err := os.WriteFile(path, []byte(test.template), 0o600); err != nil {
				t.Fatal(err)
			}
			_, diags := evaluate(t, `"${templatefile("t.tpl", `+test.vars+`)}"`, dir, nil)
			if !diags.HasErrors() {
				t.Fatal("there is no error")
			}
			d := diags[0]
			if test.line > 0 {
				inFile(t, d, path, test.line, test.column)
			}
			if test.summary != "" && d.Summary != test.summary || !strings.Contains(d.Detail, test.detail) || strings.Contains(d.Detail, "hidden") {
				t.Errorf("%s: %s", d.Summary, d.Detail)
			}
		})
	}
}

func inFile(t *testing.T, d *hcl.Diagnostic, path string, line, column int) {
	t.Helper()
	if d.Subject == nil || d.Subject.Filename != path || d.Subject.Start.Line != line || column > 0 && d.Subject.Start.Column != column {
		t.Errorf("the error is at %v, and not at %s:%d,%d", d.Subject, path, line, column)
	}
	if !strings.Contains(d.Detail, "It is rendered at test:1,") {
		t.Errorf("where the template is rendered isn't said: %s", d.Detail)
	}
}

func TestATemplateOfWhatIsNotKnownIsNotKnown(t *testing.T) {
	for _, src := range []string{`templatestring("$${x}", { x = u })`, `templatestring(u, {})`, `templatestring("a $${x} b", d)`} {
		v, diags := evaluate(t, src, "", unknowns())
		if diags.HasErrors() || v.IsWhollyKnown() {
			t.Errorf("%s is %#v, %v", src, v, diags)
		}
	}
}
