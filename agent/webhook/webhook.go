// Package webhook takes what forges send when a repository has moved, and wakes
// those who follow it. Nothing in such a message is believed or even read: one
// that is authentic only says that it is time to look.
//
//	r := webhook.NewReceiver(time.Now)
//	err := r.Set("source.git.infra", webhook.Config{Provider: webhook.GitHub, Secret: secret}, wake)
//	outcome, err := r.Receive("source.git.infra", request.Header, request.Body)
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// The forges whose messages are understood. Forgejo signs as Gitea does.
const (
	GitHub = "github"
	GitLab = "gitlab"
	Gitea  = "gitea"
)

// Config is what a source and its forge have agreed upon.
type Config struct {
	Provider string
	Secret   string
}

// Outcome is what became of an authentic message.
type Outcome string

// The outcomes.
const (
	Accepted Outcome = "accepted" // those who follow the source were woken
	Repeated Outcome = "repeated" // it came before, so nothing was done
	Ignored  Outcome = "ignored"  // it is about something else than a push
)

// The errors of a message that is turned away.
var (
	ErrUnknown      = errors.New("no such source takes webhooks")
	ErrUnauthorized = errors.New("the signature is missing or is not that of the secret")
	ErrTooMany      = errors.New("too many requests")
)

const (
	// maxRequests is how many messages one source may get in a window, so that
	// whoever floods it costs little. What is turned away the next poll finds.
	maxRequests = 60
	window      = time.Minute
	// maxSeen is how many messages are remembered, of each source.
	maxSeen = 1000
)

// Receiver knows the sources that take webhooks. It may be used by any number
// of goroutines.
type Receiver struct {
	now func() time.Time

	mu    sync.Mutex
	hooks map[string]*hook
}

// hook is what is known of one source.
type hook struct {
	Config
	wake func()

	began    time.Time // of the window
	requests int       // in the window
	seen     [][sha256.Size]byte
}

// NewReceiver returns a receiver that knows no source.
func NewReceiver(now func() time.Time) *Receiver {
	return &Receiver{now: now, hooks: make(map[string]*hook)}
}

// Set has a source take webhooks. wake is called for each that is authentic and
// new, and must not block. An empty secret, which anybody knows, is an error.
func (r *Receiver) Set(source string, c Config, wake func()) error {
	if c.Secret == "" {
		return errors.New("the secret of the webhook is empty")
	}
	if !slices.Contains([]string{GitHub, GitLab, Gitea}, c.Provider) {
		return fmt.Errorf("webhooks of %q are not known", c.Provider)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.hooks[source]
	if h == nil || h.Config != c {
		h = &hook{Config: c}
		r.hooks[source] = h
	}
	h.wake = wake
	return nil
}

// Remove has a source take no webhooks any more.
func (r *Receiver) Remove(source string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.hooks, source)
}

// Keep removes the sources for which keep is false.
func (r *Receiver) Keep(keep func(source string) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for source := range r.hooks {
		if !keep(source) {
			delete(r.hooks, source)
		}
	}
}

// Receive checks a message to a source and acts upon it. The body is read to
// its end, or not at all where the source or the rate tells enough; the caller
// limits its size. An error is one of this package, or of reading the body.
func (r *Receiver) Receive(source string, header http.Header, body io.Reader) (Outcome, error) {
	config, err := r.admit(source)
	if err != nil {
		return "", err
	}
	digest, err := config.verify(header, body)
	if err != nil {
		return "", err
	}
	if !config.isPush(header) {
		return Ignored, nil
	}
	wake := r.accept(source, config, digest)
	if wake == nil {
		return Repeated, nil
	}
	wake()
	return Accepted, nil
}

// admit counts a request and returns how to check it.
func (r *Receiver) admit(source string) (Config, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.hooks[source]
	if h == nil {
		return Config{}, ErrUnknown
	}
	if now := r.now(); now.Sub(h.began) >= window {
		h.began, h.requests = now, 0
	}
	if h.requests++; h.requests > maxRequests {
		return Config{}, ErrTooMany
	}
	return h.Config, nil
}

// accept remembers a message and returns whom to wake: nobody where it came
// before, or where the source has changed meanwhile.
func (r *Receiver) accept(source string, c Config, digest [sha256.Size]byte) func() {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.hooks[source]
	if h == nil || h.Config != c || slices.Contains(h.seen, digest) {
		return nil
	}
	if len(h.seen) == maxSeen {
		h.seen = slices.Delete(h.seen, 0, 1)
	}
	h.seen = append(h.seen, digest)
	return h.wake
}

// verify reads a message and returns a digest of it that only who knows the
// secret can make.
func (c Config) verify(header http.Header, body io.Reader) (digest [sha256.Size]byte, err error) {
	if c.Provider == GitLab && !sameText(header.Get("X-Gitlab-Token"), c.Secret) {
		return digest, ErrUnauthorized
	}
	mac := hmac.New(sha256.New, []byte(c.Secret))
	if _, err := io.Copy(mac, body); err != nil {
		return digest, fmt.Errorf("read the message: %w", err)
	}
	mac.Sum(digest[:0])
	if c.Provider != GitLab && !isSignature(c.signature(header), mac) {
		return digest, ErrUnauthorized
	}
	return digest, nil
}

// sameText compares in a time that tells nothing of the texts, not even how
// long they are.
func sameText(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return hmac.Equal(x[:], y[:])
}

// isSignature compares in a time that tells nothing of what is right.
func isSignature(signature []byte, mac hash.Hash) bool {
	return hmac.Equal(signature, mac.Sum(nil))
}
