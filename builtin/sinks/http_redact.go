package sinks

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// minSecret is the length below which a value is not taken for a secret: to
// blot out every "1" of a text would only make it unreadable.
const minSecret = 4

func (c *basicConfig) encoded() string {
	return base64.StdEncoding.EncodeToString([]byte(c.Username + ":" + c.Password))
}

// redactor blots out what the sink sends in confidence, should a server's
// answer repeat it.
type redactor struct {
	secrets []string // the longest first
}

func newRedactor(cfg httpConfig, u *url.URL) redactor {
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
			secrets = append(secrets, auth.Basic.Password, auth.Basic.encoded())
		}
		if auth.Bearer != nil {
			secrets = append(secrets, auth.Bearer.Token)
		}
		if auth.APIKey != nil {
			secrets = append(secrets, auth.APIKey.Value)
		}
	}
	secrets = slices.DeleteFunc(secrets, func(s string) bool { return len(s) < minSecret })
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return redactor{secrets: secrets}
}

// excerpt returns the beginning of a text from outside, quoted, so that it can
// neither show a secret nor steer a terminal.
func (r redactor) excerpt(text []byte) string {
	for _, secret := range r.secrets {
		text = bytes.ReplaceAll(text, []byte(secret), []byte("(sensitive value)"))
	}
	return strconv.Quote(string(text[:min(len(text), maxExcerpt)]))
}
