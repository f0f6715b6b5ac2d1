package lang_test

import (
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/lang"
)

// FuzzTemplate renders any template. None panics or goes on for ever, and what
// is sensitive comes out marked or not at all.
func FuzzTemplate(f *testing.F) {
	const secret = "hunter2-hunter2"
	for _, seed := range []string{
		"${name} is ${secret}",
		"%{ for i, x in list ~}\n${i}: ${x}\n%{ endfor ~}",
		"%{ if name == secret }${upper(name)}%{ else }${later}%{ endif }",
		"${tonumber(secret)}", "${jsonencode({ (secret) = list })}", "${secret", "%{ for x in secret }%{ endfor }",
		"${[for x in list : [for y in list : secret]]}", "$${name} %%{ if }", "${templatestring(name, {})}",
	} {
		f.Add(seed)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, template string) {
		if len(template) > 1<<12 {
			return
		}
		v, diags := evaluate(t, `templatestring(template, vars)`, dir, map[string]cty.Value{
			"template": cty.StringVal(template),
			"vars": cty.ObjectVal(map[string]cty.Value{
				"name":   cty.StringVal("web"),
				"secret": cty.StringVal(secret).Mark(lang.Sensitive),
				"list":   cty.ListVal([]cty.Value{cty.StringVal("a"), cty.StringVal("b")}),
				"later":  cty.UnknownVal(cty.String),
			}),
		})
		for _, d := range diags {
			if strings.Contains(d.Summary+d.Detail, secret) {
				t.Errorf("%q: an error shows the secret: %s: %s", template, d.Summary, d.Detail)
			}
		}
		if v.IsMarked() || !v.IsKnown() || v.IsNull() || strings.Contains(template, secret) {
			return
		}
		if strings.Contains(v.AsString(), secret) {
			t.Errorf("%q renders to %#v, which isn't marked", template, v)
		}
	})
}
