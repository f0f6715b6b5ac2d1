package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/history"
)

// AcknowledgementBackend is what the agent knows of drift that somebody has
// acknowledged.
type AcknowledgementBackend interface {
	// Acknowledgements returns those that have not come to their end.
	Acknowledgements() []Acknowledgement
	// Acknowledge acknowledges the drift of every stack that has it now. The
	// id is its fingerprint, or the beginning of it. An error is [ErrNoDrift],
	// [ErrAmbiguous], or [ErrStarting].
	Acknowledge(id, by, reason string, lasts time.Duration) ([]Acknowledgement, error)
	// Unacknowledge takes that back, for all stacks. An error is
	// [ErrNotAcknowledged], [ErrAmbiguous], [ErrStarting], or says that it may
	// count again after a restart.
	Unacknowledge(id, by string) ([]Acknowledgement, error)
}

// The errors of a request to acknowledge.
var (
	ErrNoDrift         = errors.New("there is no such drift")
	ErrNotAcknowledged = errors.New("no drift is acknowledged")
	ErrAmbiguous       = errors.New("more than one drift begins like that")
)

// Acknowledgement is the drift of one stack that somebody has acknowledged.
type Acknowledgement struct {
	ID      string    `json:"id"` // the fingerprint of the drift
	Task    string    `json:"task"`
	Stack   string    `json:"stack,omitempty"`   // empty: it is about the task itself
	Summary string    `json:"summary,omitempty"` // what was found
	Since   time.Time `json:"since,omitzero"`    // when the drift was first seen; zero: it isn't there just now
	history.Acknowledgement
}

// Acknowledgements is the answer to requests for /v1/acknowledgements.
type Acknowledgements struct {
	Acknowledgements []Acknowledgement `json:"acknowledgements"`
}

// acknowledgementTerms are those of an acknowledgement. What is to last longer
// belongs into a rule that ignores it.
var acknowledgementTerms = terms{
	lasts: 7 * 24 * time.Hour, days: 90, usual: "7d", shortest: 8, needsReason: true,
	noID: "it is the fingerprint of a drift, as in GET /v1/stacks",
}

func (s *Server) handleAcknowledgements(mux *http.ServeMux) {
	mux.HandleFunc("GET /v1/acknowledgements", s.allow(eval.Viewer, s.acknowledgements))
	mux.HandleFunc("POST /v1/acknowledgements", s.allowKnown(s.acknowledge))
	mux.HandleFunc("DELETE /v1/acknowledgements/{id}", s.allowKnown(s.unacknowledge))
}

func (s *Server) acknowledgements(w http.ResponseWriter, _ *http.Request) {
	s.answer(w, http.StatusOK, Acknowledgements{append([]Acknowledgement{}, s.Backend.Acknowledgements()...)})
}

func (s *Server) acknowledge(w http.ResponseWriter, r *http.Request) {
	request, lasts, err := acknowledgementTerms.read(http.MaxBytesReader(w, r.Body, maxGrantBody))
	if err != nil {
		fail(w, r, http.StatusBadRequest, err.Error())
		return
	}
	by, _ := callerOf(r)
	all, err := s.Backend.Acknowledge(request.ID, by.name, request.Reason, lasts)
	if err != nil {
		fail(w, r, acknowledgementFailure(err), err.Error())
		return
	}
	s.Log.Info("a drift was acknowledged", "id", request.ID, "stacks", len(all), "by", by.name, "from", r.RemoteAddr)
	s.answer(w, http.StatusOK, Acknowledgements{all})
}

func (s *Server) unacknowledge(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	by, _ := callerOf(r)
	all, err := s.Backend.Unacknowledge(id, by.name)
	if err != nil {
		fail(w, r, acknowledgementFailure(err), err.Error())
		return
	}
	s.Log.Info("an acknowledgement was taken back", "id", id, "stacks", len(all), "by", by.name, "from", r.RemoteAddr)
	s.answer(w, http.StatusOK, Acknowledgements{all})
}

func acknowledgementFailure(err error) (code int) {
	switch {
	case errors.Is(err, ErrNoDrift), errors.Is(err, ErrNotAcknowledged):
		return http.StatusNotFound
	case errors.Is(err, ErrAmbiguous):
		return http.StatusConflict
	}
	return checkFailure(err)
}
