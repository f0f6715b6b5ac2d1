package api

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// DriftBackend is what the agent knows of drift.
type DriftBackend interface {
	// Stacks returns what is known of every stack, and of every task that has
	// none.
	Stacks() []Stack
	// History returns the transitions that are wanted, the newest first and at
	// most limit.
	History(isWanted func(history.Transition) bool, limit int) []history.Transition
}

// Stack is what is known of a stack, or of a task that has none.
type Stack struct {
	history.State
	// Fresh says that the last check told how the stack is, and that this is not
	// too old to hold any more.
	Fresh bool `json:"fresh"`
	// Granted is the approval of its remedy that was not used yet, nil where
	// there is none.
	Granted *Granted `json:"granted,omitempty"`
}

// Stacks is the answer to GET /v1/stacks.
type Stacks struct {
	Stacks []Stack `json:"stacks"`
}

// History is the answer to GET /v1/history.
type History struct {
	Transitions []history.Transition `json:"transitions"`
}

// The bounds of how many transitions are returned.
const (
	defaultLimit = 100
	// MaxLimit is the largest limit of GET /v1/history.
	MaxLimit = 10_000
)

func (s *Server) handleDrift(mux *http.ServeMux) {
	mux.HandleFunc("GET /v1/stacks", s.allow(eval.Viewer, s.stacks))
	mux.HandleFunc("GET /v1/stacks/{task}", s.allow(eval.Viewer, s.stack))
	mux.HandleFunc("GET /v1/stacks/{task}/{name...}", s.allow(eval.Viewer, s.stack))
	mux.HandleFunc("GET /v1/history", s.allow(eval.Viewer, s.history))
}

// stacks lists without resources, unless they are asked for: all those of a
// large fleet are much.
func (s *Server) stacks(w http.ResponseWriter, r *http.Request) {
	query, problem := queryOf(r, "task", "verdict", "resources")
	withResources, err := strconv.ParseBool(cmp.Or(query.Get("resources"), "false"))
	if err != nil {
		problem = cmp.Or(problem, fmt.Sprintf("resources is %q; write true or false", query.Get("resources")))
	}
	if problem != "" {
		fail(w, r, http.StatusBadRequest, problem)
		return
	}
	found := []Stack{} // in JSON a list, also where there is none
	for _, stack := range s.Backend.Stacks() {
		if !fits(query, "task", stack.Task) || !fits(query, "verdict", stack.Verdict) {
			continue
		}
		if !withResources {
			stack.Resources, stack.Diff, stack.Ignored = nil, "", history.Ignored{}
		}
		found = append(found, stack)
	}
	s.answer(w, http.StatusOK, Stacks{found})
}

func (s *Server) stack(w http.ResponseWriter, r *http.Request) {
	want := history.Subject{Task: r.PathValue("task"), Name: r.PathValue("name")}
	for _, stack := range s.Backend.Stacks() {
		if stack.Subject == want {
			s.answer(w, http.StatusOK, stack)
			return
		}
	}
	fail(w, r, http.StatusNotFound, fmt.Sprintf("there is no stack %q of %s; /v1/stacks lists all", want.Name, want.Task))
}

func (s *Server) history(w http.ResponseWriter, r *http.Request) {
	query, problem := queryOf(r, "task", "stack", "event", "since", "limit")
	if event := query.Get("event"); event != "" && !slices.Contains(history.Events(), history.Event(event)) {
		problem = cmp.Or(problem, fmt.Sprintf("there is no event %q; there are %v", event, history.Events()))
	}
	since, err := sinceOf(query.Get("since"), s.Now())
	if err != nil {
		problem = cmp.Or(problem, err.Error())
	}
	limit, err := strconv.Atoi(cmp.Or(query.Get("limit"), strconv.Itoa(defaultLimit)))
	if err != nil || limit < 1 || limit > MaxLimit {
		problem = cmp.Or(problem, fmt.Sprintf("limit is %q; write a number from 1 to %d", query.Get("limit"), MaxLimit))
	}
	if problem != "" {
		fail(w, r, http.StatusBadRequest, problem)
		return
	}
	found := s.Backend.History(func(t history.Transition) bool {
		return !t.At.Before(since) && fits(query, "task", t.Task) && fits(query, "stack", t.Name) && fits(query, "event", string(t.Event))
	}, limit)
	s.answer(w, http.StatusOK, History{append([]history.Transition{}, found...)})
}

// sinceOf reads a time, or how long ago it was.
func sinceOf(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	d, err := schema.ParseDuration(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("since is %q; write a duration such as 24h or 7d, or a time such as 2026-01-02T15:04:05Z", text)
	}
	return now.Add(-d), nil
}

// queryOf returns the query of a request, and what is wrong with it. To pass
// over what nobody knows would answer another question than was asked.
func queryOf(r *http.Request, known ...string) (query url.Values, problem string) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return query, "the query can't be read: " + err.Error()
	}
	for name := range query {
		if !slices.Contains(known, name) {
			return query, fmt.Sprintf("there is no parameter %q; there are %v", name, known)
		}
	}
	return query, ""
}

func fits(query url.Values, name, value string) bool {
	return !query.Has(name) || query.Get(name) == value
}
