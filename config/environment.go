package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/config/syntax"
)

// checkEnvironment warns of variables of the environment that are read as
// plain text and are called what secrets are called.
func checkEnvironment(file *hcl.File) hcl.Diagnostics {
	var diags hcl.Diagnostics
	var hidden hclsyntax.Expression // the argument of the last sensitive(), which comes before it
	for call := range syntax.BodyCalls(file.Body) {
		if call.Name == "sensitive" && len(call.Args) == 1 {
			hidden = call.Args[0]
		}
		name, ok := literalName(call)
		if call.Name != "env" || !ok || !looksSecret(name) || call == hidden {
			continue
		}
		diags = append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagWarning,
			Summary:  "Secret read as plain text",
			Detail: fmt.Sprintf("The name of the variable %s says that it holds a secret, and what env returns is shown in plans and logs. Write secret(%q) instead, which hides it; or sensitive(env(...)).",
				name, name),
			Subject: call.Range().Ptr(),
		})
	}
	return diags
}

// literalName returns the first argument of a call, where it is written out.
func literalName(call *hclsyntax.FunctionCallExpr) (string, bool) {
	if len(call.Args) == 0 {
		return "", false
	}
	template, ok := call.Args[0].(*hclsyntax.TemplateExpr)
	if !ok || !template.IsStringLiteral() {
		return "", false
	}
	v, diags := template.Value(nil)
	return v.AsString(), !diags.HasErrors()
}

// looksSecret judges the name of a variable by its words. One that names a
// file or a public key holds no secret.
func looksSecret(name string) bool {
	words := strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	if len(words) == 0 || slices.Contains(words, "PUBLIC") {
		return false
	}
	last := words[len(words)-1]
	if slices.Contains([]string{"FILE", "PATH", "DIR"}, last) {
		return false
	}
	return strings.HasSuffix(last, "KEY") || slices.ContainsFunc(words, func(word string) bool {
		return slices.ContainsFunc(secretWords, func(secret string) bool { return strings.Contains(word, secret) }) ||
			word == "PASS"
	})
}

// secretWords are parts of words that names of secrets have.
var secretWords = []string{"PASSWORD", "PASSWD", "PASSPHRASE", "TOKEN", "SECRET", "CREDENTIAL"}
