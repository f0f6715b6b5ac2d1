package sinks

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/driftless-hq/driftless/plugin"
)

const (
	maxBodyBytes  = 64 << 10    // read of a response, so that the connection can be used again
	maxBodyTime   = time.Second // spent on the body of a response
	maxExcerpt    = 512         // bytes of a body shown in an error
	maxRetryAfter = 5 * time.Minute
)

// verdict says what became of a batch: nil when it was delivered, an error
// that is permanent when sending the same again can't help.
func (s *httpSink) verdict(resp *http.Response, body []byte) error {
	switch code := resp.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		return s.later(resp, body)
	case code >= 300 && code < 400:
		return plugin.Permanent(s.redirected(resp))
	default:
		return plugin.Permanent(s.refused(resp, body))
	}
}

// later is the error of a server that can't take the batch now.
func (s *httpSink) later(resp *http.Response, body []byte) error {
	err := s.refused(resp, body)
	if wait := retryAfter(resp.Header.Get("Retry-After"), s.now()); wait > 0 {
		return retryAfterError{err, wait}
	}
	return err
}

func (s *httpSink) refused(resp *http.Response, body []byte) error {
	if len(body) == 0 {
		return fmt.Errorf("the server answered %s", status(resp))
	}
	return fmt.Errorf("the server answered %s: %s", status(resp), s.excerpt(body))
}

func (s *httpSink) redirected(resp *http.Response) error {
	location, err := resp.Location()
	if err != nil {
		return fmt.Errorf("the server answered %s without saying where to go: check the url", status(resp))
	}
	return fmt.Errorf("the server answered %s and points to %s; redirects are not followed, because the events and credentials would go to whom the server names: if that is right, set it as the url",
		status(resp), s.excerpt([]byte(publicURL(location))))
}

// status is made of the number alone, because the server chooses the text.
func status(resp *http.Response) string {
	if text := http.StatusText(resp.StatusCode); text != "" {
		return strconv.Itoa(resp.StatusCode) + " " + text
	}
	return strconv.Itoa(resp.StatusCode)
}

// publicURL is a URL without the parts that may be secret.
func publicURL(u *url.URL) string {
	public := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return public.String()
}

// retryAfter reads a number of seconds or an HTTP date. What can't be read,
// or lies in the past, is no time at all.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 63); err == nil {
		return time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}

// retryAfterError is an error that says when to try again.
type retryAfterError struct {
	error
	wait time.Duration
}

// RetryAfter is how long to wait before the batch is written again.
func (e retryAfterError) RetryAfter() time.Duration { return e.wait }

func (e retryAfterError) Unwrap() error { return e.error }
