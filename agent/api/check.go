package api

import (
	"encoding/json"
	"errors"
	"net/http"
)

// Check says what became of the request to check a task.
type Check struct {
	Task   string     `json:"task"`
	Stacks []string   `json:"stacks,omitempty"` // those that were asked for; none: all
	State  CheckState `json:"state"`
}

// CheckState tells whether a request has caused a check.
type CheckState string

// The states.
const (
	CheckStarted CheckState = "started" // as soon as its turn has come
	CheckJoined  CheckState = "joined"  // one that others have asked for and that hasn't begun yet
)

// The errors of a request to check a task.
var (
	ErrUnknownTask  = errors.New("there is no such task")
	ErrUnknownStack = errors.New("there is no such stack")
	ErrTaskOff      = errors.New("the task is off")
	ErrStarting     = errors.New("the agent is starting")
)

// check has a task checked soon, or some of its stacks. Who asks doesn't wait for
// it.
func (s *Server) check(w http.ResponseWriter, r *http.Request) {
	task := r.PathValue("address")
	query, problem := queryOf(r, "stack")
	if problem != "" {
		fail(w, r, http.StatusBadRequest, problem)
		return
	}
	stacks := query["stack"]
	state, err := s.Backend.Check(task, stacks...)
	if err != nil {
		fail(w, r, checkFailure(err), err.Error())
		return
	}
	by, _ := callerOf(r)
	s.Log.Info("a check was asked for", "task", task, "stacks", stacks, "state", string(state), "by", by.name, "from", r.RemoteAddr)
	s.answer(w, http.StatusAccepted, Check{task, stacks, state})
}

func checkFailure(err error) (code int) {
	switch {
	case errors.Is(err, ErrUnknownTask), errors.Is(err, ErrUnknownStack):
		return http.StatusNotFound
	case errors.Is(err, ErrTaskOff):
		return http.StatusConflict
	case errors.Is(err, ErrStarting):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// answer sends a value as JSON.
func (s *Server) answer(w http.ResponseWriter, code int, v any) {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		s.Log.Error("encode an answer", "error", err)
		reply(w, http.StatusInternalServerError, "the answer could not be encoded\n")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	s.write(w, append(body, '\n'))
}
