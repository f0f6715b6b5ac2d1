package vault

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"github.com/hashicorp/vault/api"
)

const (
	// maxResponse bounds the body of a response, in bytes. Vault itself takes
	// no value larger than a megabyte.
	maxResponse = 8 << 20

	minRetryWait = 250 * time.Millisecond
	maxRetryWait = time.Second
)

// connect returns a client of the library that shows a token, which may be
// empty. What the library takes from the process's environment is put aside.
func (c *Client) connect(token string) (*api.Client, error) {
	client, err := api.NewClient(&api.Config{
		Address:      c.config.Address,
		HttpClient:   c.http,
		MinRetryWait: minRetryWait,
		MaxRetryWait: maxRetryWait,
		MaxRetries:   c.config.Retries,
		Backoff:      retryablehttp.RateLimitLinearJitterBackoff,
	})
	if err != nil {
		return nil, fmt.Errorf("make a client of Vault: %s", c.clean(err.Error()))
	}
	client.SetHeaders(http.Header{api.RequestHeaderName: {"true"}})
	if c.config.Namespace != "" {
		client.SetNamespace(c.config.Namespace)
	}
	client.SetToken(token)
	return client, nil
}

// newHTTP returns the client for all requests. It follows no redirects by
// itself: the library follows one, and not to where there is no TLS.
func newHTTP(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     limited{transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func newTransport(config *TLS) (*http.Transport, error) {
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   8,
		ForceAttemptHTTP2:     true,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if config == nil {
		return transport, nil
	}
	transport.TLSClientConfig.ServerName = config.ServerName
	transport.TLSClientConfig.InsecureSkipVerify = config.InsecureSkipVerify
	if config.CAFile != "" {
		pem, err := os.ReadFile(config.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read the authorities that Vault's certificate is checked with: %w", err)
		}
		transport.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !transport.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read the authorities that Vault's certificate is checked with: %s holds no certificate in PEM form", config.CAFile)
		}
	}
	if config.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(config.CertFile, config.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("the pair of %s and %s can't be used as a client certificate: %w", config.CertFile, config.KeyFile, err)
		}
		transport.TLSClientConfig.Certificates = []tls.Certificate{pair}
	}
	return transport, nil
}

// limited bounds the bodies of responses.
type limited struct{ http.RoundTripper }

func (l limited) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := l.RoundTripper.RoundTrip(request)
	if err == nil {
		response.Body = http.MaxBytesReader(nil, response.Body, maxResponse)
	}
	return response, err
}

// isPlain reports whether an address leads over a network without TLS.
func isPlain(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())
}
