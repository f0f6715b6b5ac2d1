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

	"github.com/driftless-hq/driftless/agent/approval"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/history"
)

func TestAnswersToApprovals(t *testing.T) {
	waiting := &backend{approvals: []Approval{{Task: "task.terraform.infra", Stack: "net", Remedy: history.Remedy{State: "awaiting_approval", ID: "1f"}}}}
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
		{"those that await one are listed", waiting, eval.Viewer, "GET", "", "", 200, `"id": "1f"`},
		{"where there are none the list is empty", &backend{}, eval.Viewer, "GET", "", "", 200, `"approvals": []`},
		{"a viewer approves of nothing", waiting, eval.Viewer, "POST", "", `{"id":"1f"}`, 403, "this needs the role operator"},
		{"nor takes anything back", waiting, eval.Viewer, "DELETE", "/1f", "", 403, "this needs the role operator"},
		{"an operator does", waiting, eval.Operator, "POST", "", `{"id":"1f","reason":"it is right"}`, 202, `"by": "the operator"`},
		{"for a day", waiting, eval.Operator, "POST", "", `{"id":"1f"}`, 202, noon.Add(24 * time.Hour).Format(time.RFC3339)},
		{"or as long as is said", waiting, eval.Operator, "POST", "", `{"id":"1f","lasts":"2h"}`, 202, noon.Add(2 * time.Hour).Format(time.RFC3339)},
		{"but not for ever", waiting, eval.Operator, "POST", "", `{"id":"1f","lasts":"8d"}`, 400, "of 7d at most"},
		{"or no time at all", waiting, eval.Operator, "POST", "", `{"id":"1f","lasts":"0s"}`, 400, "of 7d at most"},
		{"a time that is none", waiting, eval.Operator, "POST", "", `{"id":"1f","lasts":"long"}`, 400, "write a duration such as 2h"},
		{"no id", waiting, eval.Operator, "POST", "", `{}`, 400, "id is missing"},
		{"what nobody knows", waiting, eval.Operator, "POST", "", `{"id":"1f","stack":"net"}`, 400, "write it as in"},
		{"more than one", waiting, eval.Operator, "POST", "", `{"id":"1f"}{"id":"2f"}`, 400, "there is more behind it"},
		{"no JSON", waiting, eval.Operator, "POST", "", `id=1f`, 400, "write it as in"},
		{"too much", waiting, eval.Operator, "POST", "", `{"id":"` + strings.Repeat("1", maxGrantBody) + `"}`, 400, "too large"},
		{"a reason that is too long", waiting, eval.Operator, "POST", "", `{"id":"1f","reason":"` + strings.Repeat("x", MaxGrantReason+1) + `"}`, 400, "reason is too long"},
		{"what nobody awaits", because(fmt.Errorf("%w as 1f", ErrNotAwaited)), eval.Operator, "POST", "", `{"id":"1f"}`, 404, "no remedy awaits that approval as 1f"},
		{"what is approved already", because(approval.ErrGranted), eval.Operator, "POST", "", `{"id":"1f"}`, 409, "approved already"},
		{"a task that is off", because(ErrTaskOff), eval.Operator, "POST", "", `{"id":"1f"}`, 409, "the task is off"},
		{"a disk that is full", because(errors.New("no account could be kept")), eval.Operator, "POST", "", `{"id":"1f"}`, 500, "no account could be kept"},
		{"it is taken back", waiting, eval.Operator, "DELETE", "/1f", "", 200, `"id": "1f"`},
		{"what there isn't is not", because(approval.ErrNone), eval.Operator, "DELETE", "/1f", "", 404, "there is no such approval"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, address := serveWith(t, Options{Backend: tt.backend, Log: hclog.NewNullLogger(), Tokens: threeTokens})
			request, err := http.NewRequestWithContext(t.Context(), tt.method, "http://"+address+"/v1/approvals"+tt.path, strings.NewReader(tt.body))
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

func TestWithoutTokensNobodyApproves(t *testing.T) {
	_, address := serve(t, &backend{})
	for method, path := range map[string]string{"POST": "/v1/approvals", "DELETE": "/v1/approvals/1f"} {
		if code, body := ask(t, method, "http://"+address+path, nil); code != http.StatusForbidden || !strings.Contains(body, "block auth") {
			t.Errorf("%s: got %d %s", method, code, body)
		}
	}
	if code, _ := ask(t, "GET", "http://"+address+"/v1/approvals", nil); code != http.StatusOK {
		t.Errorf("to read them: got %d", code)
	}
}

func FuzzTheBodyOfAGrant(f *testing.F) {
	f.Add(`{"id":"0123456789abcdef","reason":"it is right","lasts":"2h"}`)
	f.Add(`{"id":"a"} {}`)
	f.Add(`[null]`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, terms := range []terms{approvalTerms, acknowledgementTerms} {
			request, lasts, err := terms.read(strings.NewReader(body))
			if err == nil && (len(request.ID) < max(1, terms.shortest) || len(request.Reason) > MaxGrantReason || lasts <= 0 || lasts > time.Duration(terms.days)*24*time.Hour) {
				t.Errorf("%q was taken for %+v, for %s", body, request, lasts)
			}
		}
	})
}
