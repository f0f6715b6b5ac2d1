package vault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// AwayError says that Vault gave no answer: it can't be reached, is sealed or in
// trouble, or what to log in with isn't there yet. The same question may get
// another answer later.
type AwayError struct {
	Err error
	// everything says that any other question would fare no better.
	everything bool
	local      bool // Vault was not even asked
}

// Error implements error.
func (e *AwayError) Error() string { return e.Err.Error() }

// Unwrap returns what happened.
func (e *AwayError) Unwrap() error { return e.Err }

// IsAway reports whether an error is an [AwayError].
func IsAway(err error) bool {
	_, ok := errors.AsType[*AwayError](err)
	return ok
}

// forEverything says of a login during which Vault was in trouble that nothing
// else would fare better.
func forEverything(err error) error {
	if away, ok := errors.AsType[*AwayError](err); ok && !away.local {
		return &AwayError{Err: err, everything: true}
	}
	return err
}

// maxProbe is the longest time between two looks at a Vault that is away.
const maxProbe = 30 * time.Second

// outage is a time in which Vault answers nobody. Only one request is made in
// it at a time, and that with growing pauses, however many secrets are missing:
// thousands of hosts may wait for the same Vault.
type outage struct {
	mu      sync.Mutex
	err     error         // why it doesn't answer; nil: it does
	over    chan struct{} // closed when it answers again
	backoff *Backoff      // goes on until a request went well
}

// now returns why nothing is asked for the moment, nil where it can be.
func (o *outage) now() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		return nil
	}
	return &AwayError{Err: fmt.Errorf("%w; it is asked again until it answers", o.err), everything: true}
}

// Back returns a channel that is closed when Vault answers again, nil where it
// isn't away.
func (c *Client) Back() <-chan struct{} {
	c.outage.mu.Lock()
	defer c.outage.mu.Unlock()
	return c.outage.over
}

// note takes over what became of a request.
func (c *Client) note(err error) {
	c.outage.mu.Lock()
	defer c.outage.mu.Unlock()
	away, ok := errors.AsType[*AwayError](err)
	switch {
	case err == nil || IsFinal(err):
		c.outage.backoff = nil
		return
	case !ok || !away.everything || c.outage.err != nil:
		return
	}
	c.mu.Lock() // so that no keeper begins after Close
	defer c.mu.Unlock()
	if c.background.Err() != nil {
		return
	}
	if c.outage.backoff == nil {
		c.outage.backoff = NewBackoff(maxProbe)
	}
	c.outage.err, c.outage.over = away.Err, make(chan struct{})
	c.log.Warn("Vault doesn't answer; it is asked again until it does", "address", c.config.Address, "error", away.Err)
	c.keepers.Go(func() { c.awaitEnd(c.background, c.outage.backoff) })
}

// awaitEnd asks Vault how it is until it is well.
func (c *Client) awaitEnd(ctx context.Context, backoff *Backoff) {
	for sleep(ctx, backoff.Next(), nil) {
		if !c.isWell(ctx) {
			continue
		}
		c.log.Info("Vault answers again", "address", c.config.Address)
		c.outage.mu.Lock()
		defer c.outage.mu.Unlock()
		close(c.outage.over)
		c.outage.err, c.outage.over = nil, nil
		return
	}
}

// isWell asks for the health of Vault, which needs no token. What is in front of
// it may refuse that question, which is a sign of life too.
func (c *Client) isWell(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.config.Address+"/v1/sys/health?standbyok=true&perfstandbyok=true", nil)
	if err != nil {
		return false
	}
	request.Header.Set("X-Vault-Request", "true")
	response, err := c.http.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode < 500 && response.StatusCode != http.StatusTooManyRequests
}
