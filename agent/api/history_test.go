package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/internal/plan"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func drifting() *backend {
	b := &backend{}
	for i, name := range []string{"", "envs/prod/network", "web@blue"} {
		subject := history.Subject{Task: "task.terraform.infra[\"a\"]", Name: name}
		verdict := []string{"clean", "drifted", "drifted"}[i]
		b.stacks = append(b.stacks, Stack{State: history.State{Subject: subject, Verdict: verdict, Found: history.Found{Diff: "-a\n", Resources: []plan.EntryRecord{{Name: "x"}}}}})
		b.transitions = append(b.transitions, history.Transition{ID: int64(i), At: noon.Add(-time.Duration(i) * time.Hour), Subject: subject, Event: history.Events()[i]})
	}
	return b
}

func TestStacksAndHistoryAreAskedForInParts(t *testing.T) {
	_, address := serve(t, drifting())
	const task = "task=task.terraform.infra%5B%22a%22%5D"
	for _, tt := range []struct{ name, path, want string }{
		{"all stacks, without what differs", "/v1/stacks", "0- 1-envs/prod/network 2-web@blue"},
		{"with what differs", "/v1/stacks?resources=true", "0-+ 1-envs/prod/network+ 2-web@blue+"},
		{"those of a verdict", "/v1/stacks?verdict=drifted", "1-envs/prod/network 2-web@blue"},
		{"those of a task", "/v1/stacks?" + task + "&verdict=clean", "0-"},
		{"those of a task that there isn't", "/v1/stacks?task=x", ""},
		{"a stack, with what differs", "/v1/stacks/task.terraform.infra%5B%22a%22%5D/envs/prod/network", "1-envs/prod/network+"},
		{"a task", "/v1/stacks/task.terraform.infra%5B%22a%22%5D", "0-+"},
		{"all history", "/v1/history", "0- 1-envs/prod/network 2-web@blue"},
		{"of a stack", "/v1/history?stack=web@blue", "2-web@blue"},
		{"of a task itself", "/v1/history?stack=&" + task, "0-"},
		{"of an event", "/v1/history?event=changed", "1-envs/prod/network"},
		{"of the last time", "/v1/history?since=90m", "0- 1-envs/prod/network"},
		{"since a time", "/v1/history?since=2026-01-02T12:00:00Z", "0-"},
		{"the newest", "/v1/history?limit=1", "0-"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, body := ask(t, "GET", "http://"+address+tt.path, nil)
			if code != http.StatusOK {
				t.Fatalf("%d: %s", code, body)
			}
			if diff := cmp.Diff(tt.want, answered(t, body)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// answered names what an answer tells of, with its place in the test, and a +
// where it has what differs.
func answered(t *testing.T, body string) string {
	t.Helper()
	var answer struct {
		Stacks
		History
		Stack
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	var names []string
	add := func(name string, hasMore bool) {
		at := map[string]int{"": 0, "envs/prod/network": 1, "web@blue": 2}[name]
		text := fmt.Sprintf("%d-%s", at, name)
		if hasMore {
			text += "+"
		}
		names = append(names, text)
	}
	for _, s := range answer.Stacks.Stacks {
		add(s.Name, len(s.Resources) > 0 && s.Diff != "")
	}
	for _, transition := range answer.Transitions {
		add(transition.Name, false)
	}
	if answer.Stack.Task != "" {
		add(answer.Name, len(answer.Resources) > 0)
	}
	return strings.Join(names, " ")
}

func TestWhatCantBeAnsweredIsSaid(t *testing.T) {
	_, address := serve(t, drifting())
	for _, tt := range []struct {
		name, path string
		code       int
		want       string
	}{
		{"an unknown parameter", "/v1/stacks?verdcit=x", 400, `there is no parameter \"verdcit\"`},
		{"a query that is none", "/v1/stacks?%zz", 400, "the query can't be read"},
		{"resources that are no bool", "/v1/stacks?resources=many", 400, "write true or false"},
		{"an unknown event", "/v1/history?event=old", 400, "there are [new changed resolved"},
		{"a time that is none", "/v1/history?since=yesterday", 400, "write a duration such as 24h"},
		{"too many", "/v1/history?limit=1000000", 400, "write a number from 1 to 10000"},
		{"a stack that there isn't", "/v1/stacks/task.terraform.infra/x", 404, "/v1/stacks lists all"},
		{"a change", "/v1/history", 405, "Method Not Allowed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			method := "GET"
			if tt.code == http.StatusMethodNotAllowed {
				method = "POST"
			}
			code, body := ask(t, method, "http://"+address+tt.path, nil)
			if code != tt.code || !strings.Contains(body, tt.want) {
				t.Errorf("got %d %q, want %d %q", code, body, tt.code, tt.want)
			}
		})
	}
}

func TestTheClientAsksForAll(t *testing.T) {
	_, address := serve(t, drifting())
	client, err := NewClient(ClientOptions{Address: address})
	if err != nil {
		t.Fatal(err)
	}
	stacks, err := client.Stacks(t.Context())
	if err != nil || len(stacks.Stacks) != 3 || len(stacks.Stacks[0].Resources) != 1 {
		t.Errorf("got %+v, %v", stacks, err)
	}
	past, err := client.History(t.Context(), nil)
	if err != nil || len(past.Transitions) != 3 {
		t.Errorf("got %+v, %v", past, err)
	}
}
