package sinks

import (
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

func TestHTTPValidatesWhatItIsGiven(t *testing.T) {
	const url = "https://logs.example.com/in"
	basic := body{"basic": body{"username": "a", "password": "geheim"}}
	tests := map[string]struct {
		given body
		want  string // the summaries
	}{
		"all is well":                     {body{"url": url, "auth": basic, "headers": map[string]string{"X-A": "b"}}, ""},
		"another scheme":                  {body{"url": "ftp://example.com"}, "Invalid URL"},
		"no host":                         {body{"url": "http://"}, "Invalid URL"},
		"not a URL":                       {body{"url": "http://[geheim"}, "Invalid URL"},
		"a password in the URL":           {body{"url": "https://ann:geheim@example.com"}, "Credentials in a URL"},
		"credentials in the clear":        {body{"url": "http://example.com", "auth": basic}, "Credentials sent in the clear"},
		"credentials on this host":        {body{"url": "http://127.0.0.1:1", "auth": basic}, ""},
		"no way to authenticate":          {body{"url": url, "auth": body{}}, "Ambiguous authentication"},
		"two ways to authenticate":        {body{"url": url, "auth": body{"basic": basic["basic"], "bearer": body{"token": "geheim"}}}, "Ambiguous authentication"},
		"one way and one not known yet":   {body{"url": url, "auth": body{"bearer": cty.UnknownVal(cty.Object(map[string]cty.Type{"token": cty.String}))}}, ""},
		"a token with a newline":          {body{"url": url, "auth": body{"bearer": body{"token": "geheim\n"}}}, "Invalid credentials"},
		"a key with a newline":            {body{"url": url, "auth": body{"api_key": body{"header": "X-K", "value": "geheim\n"}}}, "Invalid credentials"},
		"a header that can't be one":      {body{"url": url, "auth": body{"api_key": body{"header": "X K", "value": "geheim"}}}, "Invalid header"},
		"a header that is the sink's own": {body{"url": url, "headers": map[string]string{"content-length": "1"}}, "Invalid header"},
		"a name that can't be a header's": {body{"url": url, "headers": map[string]string{"a:b": "1"}}, "Invalid header"},
		"a header with a line break":      {body{"url": url, "headers": map[string]string{"X-A": "geheim\r\nX-B: c"}}, "Invalid header"},
		"authorization given twice":       {body{"url": url, "auth": basic, "headers": map[string]string{"authorization": "geheim"}}, "Invalid header"},
		"a certificate without a key":     {body{"url": url, "tls": body{"cert_file": "/c.pem"}}, "Incomplete client certificate"},
		"a server that isn't checked":     {body{"url": url, "tls": body{"insecure_skip_verify": true}}, "The server is not checked"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ref := plugin.TypeRef{Kind: plugin.KindSink, Name: "http"}
			diags := New(nil, nil).Validate(t.Context(), ref, configOf(t, schemaOf(t, "http"), tt.given))
			got := ""
			for _, d := range diags {
				got += d.Summary
				if strings.Contains(d.Detail, "geheim") {
					t.Errorf("a secret is in the diagnostic: %s", d.Detail)
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
