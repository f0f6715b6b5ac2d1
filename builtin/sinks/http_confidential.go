package sinks

import (
	"net/url"
	"strconv"
	"strings"
)

// confidential returns what the sink sends in confidence, which a server's
// answer may repeat.
func confidential(cfg httpConfig, u *url.URL) []string {
	secrets := []string{u.RawQuery}
	for _, values := range u.Query() {
		secrets = append(secrets, values...)
	}
	for _, value := range cfg.Headers {
		secrets = append(secrets, value)
		secrets = append(secrets, strings.Fields(value)...)
	}
	if auth := cfg.Auth; auth != nil {
		if auth.Basic != nil {
			secrets = append(secrets, auth.Basic.Password, auth.Basic.pair())
		}
		if auth.Bearer != nil {
			secrets = append(secrets, auth.Bearer.Token)
		}
		if auth.APIKey != nil {
			secrets = append(secrets, auth.APIKey.Value)
		}
	}
	return secrets
}

// pair is what the scheme Basic encodes.
func (c *basicConfig) pair() string { return c.Username + ":" + c.Password }

// excerpt returns the beginning of a text from outside, quoted, so that it can
// neither show a secret nor steer a terminal.
func (s *httpSink) excerpt(text []byte) string {
	text = s.hidden.Bytes(text)
	return strconv.Quote(string(text[:min(len(text), maxExcerpt)]))
}
