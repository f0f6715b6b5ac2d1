package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/history"
)

func TestAnswersToAcknowledgements(t *testing.T) {
	const id = "0123456789abcdef"
	known := &backend{acknowledged: []Acknowledgement{{ID: id, Task: "task.terraform.infra", Stack: "net", Acknowledgement: history.Acknowledgement{By: "on-call"}}}}
	because := func(err error) *backend { return &backend{approveError: err} }
	for _, tt := range []struct {
		name         string
		backend      *backend
		role         eval.Role
		method, path string
		body         string
		code         int
		want         string // a part of the answer
	}{
		{"those that there are are listed", known, eval.Viewer, "GET", "", "", 200, `"by": "on-call"`},
		{"where there are none the list is empty", &backend{}, eval.Viewer, "GET", "", "", 200, `"acknowledgements": []`},
		{"a viewer acknowledges nothing", known, eval.Viewer, "POST", "", `{"id":"01234567","reason":"x"}`, 403, "this needs the role operator"},
		{"nor takes anything back", known, eval.Viewer, "DELETE", "/01234567", "", 403, "this needs the role operator"},
		{"an operator does", known, eval.Operator, "POST", "", `{"id":"01234567","reason":"we wait"}`, 200, `"by": "the operator"`},
		{"for a week", known, eval.Operator, "POST", "", `{"id":"01234567","reason":"x"}`, 200, noon.Add(7 * 24 * time.Hour).Format(time.RFC3339)},
		{"or as long as is said", known, eval.Operator, "POST", "", `{"id":"01234567","reason":"x","lasts":"90d"}`, 200, noon.Add(90 * 24 * time.Hour).Format(time.RFC3339)},
		{"but not for ever", known, eval.Operator, "POST", "", `{"id":"01234567","reason":"x","lasts":"91d"}`, 400, "such as 7d, of 90d at most"},
		{"no reason", known, eval.Operator, "POST", "", `{"id":"01234567"}`, 400, "reason is missing"},
		{"a blank for a reason", known, eval.Operator, "POST", "", `{"id":"01234567","reason":"  "}`, 400, "reason is missing"},
		{"a reason that drives terminals", known, eval.Operator, "POST", "", `{"id":"01234567","reason":"a\u001b[31m"}`, 400, "write it on one line"},
		{"no id", known, eval.Operator, "POST", "", `{"reason":"x"}`, 400, "the fingerprint of a drift"},
		{"too little of an id", known, eval.Operator, "POST", "", `{"id":"0123456","reason":"x"}`, 400, "write 8 characters"},
		{"what nobody knows", known, eval.Operator, "POST", "", `{"id":"01234567","reason":"x","stack":"net"}`, 400, "write it as in"},
		{"a drift that there isn't", because(fmt.Errorf("%w as 01234567", ErrNoDrift)), eval.Operator, "POST", "", `{"id":"01234567","reason":"x"}`, 404, "there is no such drift as 01234567"},
		{"an id of several", because(ErrAmbiguous), eval.Operator, "POST", "", `{"id":"01234567","reason":"x"}`, 409, "more than one"},
		{"an agent that is starting", because(ErrStarting), eval.Operator, "POST", "", `{"id":"01234567","reason":"x"}`, 503, "starting"},
		{"a disk that is full", because(errors.New("no account could be kept")), eval.Operator, "POST", "", `{"id":"01234567","reason":"x"}`, 500, "no account could be kept"},
		{"it is taken back", known, eval.Operator, "DELETE", "/01234567", "", 200, id},
		{"what isn't acknowledged is not", because(ErrNotAcknowledged), eval.Operator, "DELETE", "/01234567", "", 404, "no drift is acknowledged"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, address := serveWith(t, Options{Backend: tt.backend, Log: hclog.NewNullLogger(), Tokens: threeTokens})
			request, err := http.NewRequestWithContext(t.Context(), tt.method, "http://"+address+"/v1/acknowledgements"+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer "+secretOf(tt.role))
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != tt.code || !strings.Contains(string(body), tt.want) {
				t.Errorf("got %d %s %v, want %d and in it %s", response.StatusCode, body, err, tt.code, tt.want)
			}
		})
	}
}

func TestWithoutTokensNobodyAcknowledges(t *testing.T) {
	_, address := serve(t, &backend{})
	for method, path := range map[string]string{"POST": "/v1/acknowledgements", "DELETE": "/v1/acknowledgements/01234567"} {
		if code, body := ask(t, method, "http://"+address+path, nil); code != http.StatusForbidden || !strings.Contains(body, "block auth") {
			t.Errorf("%s: got %d %s", method, code, body)
		}
	}
}
