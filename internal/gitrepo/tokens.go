package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/go-git/go-git/v5/plumbing/transport"

	"github.com/driftless-hq/driftless/internal/secret/redact"
)

// Tokens gives access tokens that don't last.
type Tokens interface {
	// Token returns one that is good for as long as a fetch may take.
	Token(ctx context.Context) (string, error)
	// Forget says that a token was refused, so that another is needed.
	Forget(token string)
}

// tokenUser is the user name that GitHub wants beside the token of an app. Other
// forges take any.
const tokenUser = "x-access-token"

// hiddenTokens keeps the tokens that it passes on out of errors and logs.
type hiddenTokens struct {
	Tokens
	hidden *redact.Redactor

	mu   sync.Mutex
	last string
}

// Token implements [Tokens].
func (h *hiddenTokens) Token(ctx context.Context) (string, error) {
	token, err := h.Tokens.Token(ctx)
	if err != nil {
		return "", err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if token != h.last {
		h.hidden.Add(token)
		h.hidden.Retire(h.last)
		h.last = token
	}
	return token, nil
}

// failed gives up the last token where it is what an error is due to.
func (h *hiddenTokens) failed(err error) {
	if h == nil || !errors.Is(err, transport.ErrAuthenticationRequired) && !errors.Is(err, transport.ErrAuthorizationFailed) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Forget(h.last)
}

// credentials are those of the moment, for one conversation with the remote.
func (c connection) credentials(ctx context.Context) (Auth, error) {
	auth := c.auth
	if auth.Tokens == nil {
		return auth, nil
	}
	token, err := auth.Tokens.Token(ctx)
	if err != nil {
		return Auth{}, fmt.Errorf("log in: %w", err)
	}
	auth.Username, auth.Token = tokenUser, token
	return auth, nil
}
