package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/driftless-hq/driftless/agent/webhook"
)

const (
	// webhookPath is where forges send what they have to say of a source.
	webhookPath = "/v1/webhooks/"
	// maxWebhook bounds a message. Larger ones are of pushes of very many
	// commits, which the next poll finds.
	maxWebhook = 5 << 20
)

// isWebhook reports whether a request proves itself who it comes from.
func isWebhook(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, webhookPath) }

func (s *Server) webhook(w http.ResponseWriter, r *http.Request) {
	source := r.PathValue("source")
	outcome, err := s.Backend.Webhook(source, r.Header, http.MaxBytesReader(w, r.Body, maxWebhook))
	if err == nil {
		s.Log.Info("a webhook came in", "source", source, "outcome", string(outcome))
		reply(w, http.StatusAccepted, string(outcome)+"\n")
		return
	}
	_, isLarge := errors.AsType[*http.MaxBytesError](err)
	switch {
	case errors.Is(err, webhook.ErrUnknown):
		fail(w, r, http.StatusNotFound, err.Error())
		return // whoever tries names that aren't there fills no log
	case errors.Is(err, webhook.ErrTooMany):
		w.Header().Set("Retry-After", "60")
		fail(w, r, http.StatusTooManyRequests, err.Error())
		return
	case errors.Is(err, webhook.ErrUnauthorized):
		fail(w, r, http.StatusUnauthorized, err.Error())
	case isLarge:
		fail(w, r, http.StatusRequestEntityTooLarge, "the message is too large")
	default:
		fail(w, r, http.StatusBadRequest, "the message could not be read")
	}
	s.Log.Warn("a webhook was turned away", "source", source, "from", r.RemoteAddr, "error", err)
}
