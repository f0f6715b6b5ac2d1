package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/hashicorp/vault/api"
)

var (
	// ErrDenied is Vault's answer to who must not do what they asked for.
	ErrDenied = errors.New("permission denied")
	// ErrNotFound says that there is nothing at a path.
	ErrNotFound = errors.New("there is nothing at this path")
)

// maxDetail bounds how much of a server's words is repeated, in bytes.
const maxDetail = 400

// IsFinal reports whether an error is Vault's considered answer, which the same
// question would get again, and not that Vault can't be reached or is in
// trouble itself.
func IsFinal(err error) bool {
	return errors.Is(err, ErrDenied) || errors.Is(err, ErrNotFound) || errors.Is(err, errRefused)
}

// errEnded is what remains when a token is no longer taken and there is no
// other one.
var errEnded = fmt.Errorf("%w: the token is no longer taken; give a new one", ErrDenied)

// errRefused is any other answer that says the request was wrong.
var errRefused = errors.New("refused")

// explain makes an error of ours of one that the client library returned. The
// original is not wrapped: it may hold anything that a server has said, and
// what this one says is free of the secrets that are known.
func (c *Client) explain(err error) error {
	var response *api.ResponseError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &response):
		return c.explainResponse(response)
	case errors.Is(err, context.DeadlineExceeded):
		return &AwayError{Err: fmt.Errorf("no answer in time: %w", context.DeadlineExceeded), everything: true}
	case errors.Is(err, context.Canceled):
		return context.Canceled
	}
	return &AwayError{Err: errors.New(c.clean(err.Error())), everything: true}
}

func (c *Client) explainResponse(response *api.ResponseError) error {
	said := c.clean(strings.Join(response.Errors, "; "))
	switch status := response.StatusCode; {
	case status == 403:
		return ErrDenied
	case status == 404:
		return ErrNotFound
	case status == 503 && strings.Contains(said, "sealed"):
		return &AwayError{Err: errors.New("Vault is sealed; unseal it with: vault operator unseal"), everything: true}
	case status == 429 || status >= 500 || status < 400:
		// A single engine may be in trouble alone, as without its database.
		return &AwayError{Err: fmt.Errorf("status %d: %s", status, said), everything: status == 429 || status > 500}
	default:
		return fmt.Errorf("%w with status %d: %s", errRefused, status, said)
	}
}

// clean makes one line of a text of others: short, without secrets and without
// anything that could steer a terminal.
func (c *Client) clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, c.hidden.String(text))
	if len(text) > maxDetail {
		text = strings.ToValidUTF8(text[:maxDetail], "") + "..."
	}
	if text = strings.Join(strings.Fields(text), " "); text == "" {
		return "no explanation"
	}
	return text
}
