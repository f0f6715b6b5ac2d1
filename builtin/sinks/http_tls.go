package sinks

import (
	"crypto/tls"
	"crypto/x509"
	"os"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func tlsSchema() schema.Block {
	return schema.Block{
		Doc: "How the server is checked, and what the sink shows of itself.",
		Attributes: []schema.Attribute{
			{Name: "ca_file", Type: cty.String, Format: schema.AbsolutePath, Doc: "Certificates in PEM form of the authorities to trust, in place of the system's."},
			{Name: "cert_file", Type: cty.String, Format: schema.AbsolutePath, Doc: "The certificate of this client, in PEM form, with those in between."},
			{Name: "key_file", Type: cty.String, Format: schema.AbsolutePath, Doc: "The private key that belongs to cert_file."},
			{Name: "server_name", Type: cty.String, Doc: "The name that the server's certificate must bear, where it isn't the host of the URL."},
			{Name: "insecure_skip_verify", Type: cty.Bool, Default: cty.False, Doc: "Trust any server. Whoever is in between can then read and change everything."},
		},
	}
}

type tlsConfig struct {
	CAFile             string `schema:"ca_file"`
	CertFile           string `schema:"cert_file"`
	KeyFile            string `schema:"key_file"`
	ServerName         string `schema:"server_name"`
	InsecureSkipVerify bool   `schema:"insecure_skip_verify"`
}

// load reads the files. A nil configuration stands for the defaults.
func (c *tlsConfig) load() (*tls.Config, plugin.Diagnostics) {
	out := &tls.Config{MinVersion: tls.VersionTLS12}
	if c == nil {
		return out, nil
	}
	out.ServerName = c.ServerName
	out.InsecureSkipVerify = c.InsecureSkipVerify
	block := plugin.Attr("tls")
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, plugin.Error(block.GetAttr("ca_file"), "Cannot read the authorities to trust", "%s.", err)
		}
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM(pem) {
			return nil, plugin.Error(block.GetAttr("ca_file"), "Cannot read the authorities to trust", "%s holds no certificate in PEM form.", c.CAFile)
		}
	}
	if c.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
		if err != nil {
			return nil, plugin.Error(block.GetAttr("cert_file"), "Cannot read the client's certificate", "The pair of %s and %s can't be used: %s.", c.CertFile, c.KeyFile, err)
		}
		out.Certificates = []tls.Certificate{pair}
	}
	return out, nil
}
