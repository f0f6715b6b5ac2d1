package sinks

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// httpSink sends each batch as one request.
type httpSink struct {
	client   *http.Client
	method   string
	url      *url.URL
	header   http.Header
	host     string // the header Host, where it isn't the URL's
	encode   encoder
	compress *compressor
	hidden   *redact.Redactor
	now      func() time.Time
	buf      []byte // reused from batch to batch
}

func newHTTPSink(cfg httpConfig, encode encoder, compress *compressor, security *tls.Config, now func() time.Time) (*httpSink, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, errors.New("the URL can't be read")
	}
	header := newHeader(cfg, compress.name)
	s := &httpSink{
		client:   newClient(security),
		method:   cfg.Method,
		url:      u,
		header:   header,
		host:     header.Get("Host"),
		encode:   encode,
		compress: compress,
		hidden:   redact.New(confidential(cfg, u)...),
		now:      now,
	}
	header.Del("Host")
	return s, nil
}

// newClient returns a client that keeps one connection, for a sink sends one
// request at a time, and hands redirects to the caller.
func newClient(security *tls.Config) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               proxy,
			DialContext:         dialer.DialContext,
			TLSClientConfig:     security,
			TLSHandshakeTimeout: 10 * time.Second,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: 1,
			IdleConnTimeout:     90 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// proxy leaves out the address that can't be read, for it may hold a password.
func proxy(req *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(req)
	if err != nil {
		return nil, errors.New("the address of the proxy in the environment can't be read: check HTTP_PROXY and HTTPS_PROXY")
	}
	return u, nil
}

func newHeader(cfg httpConfig, coding string) http.Header {
	h := http.Header{}
	h.Set("User-Agent", "driftless")
	h.Set("Content-Type", contentType(cfg.Format))
	if coding != "" {
		h.Set("Content-Encoding", coding)
	}
	for name, value := range cfg.Headers {
		h.Set(name, value)
	}
	if cfg.Auth == nil {
		return h
	}
	switch auth := cfg.Auth; {
	case auth.Basic != nil:
		h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(auth.Basic.pair())))
	case auth.Bearer != nil:
		h.Set("Authorization", "Bearer "+auth.Bearer.Token)
	case auth.APIKey != nil:
		h.Set(auth.APIKey.Header, auth.APIKey.Value)
	}
	return h
}

// Write implements [plugin.Sink].
func (s *httpSink) Write(ctx context.Context, batch *event.Batch) error {
	if batch.Len() == 0 {
		return nil
	}
	if err := s.send(ctx, batch); err != nil {
		return fmt.Errorf("sending %d events to %s: %w", batch.Len(), publicURL(s.url), err)
	}
	return nil
}

func (s *httpSink) send(ctx context.Context, batch *event.Batch) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := s.request(ctx, batch)
	if err != nil {
		return plugin.Permanent(err)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return s.transportError(err)
	}
	defer resp.Body.Close() // what matters of it was read

	// The status has decided by now; a body that trickles in must not hold
	// up the next batch.
	timer := time.AfterFunc(maxBodyTime, cancel)
	defer timer.Stop()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxBodyBytes))
	return s.verdict(resp, body)
}

func (s *httpSink) request(ctx context.Context, batch *event.Batch) (*http.Request, error) {
	s.buf = s.encode.appendBody(s.buf[:0], batch)
	body, err := s.compress.compress(s.buf)
	if err != nil {
		return nil, fmt.Errorf("compressing the body: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, s.method, s.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = s.header.Clone()
	req.Host = s.host
	if req.Header.Get("Idempotency-Key") == "" {
		key := sha256.Sum256(s.buf)
		req.Header.Set("Idempotency-Key", hex.EncodeToString(key[:]))
	}
	return req, nil
}

// transportError leaves out the URL that net/http puts into its errors, for
// its query may hold a key.
func (s *httpSink) transportError(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("the server's certificate is not trusted: %w; give the authority that signed it as tls.ca_file", err)
	}
	return err
}

// Close implements [plugin.Sink].
func (s *httpSink) Close(context.Context) error {
	s.client.CloseIdleConnections()
	return nil
}

var _ plugin.Sink = (*httpSink)(nil)
