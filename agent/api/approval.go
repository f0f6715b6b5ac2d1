package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/driftless-hq/driftless/agent/approval"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/history"
)

// ApprovalBackend is what the agent knows of remedies that take an approval.
type ApprovalBackend interface {
	// Approvals returns the remedies that await an approval, and those that
	// are approved and not applied yet.
	Approvals() []Approval
	// Approve lets a remedy be applied once, and has its task checked. An error
	// is [ErrNotAwaited], [approval.ErrGranted], or one of Check.
	Approve(id, by, reason string, lasts time.Duration) (Approval, error)
	// Revoke takes an approval back. An error is [approval.ErrNone], or says
	// that it may count again after a restart.
	Revoke(id, by string) (Approval, error)
}

// ErrNotAwaited says that there is no remedy that awaits an approval.
var ErrNotAwaited = errors.New("no remedy awaits that approval")

// Approval is a remedy that awaits an approval, or has one.
type Approval struct {
	Task    string         `json:"task"`
	Stack   string         `json:"stack"`
	Summary string         `json:"summary,omitempty"` // what was found
	Commit  string         `json:"commit,omitempty"`  // that was checked
	Since   time.Time      `json:"since,omitzero"`    // when the drift was first seen
	Remedy  history.Remedy `json:"remedy"`
	Granted *Granted       `json:"granted,omitempty"` // nil: it awaits an approval
}

// Granted is an approval that was given and not used yet.
type Granted struct {
	By     string    `json:"by"` // the name of a token
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
	Until  time.Time `json:"until"`
}

// Approvals is the answer to GET /v1/approvals.
type Approvals struct {
	Approvals []Approval `json:"approvals"`
}

// approvalTerms are those of an approval. One that is not used can last a
// weekend, and a window after it.
var approvalTerms = terms{
	lasts: 24 * time.Hour, days: 7, usual: "2h",
	noID: "GET /v1/approvals lists those that await an approval",
}

func (s *Server) handleApprovals(mux *http.ServeMux) {
	mux.HandleFunc("GET /v1/approvals", s.allow(eval.Viewer, s.approvals))
	mux.HandleFunc("POST /v1/approvals", s.allowKnown(s.approve))
	mux.HandleFunc("DELETE /v1/approvals/{id}", s.allowKnown(s.revoke))
}

func (s *Server) approvals(w http.ResponseWriter, _ *http.Request) {
	s.answer(w, http.StatusOK, Approvals{append([]Approval{}, s.Backend.Approvals()...)})
}

func (s *Server) approve(w http.ResponseWriter, r *http.Request) {
	request, lasts, err := approvalTerms.read(http.MaxBytesReader(w, r.Body, maxGrantBody))
	if err != nil {
		fail(w, r, http.StatusBadRequest, err.Error())
		return
	}
	by, _ := callerOf(r)
	approved, err := s.Backend.Approve(request.ID, by.name, request.Reason, lasts)
	if err != nil {
		s.Log.Warn("an approval was refused", "id", request.ID, "by", by.name, "from", r.RemoteAddr, "reason", err)
		fail(w, r, approvalFailure(err), err.Error())
		return
	}
	s.Log.Info("a remedy was approved", "task", approved.Task, "stack", approved.Stack, "id", request.ID, "by", by.name, "from", r.RemoteAddr)
	s.answer(w, http.StatusAccepted, approved)
}

func approvalFailure(err error) (code int) {
	switch {
	case errors.Is(err, ErrNotAwaited), errors.Is(err, approval.ErrNone):
		return http.StatusNotFound
	case errors.Is(err, approval.ErrGranted):
		return http.StatusConflict
	}
	return checkFailure(err)
}

func (s *Server) revoke(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	by, _ := callerOf(r)
	revoked, err := s.Backend.Revoke(id, by.name)
	if err != nil {
		fail(w, r, approvalFailure(err), err.Error())
		return
	}
	s.Log.Info("an approval was taken back", "task", revoked.Task, "stack", revoked.Stack, "id", id, "by", by.name, "from", r.RemoteAddr)
	s.answer(w, http.StatusOK, revoked)
}
