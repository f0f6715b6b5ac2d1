package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// session returns the session to use. It logs in when there is none, when it
// has ended, or when it is the one that the caller wants to see replaced; that
// one comes back if its token is still all there is.
func (c *Client) session(ctx context.Context, unwanted *session) (*session, error) {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return nil, c.explain(ctx.Err())
	}
	if err := c.outage.now(); err != nil {
		return nil, err // who had the turn before has found out
	}
	old := c.current()
	if old != nil && old != unwanted && !(old.ours && c.lifeOf(old).Over(time.Now())) {
		return old, nil
	}
	s, err := c.login(ctx)
	if err != nil {
		return nil, err
	}
	if old != nil && old.token == s.token {
		c.extend(old, s.life)
		return old, nil
	}
	c.replace(s)
	return s, nil
}

func (c *Client) current() *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *Client) lifeOf(s *session) Lifetime {
	c.mu.Lock()
	defer c.mu.Unlock()
	return s.life
}

func (c *Client) extend(s *session, life Lifetime) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.life = life
}

// replace puts a session in the place of the current one and keeps it alive.
func (c *Client) replace(s *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.now; old != nil {
		close(old.replaced)
		c.past = append(c.past, old)
	}
	c.log.Info("logged in to Vault", "address", c.config.Address, "ttl", s.life.TTL, "policies", s.policies)
	now := time.Now()
	c.past = slices.DeleteFunc(c.past, func(past *session) bool {
		over := past.life.Over(now)
		if over {
			c.hidden.Retire(past.token)
		}
		return over || !past.ours
	})
	c.now = s
	if s.life.TTL > 0 && c.background.Err() == nil {
		c.keepers.Go(func() { c.keep(c.background, s) })
	}
}

// keep renews the token of a session, at a third of its life, and replaces it
// when its life can't be extended any further.
func (c *Client) keep(ctx context.Context, s *session) {
	life, backoff := c.lifeOf(s), NewBackoff(time.Minute)
	wait := life.Next()
	for sleep(ctx, wait, s.replaced) {
		var err error
		if life.Renewable {
			life, err = c.renewToken(ctx, s, life)
		} else {
			life, err = c.renewSession(ctx, s, life)
		}
		c.counters.renewed(err)
		if err == nil {
			backoff.Reset()
			wait = life.Next()
			continue
		}
		if life.Renewable && (IsFinal(err) || life.Over(time.Now())) {
			life.Renewable, wait = false, 0
			continue
		}
		c.log.Warn("can't extend the life of the token for Vault; trying on", "address", c.config.Address, "end", life.End(), "error", err)
		wait = backoff.Next()
	}
}

func (c *Client) renewToken(ctx context.Context, s *session, life Lifetime) (Lifetime, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	// What is asked for is what the token had at first: the server cuts it.
	answer, err := s.api.Auth().Token().RenewSelfWithContext(ctx, int(s.first.Seconds()))
	if err != nil {
		return life, c.explain(err)
	}
	if answer == nil || answer.Auth == nil {
		return life, fmt.Errorf("%w: the answer to the renewal says nothing of the token", errRefused)
	}
	life = life.Renewed(time.Now(), seconds(answer.Auth.LeaseDuration), answer.Auth.Renewable)
	c.extend(s, life)
	return life, nil
}

// renewSession replaces a session before its end, which ends its keeper. A token
// of somebody else can only be replaced when they have put another one in its
// file, or lives on when they have extended its life.
func (c *Client) renewSession(ctx context.Context, s *session, life Lifetime) (Lifetime, error) {
	if c.config.Auth.Token != "" {
		return life, errors.New("it can't be renewed; give a new one")
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	again, err := c.session(ctx, s)
	if err != nil {
		return life, err
	}
	extended := c.lifeOf(again)
	if again == s && !extended.End().After(life.End().Add(time.Second)) {
		return life, errors.New("its file holds no other one")
	}
	return extended, nil
}
