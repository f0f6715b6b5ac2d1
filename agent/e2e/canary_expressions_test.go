package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// secrets are the names of the canaries in the configurations of an aviary.
func secrets() []string {
	return []string{"local.file", "local.short", "local.environment", "local.word", "local.lines", "local.literal", "var.variable"}
}

// wrongExpressions are expressions that have no value, with S in place of a
// secret: a function for each way in which one can speak of its arguments.
func wrongExpressions() []string {
	return []string{
		`tonumber(S)`, `tobool(S)`, `tolist(S)`, `toset(S)`, `tomap(S)`, `tomap({ (S) = 1, b = [] })`,
		`parseint(S, 10)`, `parseint("z", tonumber(S))`, `abs(S)`, `max(1, S)`, `sum([S])`, `pow(S, 2)`, `range(S)`, `range(0, 1, S)`,
		`jsondecode(S)`, `jsondecode("{\"a\": \"${S}")`, `yamldecode("a: [${S}")`, `yamldecode("${S}: *x")`, `csvdecode("a,b\n\"${S}")`, `csvdecode("${S},x,${S},x\n1,2,3,4")`,
		`base64decode("${S}")`, `textdecodebase64(S, "UTF-8")`, `textdecodebase64("YQ==", S)`, `textencodebase64("a", S)`, `urldecode("%zz${S}")`,
		`regex("^nothing$", S)`, `regex("(${S}", "a")`, `regexall("[${S}", "a")`, `replace("a", "/(${S}/", "b")`,
		`format("%d", S)`, `format("%z${S}", 1)`, `formatlist("%d", [S])`, `formatdate(S, "2020-01-01T00:00:00Z")`, `formatdate("ZZZZZZ${S}", "2020-01-01T00:00:00Z")`, `formatdate("YYYY", S)`,
		`timeadd(S, "1h")`, `timeadd("2020-01-01T00:00:00Z", S)`, `timecmp(S, S)`,
		`cidrhost(S, 1)`, `cidrhost("10.0.0.0/8", S)`, `cidrnetmask(S)`, `cidrsubnet(S, 1, 1)`, `cidrsubnet("10.0.0.0/8", S, 1)`, `cidrsubnets(S, 1)`,
		`uuidv5(S, "a")`, `rsadecrypt(S, S)`, `bcrypt(S, 99)`, `bcrypt("a", S)`,
		`file("/nonexistent/${S}")`, `file(S)`, `filebase64("/nonexistent/${S}")`, `filesha256("/nonexistent/${S}")`, `fileset("/nonexistent/${S}", "[")`, `fileset(".", "[${S}")`,
		`templatefile("${path.config}/broken.tpl", { secret = S })`, `templatefile("/nonexistent/${S}", {})`, `templatefile("${path.config}/broken.tpl", S)`, `templatefile("${path.config}/broken.tpl", { (S) = 1 })`,
		`templatestring(local.template, { secret = S })`, `templatestring(local.template, { (S) = 1 })`, `templatestring(local.open, { secret = S })`,
		`jinjafile("${path.config}/broken.j2", { secret = S })`, `jinjafile("${path.config}/strict.j2", { (S) = S })`, `jinjafile("/nonexistent/${S}", {})`, `jinjafile("${path.config}/json.j2", { secret = S })`, `jinjafile("${path.config}/broken.j2", S)`,
		`{ a = 1 }[S]`, `{ (S) = 1 }.b`, `{ (S) = 1 }["b"]`, `[1][S]`, `lookup({ a = 1 }, S)`, `index(["a"], S)`, `element(["a"], S)`, `one([S, S])`, `slice(["a"], 0, S)`,
		`zipmap([S], [])`, `merge(S)`, `keys(S)`, `values(S)`, `length(tonumber(S))`, `flatten(S)`, `setproduct(S)`, `setunion(S)`, `chunklist(["a"], S)`, `matchkeys([S], [S], ["a", S, []])`, `join(S, S)`, `concat(S)`, `transpose(S)`,
		`S + 1`, `!S`, `S ? 1 : 2`, `S > 1`, `S.attribute`, `S["key"]`, `S[*].a.b`, `[for x in S : x]`, `{ for x in [S, S] : x => 1 }`, `"%{ for x in S }%{ endfor }"`, `"%{ if S }%{ endif }"`,
		`secret(S)`, `env(S)`, `env("NONE_OF_${S}")`, `vault("secret/${S}", "key")`, `vault("secret/app", S)`, `vault(S, "key")`,
		`nonexistent(S)`, `upper(S, S)`, `local.nonexistent[S]`,
	}
}

// aviaryWithTemplates has templates that break with what they are given.
func aviaryWithTemplates(t *testing.T) *aviary {
	t.Helper()
	a := newAviary(t)
	write(t, filepath.Join(a.dir, "broken.tpl"), "${tonumber(secret)}")
	write(t, filepath.Join(a.dir, "broken.j2"), "{{ secret | from_json }}{{ secret.nothing.more }}")
	write(t, filepath.Join(a.dir, "strict.j2"), "{{ undefined_variable }}")
	write(t, filepath.Join(a.dir, "json.j2"), "{{ (secret ~ '[') | from_yaml }}{{ secret | regex_search('(') }}")
	a.configure(t, `
locals {
  template = "$${tonumber(secret)}"
  open     = "$${secret"
}
`)
	return a
}

// TestTheConsoleShowsNoSecret has the console evaluate what has no value, and
// what has one that is not to be seen.
func TestTheConsoleShowsNoSecret(t *testing.T) {
	a := aviaryWithTemplates(t)
	for _, secret := range secrets() {
		var input strings.Builder
		for _, wrong := range wrongExpressions() {
			input.WriteString(strings.ReplaceAll(wrong, "S", secret) + "\n")
		}
		fmt.Fprintf(&input, "%[1]s\n[%[1]s]\n{ a = %[1]s }\nbase64encode(%[1]s)\njsonencode({ a = [%[1]s] })\ntemplatestring(\"$${a}\", { a = %[1]s })\nupper(\"${%[1]s}\")\nlocal.all\nlocal\n", secret)
		for _, flags := range [][]string{nil, {"-json"}, {"-plan"}} {
			a.converse(t, input.String(), flags...)
		}
	}
	a.leftovers(t)
}

// converse has the console evaluate lines, and checks what it answers.
func (a *aviary) converse(t *testing.T, input string, flags ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, append(append([]string{"console"}, a.flags()...), flags...)...)
	cmd.Env, cmd.Stdin = a.env, strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	a.check(t, fmt.Sprintf("driftless console %v", flags), out)
	if !strings.Contains(string(out), "(sensitive value)") {
		t.Errorf("nothing was hidden, so nothing was tested:\n%s", out)
	}
}

// TestEveryWrongExpressionIsWrong makes sure that the functions above are there
// and speak for themselves.
func TestEveryWrongExpressionIsWrong(t *testing.T) {
	a := aviaryWithTemplates(t)
	for _, wrong := range wrongExpressions() {
		out := a.run(t, "console", strings.ReplaceAll(wrong, "S", "local.word"))
		unknown := strings.Contains(out, "unknown function") || strings.Contains(out, "no function named")
		if !strings.Contains(out, "Error:") || unknown != strings.Contains(wrong, "nonexistent(S)") {
			t.Errorf("%s:\n%s", wrong, out)
		}
	}
}
