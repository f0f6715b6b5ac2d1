package sinks

import (
	"context"
	"net/http"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func httpSchema() *schema.Block {
	return &schema.Block{
		Doc: "Sends each batch of events as one HTTP request. The same batch always bears the same Idempotency-Key, so that a server can recognise one that is sent again. " +
			"A proxy is taken from the environment: HTTP_PROXY, HTTPS_PROXY, NO_PROXY.",
		Attributes: []schema.Attribute{
			{Name: "url", Type: cty.String, Required: true, Format: schema.URL,
				Doc: "Where to send the events, http or https. A user name and password belong into auth.basic. Redirects are not followed."},
			{Name: "method", Type: cty.String, Default: cty.StringVal(http.MethodPost), Enum: []string{http.MethodPost, http.MethodPut, http.MethodPatch},
				Doc: "The method of the request."},
			{Name: "headers", Type: cty.Map(cty.String), Sensitive: true,
				Doc: "Headers to send along. They win over those that the sink sets, such as Content-Type."},
			formatAttribute("ndjson", "ndjson", "json", "text"),
			metadataAttribute(),
			{Name: "compression", Type: cty.String, Default: cty.StringVal("none"), Enum: []string{"none", "gzip", "zstd"},
				Doc: "How the body of a request is compressed."},
		},
		Blocks: []schema.Nested{
			{Name: "auth", Nesting: schema.Single, Block: authSchema()},
			{Name: "tls", Nesting: schema.Single, Block: tlsSchema()},
		},
	}
}

func authSchema() schema.Block {
	return schema.Block{
		Doc: "How the sink proves who it is: one of basic, bearer and api_key.",
		Blocks: []schema.Nested{
			{Name: "basic", Nesting: schema.Single, Block: schema.Block{
				Doc: "A user name and a password.",
				Attributes: []schema.Attribute{
					{Name: "username", Type: cty.String, Required: true, Doc: "The name of the user."},
					{Name: "password", Type: cty.String, Required: true, Sensitive: true, Doc: "The user's password."},
				},
			}},
			{Name: "bearer", Nesting: schema.Single, Block: schema.Block{
				Doc: "A token in the header Authorization.",
				Attributes: []schema.Attribute{
					{Name: "token", Type: cty.String, Required: true, Sensitive: true, Doc: "The token, without the word Bearer."},
				},
			}},
			{Name: "api_key", Nesting: schema.Single, Block: schema.Block{
				Doc: "A key in a header of its own.",
				Attributes: []schema.Attribute{
					{Name: "header", Type: cty.String, Required: true, Doc: "The name of the header, such as X-API-Key."},
					{Name: "value", Type: cty.String, Required: true, Sensitive: true, Doc: "The key."},
				},
			}},
		},
	}
}

type httpConfig struct {
	URL         string            `schema:"url"`
	Method      string            `schema:"method"`
	Headers     map[string]string `schema:"headers"`
	Format      string            `schema:"format"`
	Metadata    bool              `schema:"metadata"`
	Compression string            `schema:"compression"`
	Auth        *authConfig       `schema:"auth"`
	TLS         *tlsConfig        `schema:"tls"`
}

type authConfig struct {
	Basic  *basicConfig  `schema:"basic"`
	Bearer *bearerConfig `schema:"bearer"`
	APIKey *apiKeyConfig `schema:"api_key"`
}

type basicConfig struct {
	Username string `schema:"username"`
	Password string `schema:"password"`
}

type bearerConfig struct {
	Token string `schema:"token"`
}

type apiKeyConfig struct {
	Header string `schema:"header"`
	Value  string `schema:"value"`
}

func openHTTP(_ context.Context, req plugin.OpenRequest) (plugin.Sink, plugin.Diagnostics) {
	var cfg httpConfig
	if err := schema.Decode(req.Config, &cfg); err != nil {
		return nil, plugin.Error(nil, "Invalid sink configuration", "%s", err)
	}
	encode, diags := newEncoder(cfg.Format, cfg.Metadata)
	if diags.HasErrors() {
		return nil, diags
	}
	compress, err := newCompressor(cfg.Compression)
	if err != nil {
		return nil, plugin.Error(plugin.Attr("compression"), "Invalid compression", "%s", err)
	}
	security, diags := cfg.TLS.load()
	if diags.HasErrors() {
		return nil, diags
	}
	sink, err := newHTTPSink(cfg, encode, compress, security, req.Env.Now)
	if err != nil {
		return nil, plugin.Error(plugin.Attr("url"), "Invalid URL", "%s", err)
	}
	return sink, nil
}
