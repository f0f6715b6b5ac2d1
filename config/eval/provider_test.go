package eval_test

import (
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin/schema"
)

var keeper = &schema.Block{Attributes: []schema.Attribute{
	{Name: "address", Type: cty.String, Required: true},
	{Name: "token", Type: cty.String, Sensitive: true},
}}

// fakeSecrets knows one of each.
type fakeSecrets struct{}

func (fakeSecrets) Secret(name string) (cty.Value, error) {
	return cty.StringVal("secret " + name), nil
}

func (fakeSecrets) Vault(path, key string, _ cty.Value) (cty.Value, error) {
	return cty.StringVal(path + " " + key), nil
}

func TestProviderConfig(t *testing.T) {
	in := eval.Inputs{Secrets: fakeSecrets{}, Variables: map[string]eval.Given{"host": {Text: "h"}}}
	tests := map[string]struct {
		src  string
		want cty.Value
		err  string
	}{
		"variables and secrets can be used": {
			src:  `variable "host" {}` + "\n" + `provider "keeper" {` + "\n" + `address = "https://${var.host}"` + "\n" + `token = secret("t")` + "\n}",
			want: cty.ObjectVal(map[string]cty.Value{"address": cty.StringVal("https://h"), "token": cty.StringVal("secret t")}),
		},
		"without a block there is none": {
			src:  `variable "host" {}`,
			want: cty.NullVal(keeper.ImpliedType()),
		},
		"locals can't be used": {
			src: `variable "host" {}` + "\n" + `provider "keeper" {` + "\n" + `address = local.a` + "\n}\n" + `locals { a = 1 }`,
			err: "local",
		},
		"what the provider doesn't know is an error": {
			src: `variable "host" {}` + "\n" + `provider "keeper" {` + "\n" + `addresz = "x"` + "\n}",
			err: `Did you mean "address"?`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, diags := eval.ProviderConfig(load(t, tt.src), "keeper", keeper, in)
			text := ""
			for _, d := range diags {
				text += d.Summary + ": " + d.Detail + "\n"
			}
			if diags.HasErrors() != (tt.err != "") || !strings.Contains(text, tt.err) {
				t.Fatalf("got %s, want %q", text, tt.err)
			}
			if tt.err == "" && !got.RawEquals(tt.want) {
				t.Errorf("got %#v, want %#v", got, tt.want)
			}
		})
	}
}

func TestSecretsAreMarkedAndAnswerWhereThereAreNone(t *testing.T) {
	src := `output "a" { value = "${secret("x")} ${vault("kv/app", "pw")}" }`
	g, diags := eval.Build(load(t, src), newFakes(), eval.Inputs{Secrets: fakeSecrets{}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	outputs, diags := g.Outputs(g.Static())
	if diags.HasErrors() || !outputs["a"].IsMarked() {
		t.Errorf("got %#v, %v", outputs["a"], diags)
	}
	if v, _ := outputs["a"].Unmark(); v.AsString() != "secret x kv/app pw" {
		t.Errorf("got %#v", v)
	}
	if _, diags := eval.Check(t.Context(), load(t, src), newFakes(), eval.Inputs{}, newFakes()); !strings.Contains(diags.Error(), "not available") {
		t.Errorf("without secrets: %v", diags)
	}
}
