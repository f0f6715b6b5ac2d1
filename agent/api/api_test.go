package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/agent/webhook"
	"github.com/driftless-hq/driftless/internal/history"
)

// backend is an agent that answers as it is told.
type backend struct {
	notReady []string
	invalid  error
	left     time.Duration // what the last scrape had for its answer; 0: no limit
	hang     chan struct{}

	turnsAway error // what becomes of webhooks

	check      CheckState
	checkError error
	asked      []string // stacks

	approveError error // and what becomes of acknowledgements
	deployments  []Deployment
	approvals    []Approval
	acknowledged []Acknowledgement
	stacks       []Stack
	transitions  []history.Transition
}

func (b *backend) Status() Status {
	return Status{Version: "1.2.3", Blocks: []Block{{Address: "task.file.motd", Kind: "task", State: StateOK}}}
}

func (b *backend) Metrics(ctx context.Context) []byte {
	b.left = 0
	if deadline, ok := ctx.Deadline(); ok {
		b.left = time.Until(deadline)
	}
	if b.hang != nil {
		close(b.hang)
		<-ctx.Done()
	}
	return []byte("up 1\n")
}

func (b *backend) NotReady() []string { return b.notReady }

func (b *backend) Reload(context.Context) error { return b.invalid }

func (b *backend) Webhook(source string, _ http.Header, body io.Reader) (webhook.Outcome, error) {
	if source != "source.git.infra" {
		return "", webhook.ErrUnknown
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		return "", err
	}
	return webhook.Accepted, b.turnsAway
}

func (b *backend) Check(_ string, stacks ...string) (CheckState, error) {
	b.asked = stacks
	return b.check, b.checkError
}

func (b *backend) Approvals() []Approval { return b.approvals }

func (b *backend) Approve(id, by, reason string, lasts time.Duration) (Approval, error) {
	if b.approveError != nil {
		return Approval{}, b.approveError
	}
	return Approval{Task: "task.terraform.infra", Stack: "net", Remedy: history.Remedy{ID: id}, Granted: &Granted{By: by, Reason: reason, At: noon, Until: noon.Add(lasts)}}, nil
}

func (b *backend) Revoke(id, _ string) (Approval, error) {
	return Approval{Task: "task.terraform.infra", Stack: "net", Remedy: history.Remedy{ID: id}}, b.approveError
}

func (b *backend) Acknowledgements() []Acknowledgement { return b.acknowledged }

func (b *backend) Acknowledge(id, by, reason string, lasts time.Duration) ([]Acknowledgement, error) {
	return []Acknowledgement{{ID: id, Task: "task.terraform.infra", Stack: "net", Acknowledgement: history.Acknowledgement{By: by, Reason: reason, At: noon, Until: noon.Add(lasts)}}}, b.approveError
}

func (b *backend) Unacknowledge(string, string) ([]Acknowledgement, error) {
	return b.acknowledged, b.approveError
}

func (b *backend) Deployments() ([]Deployment, bool) { return b.deployments, b.deployments != nil }
func (b *backend) Stacks() []Stack                   { return b.stacks }

func (b *backend) History(isWanted func(history.Transition) bool, limit int) (found []history.Transition) {
	for _, t := range b.transitions {
		if isWanted(t) && len(found) < limit {
			found = append(found, t)
		}
	}
	return found
}

var _ Backend = (*backend)(nil)

// serve serves a backend on a free port until the test ends.
func serve(t *testing.T, b *backend) (*Server, string) {
	t.Helper()
	return serveWith(t, Options{Backend: b, Log: hclog.NewNullLogger()})
}

func serveWith(t *testing.T, o Options) (*Server, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.Now = func() time.Time { return noon }
	s := New(o)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		if err := errors.Join(s.Close(context.Background()), <-served); err != nil {
			t.Error(err)
		}
	})
	return s, l.Addr().String()
}

// ask makes a request with headers, of which Host is one, and returns the
// status and the body.
func ask(t *testing.T, method, url string, headers map[string]string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	request.Host = headers["Host"]
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// problemJSON is how a problem is written.
func problemJSON(title string, status int, detail string) string {
	return fmt.Sprintf("{\"title\":%q,\"status\":%d,\"detail\":%q}\n", title, status, detail)
}

func TestAnswers(t *testing.T) {
	waiting := &backend{notReady: []string{"a waits", "b waits"}, invalid: errors.New("line 3 is wrong")}
	for _, tt := range []struct {
		name         string
		backend      *backend
		method, path string
		headers      map[string]string
		code         int
		body         string
	}{
		{"an agent is healthy while it answers", waiting, "GET", "/-/healthy", nil, 200, "healthy\n"},
		{"it is ready", &backend{}, "GET", "/-/ready", nil, 200, "ready\n"},
		{"it is not ready and says why", waiting, "GET", "/-/ready", nil, 503, "a waits\nb waits\n"},
		{"it has metrics", &backend{}, "GET", "/metrics", nil, 200, "up 1\n"},
		{"it reloads", &backend{}, "POST", "/-/reload", nil, 200, "reloaded\n"},
		{"it can't reload and says why", waiting, "POST", "/-/reload", nil, 400, "line 3 is wrong\n"},
		{"a reload by GET, as a link would, is refused", &backend{}, "GET", "/-/reload", nil, 405, "Method Not Allowed\n"},
		{"a reload from a page of another site is refused", &backend{}, "POST", "/-/reload",
			map[string]string{"Sec-Fetch-Site": "cross-site"}, 403, "cross-origin request detected from Sec-Fetch-Site header\n"},
		{"so is one for a check, and a program is told why", &backend{}, "POST", "/v1/tasks/task.file.motd/check",
			map[string]string{"Sec-Fetch-Site": "cross-site"}, 403, problemJSON("Forbidden", 403, "cross-origin request detected from Sec-Fetch-Site header")},
		{"a name that was pointed at the loopback address is refused", &backend{}, "GET", "/v1/status",
			map[string]string{"Host": "evil.example:8000"}, 403, problemJSON("Forbidden", 403, "this address answers to localhost only")},
		{"localhost is a name of the loopback address", &backend{}, "GET", "/-/healthy", map[string]string{"Host": "LocalHost:8000"}, 200, "healthy\n"},
		{"so is its IPv6 address", &backend{}, "GET", "/-/healthy", map[string]string{"Host": "[::1]:8000"}, 200, "healthy\n"},
		{"an unknown path", &backend{}, "GET", "/v2", nil, 404, "404 page not found\n"},
		{"an unknown path among those for programs", &backend{}, "GET", "/v1/stati", nil, 404, problemJSON("Not Found", 404, "there is nothing at this path")},
		{"a wrong method there", &backend{}, "PUT", "/v1/status", nil, 405, problemJSON("Method Not Allowed", 405, "the methods at this path are GET, HEAD")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, address := serve(t, tt.backend)
			code, body := ask(t, tt.method, "http://"+address+tt.path, tt.headers)
			if code != tt.code || body != tt.body {
				t.Errorf("got %d %q, want %d %q", code, body, tt.code, tt.body)
			}
		})
	}
}

func TestTheStatusIsJSON(t *testing.T) {
	_, address := serve(t, &backend{})
	_, body := ask(t, "GET", "http://"+address+"/v1/status", nil)
	var s Status
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		t.Fatal(err)
	}
	if s.Version != "1.2.3" || len(s.Blocks) != 1 || s.Blocks[0].State != StateOK {
		t.Errorf("got %+v", s)
	}
	if strings.Contains(body, "findings") {
		t.Errorf("what isn't known is in it: %s", body)
	}
}

func TestAScrapeEndsBeforePrometheusGivesUp(t *testing.T) {
	b := &backend{}
	_, address := serve(t, b)
	for _, tt := range []struct {
		name, header string
		most         time.Duration // 0: no limit
	}{
		{"a limit of ten seconds", "10", 9500 * time.Millisecond},
		{"half of a limit that is shorter than the reserve", "0.6", 300 * time.Millisecond},
		{"no limit", "", 0},
		{"nonsense", "soon", 0},
		{"a negative limit", "-1", 0},
		{"not a number", "NaN", 0},
		{"a limit beyond what a duration can hold", "1e300", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ask(t, "GET", "http://"+address+"/metrics", map[string]string{"X-Prometheus-Scrape-Timeout-Seconds": tt.header})
			if b.left > tt.most || tt.most > 0 && b.left <= 0 {
				t.Errorf("the scrape had %s, want at most %s", b.left, tt.most)
			}
		})
	}
}

func TestCloseBreaksOffARequestThatHangs(t *testing.T) {
	b := &backend{hang: make(chan struct{})}
	s, address := serve(t, b)
	answered := make(chan error, 1)
	go func() {
		response, err := http.Get("http://" + address + "/metrics")
		if err == nil {
			response.Body.Close()
		}
		answered <- err
	}()
	<-b.hang
	began := time.Now()
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 2*closeTimeout {
		t.Errorf("it took %s to close", took)
	}
	if err := <-answered; err == nil {
		t.Error("the request that hung was answered")
	}
}
