package eval_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/config/lang"
)

// absentSecrets have none of Vault until it is there.
type absentSecrets struct{ there bool }

func (*absentSecrets) Secret(string) (cty.Value, error) { return cty.StringVal("s"), nil }

func (s *absentSecrets) Vault(path, key string, _ cty.Value) (cty.Value, error) {
	if s.there {
		return cty.StringVal(key), nil
	}
	return cty.NilVal, &lang.AbsentError{Secret: path + " " + key, Err: errors.New("Vault is sealed")}
}

func TestABlockThatNeedsAnAbsentSecretIsAllThatLacksIt(t *testing.T) {
	secrets := &absentSecrets{}
	g, diags := eval.Check(t.Context(), load(t, `
		locals {
		  text  = upper(local.token)
		  token = vault("kv/app", "token")
		}
		task "file" "direct" {
		  path    = "/a"
		  content = "x${vault("kv/app", "token")}"
		}
		task "file" "local" {
		  path    = "/b"
		  content = local.text
		}
		task "file" "plain" {
		  path    = "/c"
		  content = "plain"
		}
		sink "out" "o" { path = "/${local.token}" }
		output "o" { value = local.text }
	`), newFakes(), eval.Inputs{Secrets: secrets}, newFakes())
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	for address, lacks := range map[string]bool{"task.file.direct": true, "task.file.local": true, "task.file.plain": false, "sink.out.o": true} {
		_, diags := g.Eval(node(t, g, address), eval.NewValues())
		if diags.HasErrors() != lacks {
			t.Errorf("%s: %v", address, diags)
		}
		_, fingerprintDiags := g.Fingerprint(node(t, g, address), eval.NewValues(), nil)
		if fingerprintDiags.HasErrors() != lacks {
			t.Errorf("%s has a fingerprint: %v", address, fingerprintDiags)
		}
		if absent, others := lang.SplitAbsent(diags); len(others) > 0 || lacks != (len(absent) > 0) || lacks && !strings.Contains(absent[0].Detail, "Vault is sealed") {
			t.Errorf("%s: %v", address, diags)
		}
	}
	secrets.there = true
	if got := text(t, g, "task.file.local", "content", eval.NewValues()); got != "TOKEN" {
		t.Errorf("with the secret the content is %q", got)
	}
}

func TestWhatMustBeKnownCannotWaitForASecret(t *testing.T) {
	for name, src := range map[string]string{
		"the settings of the agent":              `agent { listen = local.token }`,
		"the elements of for_each":               `task "file" "f" { for_each = nonsensitive(local.set)` + "\n" + `path = each.key }`,
		"the interval of a task":                 `task "file" "f" { path = "/a"` + "\n" + `interval = local.token }`,
		"the when of a collector":                `collector "load" "c" { when = local.token == "x" }`,
		"the when of a task that names it":       `task "file" "f" { path = "/a"` + "\n" + `when = vault("kv/app", "token") == "x" }`,
		"a mistake beside a secret":              `task "file" "f" { path = "not absolute"` + "\n" + `content = local.token }`,
		"the rule of a variable of the root":     `variable "v" { default = "x"` + "\n" + `validation { condition = var.v == local.token` + "\n" + `error_message = "no" } }`,
		"a mistake in a local":                   `locals { bad = upper(local.token, nowhere()) }` + "\n" + `task "file" "f" { path = "/a"` + "\n" + `content = local.bad }`,
		"what is wrong whatever the secret says": `output "o" { value = [local.token, missing.name] }`,
	} {
		t.Run(name, func(t *testing.T) {
			src = "locals {\n token = vault(\"kv/app\", \"token\")\n set = toset([local.token])\n}\n" + strings.ReplaceAll(src, "{ ", "{\n")
			src = strings.ReplaceAll(src, " }", "\n}")
			g, diags := eval.Check(t.Context(), load(t, src), newFakes(), eval.Inputs{Secrets: &absentSecrets{}}, newFakes())
			if g != nil || !diags.HasErrors() {
				t.Errorf("it was taken: %v", diags)
			}
			for _, d := range diags {
				if d.Severity == hcl.DiagError && strings.Contains(d.Detail, "timestamp") {
					t.Errorf("the error is about something else: %v", d)
				}
			}
		})
	}
}
