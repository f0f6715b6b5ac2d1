package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"

	"github.com/driftless-hq/driftless/config/eval"
)

// caller is who makes a request.
type caller struct {
	name string // of the token
	role eval.Role
}

type callerKey struct{}

// callerOf returns who makes a request, and whether that is known: without
// tokens it isn't.
func callerOf(r *http.Request) (caller, bool) {
	c, ok := r.Context().Value(callerKey{}).(caller)
	return c, ok
}

// isOpen reports whether a request needs no token: probes tell nothing that is
// secret, and a webhook proves itself who it comes from.
func isOpen(r *http.Request) bool {
	return r.URL.Path == "/-/healthy" || r.URL.Path == "/-/ready" || isWebhook(r)
}

func (s *Server) tokens() []eval.Token {
	if s.Tokens == nil {
		return nil
	}
	return s.Tokens()
}

// authenticate lets no request pass that has no token, where there are any.
// What it may do beyond reading is for [Server.allow] to say.
func (s *Server) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tokens := s.tokens()
		if len(tokens) == 0 || isOpen(r) {
			next.ServeHTTP(w, r)
			return
		}
		given, isBearer := bearer(r)
		if !isBearer {
			w.Header().Set("WWW-Authenticate", `Bearer realm="driftless"`)
			fail(w, r, http.StatusUnauthorized, "this needs a token, as in: Authorization: Bearer TOKEN")
			return
		}
		known, ok := find(tokens, given)
		if !ok {
			if from, count := s.refusals.note(r.RemoteAddr, s.Now()); count > 0 {
				s.Log.Warn("requests with a token that nobody has were turned away", "from", from, "requests", count)
			}
			w.Header().Set("WWW-Authenticate", `Bearer realm="driftless", error="invalid_token"`)
			fail(w, r, http.StatusUnauthorized, "the token is none of those in the auth block of the agent")
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, known)))
	})
}

// bearer returns the token of a request.
func bearer(r *http.Request) (token string, ok bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), strings.EqualFold(scheme, "Bearer")
}

// find looks through all tokens, in a time that tells nothing of which is
// right or how much of it.
func find(tokens []eval.Token, given string) (caller, bool) {
	hash := sha256.Sum256([]byte(given))
	var found caller
	for _, t := range tokens {
		if subtle.ConstantTimeCompare(t.Hash[:], hash[:]) == 1 {
			found = caller{t.Name, t.Role}
		}
	}
	return found, found.role != eval.Nobody
}

// allow has a handler serve those with a role, or who may do more. Without
// tokens it serves everybody.
func (s *Server) allow(role eval.Role, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, known := callerOf(r)
		if known && c.role < role {
			fail(w, r, http.StatusForbidden, fmt.Sprintf("this needs the role %s, and the token %q has the role %s", role, c.name, c.role))
			return
		}
		next(w, r)
	}
}

// allowKnown is [Server.allow] for what an operator grants: without tokens it
// serves nobody, because the account has to tell who asked.
func (s *Server) allowKnown(next http.HandlerFunc) http.HandlerFunc {
	allowed := s.allow(eval.Operator, next)
	return func(w http.ResponseWriter, r *http.Request) {
		if _, known := callerOf(r); !known {
			fail(w, r, http.StatusForbidden, "an account is kept of who asks for this, and the agent can't tell who that is: name those who may in a block auth of its agent block")
			return
		}
		allowed(w, r)
	}
}
