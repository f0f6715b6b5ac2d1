package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// mistakes are configurations that fail, each in a way of its own, with %s in
// place of an expression that is a secret.
func mistakes() map[string]string {
	task := func(arguments string) string { return "task \"file\" \"f\" {\n" + arguments + "\n}" }
	content := func(expression string) string { return task("path = \"/nonexistent/f\"\ncontent = " + expression) }
	command := func(arguments string) string { return "task \"command\" \"c\" {\n" + arguments + "\n}" }
	return map[string]string{
		"a conversion to a number":         content("tonumber(%[1]s)"),
		"a conversion to a bool":           content("tobool(%[1]s)"),
		"a number that can't be parsed":    content("parseint(%[1]s, 10)"),
		"JSON that can't be decoded":       content("jsondecode(%[1]s)"),
		"YAML that can't be decoded":       content("yamldecode(\"a: [${%[1]s}\")"),
		"base64 that can't be decoded":     content("base64decode(%[1]s)"),
		"an expression that doesn't match": content("regex(\"^nothing$\", %[1]s)"),
		"an invalid expression":            content("regex(\"(${%[1]s}\", \"a\")"),
		"a format that doesn't fit":        content("format(\"%%d\", %[1]s)"),
		"a format that is a secret":        content("format(\"%%z${%[1]s}\", 1)"),
		"a file that isn't there":          content("file(\"/nonexistent/${%[1]s}\")"),
		"a key that isn't there":           content("{ a = 1 }[%[1]s]"),
		"an attribute that isn't there":    content("{ (%[1]s) = 1 }.b"),
		"an address that is none":          content("cidrhost(%[1]s, 1)"),
		"a time that is none":              content("timeadd(%[1]s, \"1h\")"),
		"a template that fails":            content("templatefile(\"${path.config}/broken.tpl\", { secret = %[1]s })"),
		"a template of Jinja2 that fails":  content("jinjafile(\"${path.config}/broken.j2\", { secret = %[1]s })"),
		"an argument of a module":          "module \"m\" {\nsource = \"./module\"\nnumber = %[1]s\n}",
		"a condition of a module":          "module \"m\" {\nsource = \"./module\"\nchecked = %[1]s\n}",
		"what fails in a module":           "module \"m\" {\nsource = \"./module\"\ntext = %[1]s\n}",
		"an instance of a module":          "module \"m\" {\nfor_each = toset([%[1]s])\nsource = \"./module\"\n}",
		"the source of a module":           "module \"m\" {\nsource = %[1]s\n}",
		"an output of a module":            "module \"m\" {\nsource = \"./module\"\n}\noutput \"o\" { value = module.m.text[%[1]s] }",
		"a precondition":                   content("\"a\"\nprecondition {\n condition = false\n error_message = \"it is ${%[1]s}\"\n}"),
		"a postcondition":                  command("command = [\"/bin/true\"]\npostcondition {\n condition = self.rc == 1\n error_message = \"it is ${%[1]s}\"\n}"),
		"a retry":                          command("command = [\"/bin/sh\", \"-c\", \"cat >&2; exit 1\"]\nstdin = %[1]s\nretry {\n attempts = 2\n delay = \"1ms\"\n}"),
		"a failure that is passed over":    command("command = [\"/bin/sh\", \"-c\", \"cat >&2; exit 1\"]\nstdin = %[1]s\non_error = \"continue\""),
		"tags":                             task("tags = [%[1]s]\npath = \"/nonexistent/f\"\ncontent = 1 + \"a\""),
		"arithmetic":                       content("%[1]s + 1"),
		"a condition":                      content("%[1]s ? 1 : 2"),
		"a secret that is named by one":    content("secret(%[1]s)"),
		"a path in Vault":                  content("vault(\"secret/${%[1]s}\", \"key\")"),
		"a key in Vault":                   content("vault(\"secret/app\", %[1]s)"),
		"a path that is relative":          task("path = %[1]s\ncontent = \"a\""),
		"a path that can't be":             task("path = \"/dev/null/${%[1]s}\"\ncontent = \"a\""),
		"a mode":                           task("path = \"/nonexistent/f\"\ncontent = \"a\"\nmode = %[1]s"),
		"an owner":                         task("path = \"/nonexistent/f\"\ncontent = \"a\"\nowner = %[1]s"),
		"a duration":                       task("path = \"/nonexistent/f\"\ncontent = \"a\"\ntimeout = %[1]s"),
		"for_each":                         task("for_each = toset([%[1]s])\npath = each.key\ncontent = \"a\""),
		"when":                             task("when = %[1]s\npath = \"/nonexistent/f\"\ncontent = \"a\""),
		"an output":                        "output \"o\" {\n  value = %[1]s\n}",
		"a pattern of a line":              "task \"lineinfile\" \"l\" {\npath = \"/nonexistent/f\"\nline = \"a\"\nregexp = \"(${%[1]s}\"\n}",
		"a command that shows it":          command("command = [\"/bin/sh\", \"-c\", \"echo \\\"$A\\\" >&2; printf %%s \\\"$A\\\" | base64 -w0 >&2; exit 1\"]\nenv = { A = %[1]s }"),
		"a command that reads it":          command("command = [\"/bin/sh\", \"-c\", \"cat >&2; exit 1\"]\nstdin = %[1]s"),
		"an argument of a command":         command("command = [\"/bin/cat\", \"/nonexistent/${%[1]s}\"]"),
		"a program":                        command("command = [\"/nonexistent/${%[1]s}\"]"),
		"a shell":                          command("shell = \"echo '${base64encode(%[1]s)}' >&2; exit 1\""),
		"a guard":                          command("command = [\"/bin/true\"]\nunless = [\"/nonexistent/${%[1]s}\"]"),
		"a directory of a command":         command("command = [\"/bin/true\"]\ncwd = \"/nonexistent/${%[1]s}\""),
		"a user of a command":              command("command = [\"/bin/true\"]\nuser = %[1]s"),
		"a validation of a file":           task("path = \"${path.config}/targets/v\"\ncontent = %[1]s\nvalidate = [\"/bin/sh\", \"-c\", \"cat \\\"$1\\\" >&2; exit 1\", \"sh\", \"{{path}}\"]"),
		"the settings of the agent":        "collector \"exec\" \"c\" {\ncommand = [%[1]s]\nformat = %[1]s\n}",
		"the URL of a sink":                "sink \"http\" \"s\" {\nurl = \"http://[${%[1]s}\"\n}",
		"the user in the URL of a sink":    "sink \"http\" \"s\" {\nurl = \"http://user:${%[1]s}@127.0.0.1:1/\"\n}",
		"a header of a sink":               "sink \"http\" \"s\" {\nurl = \"http://127.0.0.1:1/\"\nheaders = { \"a ${%[1]s}\" = %[1]s }\n}",
		"the path of a sink":               "sink \"file\" \"s\" {\npath = %[1]s\n}",
		"the URL of a repository":          "source \"git\" \"g\" {\nurl = \"https://user:${%[1]s}@127.0.0.1:1/x\"\nbranch = \"main\"\n}\noutput \"o\" { value = source.git.g.commit }",
		"the token of a repository":        "source \"git\" \"g\" {\nurl = \"ECHO/x.git\"\nbranch = \"main\"\nauth {\n username = \"u\"\n token = %[1]s\n}\n}\noutput \"o\" { value = source.git.g.commit }",
		"the branch of a repository":       "source \"git\" \"g\" {\nurl = \"ECHO/x.git\"\nbranch = %[1]s\n}\noutput \"o\" { value = source.git.g.commit }",
	}
}

// moduleOfMistakes takes what it is given for something else.
const moduleOfMistakes = `
variable "number" {
  type    = number
  default = 1
}
variable "checked" {
  default = ""
  validation {
    condition     = var.checked == ""
    error_message = "it is ${var.checked}"
  }
}
variable "text" { default = null }
task "command" "c" {
  command = ["/bin/sh", "-c", "cat >&2; exit 1"]
  stdin   = "${var.text}"
}
output "text" { value = {} }
`

func TestNoErrorShowsASecret(t *testing.T) {
	a := newAviary(t)
	write(t, filepath.Join(a.dir, "broken.tpl"), "${tonumber(secret)}")
	write(t, filepath.Join(a.dir, "broken.j2"), "{{ secret | from_json }}")
	mkdir(t, filepath.Join(a.dir, "module"))
	write(t, filepath.Join(a.dir, "module", "main.hcl"), moduleOfMistakes)
	for name, mistake := range mistakes() {
		t.Run(name, func(t *testing.T) {
			for _, secret := range secrets() {
				a.configure(t, fmt.Sprintf(strings.ReplaceAll(mistake, "ECHO", a.echo.URL), secret))
				for _, args := range [][]string{{"validate"}, {"plan", "-json"}} {
					a.run(t, args...)
				}
				if out := a.run(t, "apply", "-auto-approve"); !strings.Contains(out, "Error:") && !strings.Contains(out, "(sensitive value)") {
					t.Errorf("nothing went wrong, so nothing was tested:\n%s", out)
				}
			}
			a.leftovers(t)
		})
	}
}

// TestNoFileOfVariablesShowsASecret gives sensitive variables values that are
// wrong, or lie in a file that is.
func TestNoFileOfVariablesShowsASecret(t *testing.T) {
	a := newAviary(t)
	a.configure(t, `
variable "number" {
  type      = number
  sensitive = true
}
variable "object" {
  type      = object({ a = list(bool) })
  sensitive = true
  default   = { a = [] }
}
variable "checked" {
  type      = string
  sensitive = true
  default   = ""
  validation {
    condition     = var.checked == ""
    error_message = "it is ${var.checked}"
  }
}
`)
	for name, text := range map[string]string{
		"a.hcl":  "number = %[1]q\n",
		"b.hcl":  "number = 1\nobject = { a = [%[1]q] }\n",
		"c.hcl":  "number = 1\nchecked = %[1]q\n",
		"d.hcl":  "number = 1\nchecked = \"%[1]s\n",
		"e.hcl":  "number = %[1]s\n",
		"g.json": "{\"number\": %[1]q}",
		"h.json": "{\"number\": \"%[1]s}",
		"i.json": "{\"number\": %[1]s}",
		"j.yaml": "number: %[1]q\n",
		"k.yaml": "number: [%[1]s\n",
		"l.yaml": "number: 1\nobject: *%[1]s\n",
		"m.toml": "number = %[1]q\n",
		"n.toml": "number = \"%[1]s\n",
		"o.toml": "number = %[1]s\n",
		"p.hcl":  "number = 1\nobject = { %[1]q = 1 }\n",
	} {
		t.Run(name, func(t *testing.T) {
			for origin, secret := range a.canaries {
				path := filepath.Join(t.TempDir(), name)
				write(t, path, fmt.Sprintf(text, secret))
				for _, args := range [][]string{{"validate"}, {"validate", "-json"}, {"plan"}, {"plan", "-json"}, {"console", "1"}} {
					if out := a.run(t, append(args[:1:1], append([]string{"-var-file=" + path}, args[1:]...)...)...); !strings.Contains(strings.ToLower(out), "error") {
						t.Errorf("nothing is wrong with %s:\n%s", origin, out)
					}
				}
			}
		})
	}
}
