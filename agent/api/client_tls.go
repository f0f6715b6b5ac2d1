package api

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
)

// tlsConfig says whom the client trusts, and what it shows of itself.
func (o ClientOptions) tlsConfig() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	var err error
	switch {
	case o.CAFile != "":
		err = o.trustAuthorities(config)
	case o.Known != "":
		err = o.trustOne(config)
	}
	if err != nil {
		return nil, err
	}
	if (o.CertFile == "") != (o.KeyFile == "") {
		return nil, errors.New("a certificate of a client is two files: name it with -cert-file and its key with -key-file")
	}
	if o.CertFile == "" {
		return config, nil
	}
	pair, err := tls.LoadX509KeyPair(o.CertFile, o.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("%s and %s are no certificate in PEM with its key: %w", o.CertFile, o.KeyFile, err)
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

func (o ClientOptions) trustAuthorities(config *tls.Config) error {
	content, err := os.ReadFile(o.CAFile)
	if err != nil {
		return fmt.Errorf("read the authorities of the agent's certificate: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(content) {
		return fmt.Errorf("%s holds no certificate of an authority in PEM", o.CAFile)
	}
	return nil
}

// trustOne trusts one certificate and no other, whoever has issued it and by
// what name the agent is reached: the configuration of this very agent names
// it. That it has expired is an error all the same.
func (o ClientOptions) trustOne(config *tls.Config) error {
	content, err := os.ReadFile(o.Known)
	if err != nil {
		return fmt.Errorf("read the certificate that the agent has by its configuration: %w; name its authority with -ca-file, or the agent with -address=https://...", err)
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return fmt.Errorf("%s is no certificate in PEM", o.Known)
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return fmt.Errorf("%s is no certificate: %w", o.Known, err)
	}
	config.RootCAs = x509.NewCertPool()
	config.RootCAs.AddCert(leaf)
	switch { // a name that the certificate is for
	case len(leaf.DNSNames) > 0:
		config.ServerName = leaf.DNSNames[0]
	case len(leaf.IPAddresses) > 0:
		config.ServerName = leaf.IPAddresses[0].String()
	}
	return nil
}

// tlsHint says what to do about an error of TLS, nothing where it is another.
func tlsHint(err error) string {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "name the file of the authority that has issued its certificate with -ca-file"
	}
	// So are alerts wrapped that the agent sends.
	if alert, ok := errors.AsType[*net.OpError](err); ok && alert.Op == "remote error" {
		return "where it asks for a certificate, name yours with -cert-file and -key-file"
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		return "write its address with http:// where it has no block tls"
	}
	return ""
}
