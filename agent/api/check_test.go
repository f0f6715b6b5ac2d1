package api

import (
	"errors"
	"fmt"
	"testing"
)

func TestAnswersToACheck(t *testing.T) {
	const path = "/v1/tasks/task.file.motd/check"
	for _, tt := range []struct {
		name         string
		backend      *backend
		method, path string
		code         int
		body         string
	}{
		{"it is started", &backend{check: CheckStarted}, "POST", path, 202, "{\n  \"task\": \"task.file.motd\",\n  \"state\": \"started\"\n}\n"},
		{"it is joined", &backend{check: CheckJoined}, "POST", path, 202, "{\n  \"task\": \"task.file.motd\",\n  \"state\": \"joined\"\n}\n"},
		{"an instance has a key, in which anything can be", &backend{check: CheckStarted}, "POST", "/v1/tasks/task.file.motd%5B%22a%2Fb%22%5D/check", 202,
			"{\n  \"task\": \"task.file.motd[\\\"a/b\\\"]\",\n  \"state\": \"started\"\n}\n"},
		{"some stacks", &backend{check: CheckStarted}, "POST", path + "?stack=a&stack=b/c", 202,
			"{\n  \"task\": \"task.file.motd\",\n  \"stacks\": [\n    \"a\",\n    \"b/c\"\n  ],\n  \"state\": \"started\"\n}\n"},
		{"a stack that isn't there", &backend{checkError: fmt.Errorf("%w as a", ErrUnknownStack)}, "POST", path + "?stack=a", 404,
			problemJSON("Not Found", 404, "there is no such stack as a")},
		{"a parameter that nobody knows", &backend{}, "POST", path + "?stak=a", 400, problemJSON("Bad Request", 400, `there is no parameter "stak"; there are [stack]`)},
		{"a task that isn't there", &backend{checkError: fmt.Errorf("%w as task.file.mot; did you mean task.file.motd?", ErrUnknownTask)}, "POST", path, 404,
			problemJSON("Not Found", 404, "there is no such task as task.file.mot; did you mean task.file.motd?")},
		{"a task that is off", &backend{checkError: ErrTaskOff}, "POST", path, 409, problemJSON("Conflict", 409, "the task is off")},
		{"an agent that is starting", &backend{checkError: ErrStarting}, "POST", path, 503, problemJSON("Service Unavailable", 503, "the agent is starting")},
		{"anything else", &backend{checkError: errors.New("no")}, "POST", path, 500, problemJSON("Internal Server Error", 500, "no")},
		{"a link causes none", &backend{}, "GET", path, 405, problemJSON("Method Not Allowed", 405, "the methods at this path are POST")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, address := serve(t, tt.backend)
			code, body := ask(t, tt.method, "http://"+address+tt.path, nil)
			if code != tt.code || body != tt.body {
				t.Errorf("got %d %q, want %d %q", code, body, tt.code, tt.body)
			}
		})
	}
}
