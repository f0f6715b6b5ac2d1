package sinks

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/plugin"
)

func TestHTTPTellsWhatCanBeRetried(t *testing.T) {
	tests := map[string]struct {
		answer    http.HandlerFunc
		permanent bool
		wait      time.Duration
		want      string // in the error; empty is success
	}{
		"200":                            {answer(200), false, 0, ""},
		"204":                            {answer(204), false, 0, ""},
		"400 shows what the server says": {say(400, "no such\tindex\x1b[31m"), true, 0, `400 Bad Request: "no such\tindex\x1b[31m"`},
		"401":                            {answer(401), true, 0, "401 Unauthorized"},
		"404":                            {answer(404), true, 0, "404 Not Found"},
		"408":                            {answer(408), false, 0, "408 Request Timeout"},
		"413":                            {answer(413), true, 0, "413 Request Entity Too Large"},
		"425":                            {answer(425), false, 0, "425 Too Early"},
		"429":                            {answer(429), false, 0, "429 Too Many Requests"},
		"429 with seconds":               {say(429, "", "Retry-After", "7"), false, 7 * time.Second, "429"},
		"503 with a date":                {say(503, "", "Retry-After", at.Add(90*time.Second).Format(http.TimeFormat)), false, 90 * time.Second, "503"},
		"503 with a date in the past":    {say(503, "", "Retry-After", at.Add(-time.Hour).Format(http.TimeFormat)), false, 0, "503"},
		"503 with too long a time":       {say(503, "", "Retry-After", "86400"), false, 5 * time.Minute, "503"},
		"503 with nonsense":              {say(503, "", "Retry-After", "-soon"), false, 0, "503"},
		"500 shows what the server says": {say(500, "out of disk"), false, 0, `500 Internal Server Error: "out of disk"`},
		"599":                            {answer(599), false, 0, "answered 599"},
		"304":                            {answer(304), true, 0, "304 Not Modified without saying where to go"},
		"302 is not followed":            {say(302, "", "Location", "https://login.example.com/start?session=geheim#x"), true, 0, "https://login.example.com/start\""},
		"308 to a relative location":     {say(308, "", "Location", "/v2"), true, 0, "/v2\"; redirects are not followed"},
		"reset before an answer":         {reset(""), false, 0, "sending 1 events to http://127.0.0.1"},
		"reset within the status":        {reset("HTTP/1.1 20"), false, 0, "sending 1 events to"},
		"reset within the body of a 200": {reset("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), false, 0, ""},
		"reset within the body of a 500": {reset("HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\nhalf"), false, 0, `500 Internal Server Error: "half"`},
		"not HTTP at all":                {reset("220 smtp ready\r\n"), false, 0, "malformed HTTP"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, url := serve(t, tt.answer)
			err := newWorld().open(t, "http", body{"url": url}).Write(t.Context(), lines("x"))
			if tt.want == "" {
				if err != nil {
					t.Errorf("got %v, want success", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want an error with %s", err, tt.want)
			}
			if plugin.IsPermanent(err) != tt.permanent {
				t.Errorf("permanent is %v: %v", plugin.IsPermanent(err), err)
			}
			if wait := waitOf(err); wait != tt.wait {
				t.Errorf("the error asks to wait %s, want %s", wait, tt.wait)
			}
		})
	}
}

// waitOf finds the time to wait as the core does.
func waitOf(err error) time.Duration {
	var later interface{ RetryAfter() time.Duration }
	if errors.As(err, &later) {
		return later.RetryAfter()
	}
	return 0
}

func TestHTTPDoesNotFollowRedirects(t *testing.T) {
	other, otherURL := serve(t, answer(http.StatusOK))
	_, url := serve(t, say(http.StatusTemporaryRedirect, "", "Location", otherURL))
	if err := newWorld().open(t, "http", body{"url": url}).Write(t.Context(), lines("x")); err == nil {
		t.Error("the redirect was taken for success")
	}
	if n := len(other.requests()); n != 0 {
		t.Error("the redirect was followed")
	}
}

func TestHTTPGivesUpWhenItsTimeIsUp(t *testing.T) {
	arrived := make(chan struct{}, 1)
	_, url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		hang(w, r)
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	sink := newWorld().open(t, "http", body{"url": url})
	done := make(chan error, 1)
	go func() { done <- sink.Write(ctx, lines("x")) }()
	<-arrived
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || plugin.IsPermanent(err) {
		t.Errorf("got %v, want %v, to be retried", err, context.Canceled)
	}
}

// TestHTTPDoesNotWaitForABodyThatTricklesIn takes as long as the sink gives
// the body of an answer whose status is there already.
func TestHTTPDoesNotWaitForABodyThatTricklesIn(t *testing.T) {
	_, url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		http.NewResponseController(w).Flush()
		hang(w, r)
	}, answer(http.StatusOK))
	sink := newWorld().open(t, "http", body{"url": url})
	write(t, sink, lines("one"))
	write(t, sink, lines("two"))
}

func TestHTTPReadsNoMoreOfAnAnswerThanItNeeds(t *testing.T) {
	_, url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		chunk := bytes.Repeat([]byte("x"), 64<<10)
		for r.Context().Err() == nil {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	err := newWorld().open(t, "http", body{"url": url}).Write(t.Context(), lines("x"))
	if !plugin.IsPermanent(err) || strings.Count(err.Error(), "x") > maxExcerpt+10 {
		t.Errorf("got %d bytes: %.100v", len(err.Error()), err)
	}
}

func TestHTTPCanRetryWhatIsNotListening(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	err = newWorld().open(t, "http", body{"url": "http://" + listener.Addr().String()}).Write(t.Context(), lines("x"))
	if err == nil || plugin.IsPermanent(err) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got %v, want a refused connection, to be retried", err)
	}
}

// TestHTTPKeepsSecretsOutOfErrors has a server that repeats all it is sent.
func TestHTTPKeepsSecretsOutOfErrors(t *testing.T) {
	echo := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", r.URL.String())
			w.WriteHeader(code)
			io.WriteString(w, r.URL.String()+" ")
			r.Header.Write(w)
		}
	}
	auth := map[string]body{
		"basic":   {"basic": body{"username": "ann", "password": "S3CRET-password"}},
		"bearer":  {"bearer": body{"token": "S3CRET-token"}},
		"api key": {"api_key": body{"header": "X-Key", "value": "S3CRET-key"}},
	}
	for name, block := range auth {
		for how, answer := range map[string]http.HandlerFunc{"400": echo(400), "500": echo(500), "302": echo(302), "reset": reset("")} {
			t.Run(name+", "+how, func(t *testing.T) {
				_, url := serve(t, answer)
				given := body{"url": url + "/in?token=S3CRET-query", "auth": block, "headers": map[string]string{"X-More": "Key S3CRET-header"}}
				err := newWorld().open(t, "http", given).Write(t.Context(), lines("x"))
				if err == nil {
					t.Fatal("the write was accepted")
				}
				encoded := "YW5uOlMzQ1JFVC1wYXNzd29yZA=="
				if strings.Contains(err.Error(), "S3CRET") || strings.Contains(err.Error(), encoded) {
					t.Errorf("a secret is in the error: %v", err)
				}
			})
		}
	}
}

func FuzzRetryAfterIsNeverNegativeNorTooLong(f *testing.F) {
	for _, value := range []string{"", "0", "7", "-1", "99999999999999999999", "Wed, 21 Oct 2015 07:28:00 GMT", "soon"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if wait := retryAfter(value, at); wait < 0 || wait > maxRetryAfter {
			t.Errorf("%q makes %s", value, wait)
		}
	})
}
