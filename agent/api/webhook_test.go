package api

import (
	"bytes"
	"errors"
	"net/http"
	"testing"

	"github.com/driftless-hq/driftless/agent/webhook"
)

func TestWebhooks(t *testing.T) {
	for _, tt := range []struct {
		name    string
		path    string
		host    string
		size    int
		outcome error
		code    int
	}{
		{"one that is authentic", "source.git.infra", "", 10, nil, 202},
		{"through a proxy, under its name", "source.git.infra", "hooks.example.com", 10, nil, 202},
		{"a source that isn't there", "source.git.other", "", 10, nil, 404},
		{"nobody can tell what else is served to the name of a proxy", "../status", "hooks.example.com", 10, nil, 403},
		{"one that is not authentic", "source.git.infra", "", 10, webhook.ErrUnauthorized, 401},
		{"too many", "source.git.infra", "", 10, webhook.ErrTooMany, 429},
		{"one that breaks off", "source.git.infra", "", 10, errors.New("broken"), 400},
		{"one that is too large", "source.git.infra", "", maxWebhook + 1, nil, 413},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, address := serve(t, &backend{turnsAway: tt.outcome})
			request, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+address+webhookPath+tt.path, bytes.NewReader(make([]byte, tt.size)))
			if err != nil {
				t.Fatal(err)
			}
			request.Host = tt.host
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != tt.code {
				t.Errorf("got %s, want %d", response.Status, tt.code)
			}
			if wait := response.Header.Get("Retry-After"); (wait != "") != (tt.code == 429) {
				t.Errorf("Retry-After is %q", wait)
			}
		})
	}
}
