package api

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/config/eval"
)

// certificates are the files that the API is served with, as they were when
// they last made sense. They are compared at each handshake, which is cheap
// beside that, so that no change is missed and nothing has to be watched.
type certificates struct {
	files eval.TLS
	log   hclog.Logger

	mu     sync.Mutex
	seen   [][]byte // what the files held when they were last read
	config *tls.Config
}

// NewTLS returns a configuration for a server that presents the certificate in
// the files, and follows them. When they are changed to what can't be used the
// server goes on with what it had, and the log says so. An error says why the
// files can't be used to begin with.
func NewTLS(files eval.TLS, log hclog.Logger) (*tls.Config, error) {
	c := &certificates{files: files, log: log}
	contents, err := c.read()
	if err != nil {
		return nil, err
	}
	if c.config, err = c.parse(contents); err != nil {
		return nil, err
	}
	c.seen = contents
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return c.current(), nil },
	}, nil
}

// current returns the configuration of the files as they are now.
func (c *certificates) current() *tls.Config {
	c.mu.Lock()
	defer c.mu.Unlock()
	contents, err := c.read()
	if err != nil {
		contents = [][]byte{[]byte(err.Error())} // told once, as other contents are
	}
	if slices.EqualFunc(contents, c.seen, bytes.Equal) {
		return c.config
	}
	c.seen = contents
	var changed *tls.Config
	if err == nil {
		changed, err = c.parse(contents)
	}
	if err != nil {
		c.log.Error("the certificate of the API was not renewed; the one before is still presented", "error", err)
		return c.config
	}
	c.log.Info("the certificate of the API was renewed", "file", c.files.CertFile)
	c.config = changed
	return changed
}

// read returns what the files hold: of the certificate, its key, and where
// there is one the authority of clients.
func (c *certificates) read() ([][]byte, error) {
	var contents [][]byte
	for _, file := range []struct{ argument, path string }{
		{"cert_file", c.files.CertFile}, {"key_file", c.files.KeyFile}, {"client_ca_file", c.files.ClientCAFile},
	} {
		if file.path == "" {
			continue
		}
		content, err := os.ReadFile(file.path)
		if err != nil {
			return nil, fmt.Errorf("read %s of the tls block of the agent: %w", file.argument, err)
		}
		contents = append(contents, content)
	}
	return contents, nil
}

func (c *certificates) parse(contents [][]byte) (*tls.Config, error) {
	pair, err := tls.X509KeyPair(contents[0], contents[1])
	if err != nil {
		return nil, fmt.Errorf("%s and %s are no certificate in PEM with its key: %w", c.files.CertFile, c.files.KeyFile, err)
	}
	config := &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{pair},
		NextProtos:   []string{"h2", "http/1.1"},
		// A session that is taken up again would not see that an authority of
		// clients is gone.
		SessionTicketsDisabled: true,
	}
	if c.files.ClientCAFile == "" {
		return config, nil
	}
	config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	if !config.ClientCAs.AppendCertsFromPEM(contents[2]) {
		return nil, fmt.Errorf("%s holds no certificate of an authority in PEM", c.files.ClientCAFile)
	}
	return config, nil
}
