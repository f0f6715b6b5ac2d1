package files

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

func TestTemplateConverges(t *testing.T) {
	vars := cty.ObjectVal(map[string]cty.Value{
		"port":  cty.NumberIntVal(80),
		"hosts": cty.TupleVal([]cty.Value{str("a"), str("b")}),
		"tls":   cty.ObjectVal(map[string]cty.Value{"on": cty.True}),
	})
	tests := []struct{ name, engine, text, want string }{
		{"text as it is", "hcl", "plain $ text\r\nwithout end", "plain $ text\r\nwithout end"},
		{"an interpolation", "hcl", "listen ${port};\n", "listen 80;\n"},
		{"one interpolation is text too", "hcl", "${port}", "80"},
		{"a loop and a condition", "hcl", "%{ for h in hosts ~}\n${upper(h)}\n%{ endfor ~}\n%{ if tls.on }on%{ else }off%{ endif }\n", "A\nB\non\n"},
		{"an escaped interpolation", "hcl", "$${port}", "${port}"},
		{"a template of Jinja2", "jinja", "{% for h in hosts %}\n{{ h | upper }}:{{ port }}\n{% endfor %}\n{{ tls.on }}\n", "A:80\nB:80\nTrue\n"},
		{"a template of Go", "go", "{{range .hosts}}{{.}}:{{$.port}} {{end}}{{if .tls.on}}on{{end}}\n", "a:80 b:80 on\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			source, path := filepath.Join(t.TempDir(), "t.tpl"), filepath.Join(root, "file")
			write(t, source, test.text, 0o600)
			task := open(t, "template", attrs{"path": str(path), "source": str(source), "vars": vars, "engine": str(test.engine)})
			wantReasons(t, converge(t, root, task), plugin.Create, "does not exist")
			wantFile(t, path, test.want, 0o644)
			write(t, path, "disturbed", 0o644)
			wantReasons(t, converge(t, root, task), plugin.Update, "vars")
		})
	}
}

func TestTemplateErrorsSayWhere(t *testing.T) {
	tests := []struct{ name, engine, text, summary, detail string }{
		{"a missing variable", "hcl", "one\ntwo ${missing}\n", "Missing template variable", "t.tpl, line 2, column 7:"},
		{"a syntax error", "hcl", "${1 +}\n", "Invalid template", "line 1"},
		{"a missing key", "hcl", "${tls.off}\n", "Invalid template", "line 1, column 6"},
		{"a missing variable of Jinja2", "jinja", "one\ntwo {{ tl.on }}\n", "Missing template variable", `t.tpl, line 2, column 8: there is no variable "tl" (did you mean "tls"?).`},
		{"a syntax error of Jinja2", "jinja", "one\n{% if %}\n", "Invalid template", "t.tpl, line 2, column 7:"},
		{"an endless template of Jinja2", "jinja", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "Template takes too much", "100 deep"},
		{"a file elsewhere", "jinja", "{% include '../x' %}", "Template failed", "only from its own directory"},
		{"a missing variable of Go", "go", "one\ntwo {{.missing}}\n", "Missing template variable", "t.tpl, line 2, column 7:"},
		{"a syntax error of Go", "go", "one\n{{if}}\n", "Invalid template", "t.tpl, line 2, column 1:"},
		{"bytes that are no text", "hcl", "\xff", "Invalid template", "UTF-8"},
		{"many brackets", "hcl", "\n${" + strings.Repeat("[", 100_000), "Invalid template", "line 2"},
		{"many quotes", "hcl", strings.Repeat(`${"`, 100_000), "Invalid template", "at most 200 deep"},
		{"many negations", "hcl", "${" + strings.Repeat("!", 100_000) + "true}", "Invalid template", "at most 1000 operators"},
		{"many conditions", "hcl", "${" + strings.Repeat("true?1:", 100_000) + "1}", "Invalid template", "at most 1000 operators"},
		{"many blocks", "hcl", strings.Repeat("%{if true}", 10_000), "Invalid template", "at most 200 deep"},
		{"many loops", "hcl", strings.Repeat("%{for x in [1]}", 4) + strings.Repeat("%{endfor}", 4), "Invalid template", "nested at most 3 deep"},
		{"loops over much", "hcl", strings.Repeat("%{for x in range(1000)}", 3) + strings.Repeat("%{endfor}", 3), "Invalid template", "more than 100,000 elements"},
		{"comments without end", "hcl", "${" + strings.Repeat("/* ", 300_000), "Invalid template", "line 1"},
		{"a large template", "hcl", strings.Repeat("x", maxTemplate+1), "Template too large", "1048577 bytes"},
		{"an endless result of Go", "go", `{{define "x"}}{{template "x"}}{{end}}{{template "x"}}`, "Invalid template", "depth"},
	}
	vars := cty.ObjectVal(map[string]cty.Value{"tls": cty.ObjectVal(map[string]cty.Value{"on": cty.True})})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			source := filepath.Join(dir, "t.tpl")
			write(t, source, test.text, 0o600)
			task := open(t, "template", attrs{"path": str(dir + "/file"), "source": str(source), "vars": vars, "engine": str(test.engine)})
			wantSummary(t, planError(t, task, newHost()), test.summary, test.detail)
		})
	}
}

func TestTemplateOfAPlannedFile(t *testing.T) {
	dir := t.TempDir()
	source, path := filepath.Join(dir, "t.tpl"), filepath.Join(dir, "file")
	host := newHost()
	plan(t, open(t, "file", attrs{"path": str(source), "content": str("x=$${x}")}), host)
	host.Put(source, plugin.File{Mode: 0o644, UID: os.Geteuid()}, []byte("x=${x}"))
	task := open(t, "template", attrs{"path": str(path), "source": str(source), "vars": cty.ObjectVal(map[string]cty.Value{"x": str("1")})})
	if change := plan(t, task, host); string(change.Text.After) != "x=1" {
		t.Errorf("planned %q", change.Text.After)
	}
	host.Put(source, plugin.File{Mode: 0o644, UID: os.Geteuid(), Unknown: true}, nil)
	if change := plan(t, task, host); change.Fidelity != plugin.KnownAfterApply {
		t.Errorf("planned %s", change.Fidelity)
	}
}

func TestTemplateIncludesWhatIsBesideIt(t *testing.T) {
	dir := t.TempDir()
	source, path := filepath.Join(dir, "t.j2"), filepath.Join(dir, "file")
	write(t, source, "{% include 'sub/part.j2' %}", 0o600)
	task := open(t, "template", attrs{"path": str(path), "source": str(source), "engine": str("jinja"), "vars": cty.ObjectVal(map[string]cty.Value{"x": str("1")})})
	part := filepath.Join(dir, "sub", "part.j2")
	wantSummary(t, planError(t, task, newHost()), "Template failed", "no task before this one makes it")

	host := newHost()
	host.Put(part, plugin.File{Mode: 0o644, UID: os.Geteuid()}, []byte("x={{ x }}"))
	if change := plan(t, task, host); string(change.Text.After) != "x=1" {
		t.Errorf("planned %q", change.Text.After)
	}
	host.Put(part, plugin.File{Mode: 0o644, UID: os.Geteuid(), Unknown: true}, nil)
	if change := plan(t, task, host); change.Fidelity != plugin.KnownAfterApply {
		t.Errorf("planned %s", change.Fidelity)
	}
	host.Put(part, plugin.File{Mode: 0o644, UID: os.Geteuid()}, []byte("\n{{ y }}"))
	wantSummary(t, planError(t, task, host), "Missing template variable", part+", line 2, column 4")
	host.Put(part, plugin.File{Type: os.ModeSymlink, Target: "/etc/passwd"}, nil)
	wantSummary(t, planError(t, task, host), "Template failed", "symbolic link to /etc/passwd")
}

func TestTemplateValidate(t *testing.T) {
	cfg := config(t, "template", attrs{"path": str("/f"), "source": str("/t"), "vars": strs("a")})
	diags := New().Validate(t.Context(), plugin.TypeRef{Kind: plugin.KindTask, Name: "template"}, cfg)
	wantSummary(t, diags, "Invalid variables", "list of string")
	cfg = config(t, "template", attrs{"path": str("/f"), "source": str("/t"), "vars": cty.DynamicVal})
	if diags := New().Validate(t.Context(), plugin.TypeRef{Kind: plugin.KindTask, Name: "template"}, cfg); len(diags) > 0 {
		t.Error(diags)
	}
}

func FuzzTemplate(f *testing.F) {
	engines := []string{engineHCL, engineGo, engineJinja}
	f.Add([]byte("a ${x} %{ for y in [1] }${y}%{ endfor }"), 0)
	f.Add([]byte("{{.x}} {{range .l}}{{.}}{{end}}"), 1)
	f.Add([]byte("{{ x }} {% for y in l %}{{ y }}{% endfor %}"), 2)
	f.Fuzz(func(t *testing.T, text []byte, which int) {
		engine := engines[uint(which)%uint(len(engines))]
		vars := cty.ObjectVal(map[string]cty.Value{"x": str("1"), "l": strs("a", "b")})
		out, err := render(t.Context(), newHost(), "t.tpl", text, engine, vars)
		if err == nil && len(out) > maxRendered {
			t.Errorf("%d bytes", len(out))
		}
	})
}
