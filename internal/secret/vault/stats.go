package vault

import "sync/atomic"

// Stats are what a client has done so far.
type Stats struct {
	Renewals uint64 // of leases and of tokens, that went well
	Errors   uint64 // requests for secrets, renewals and logins that failed
}

// counters are the stats as they grow.
type counters struct{ renewals, errors atomic.Uint64 }

// Stats returns what the client has done so far.
func (c *Client) Stats() Stats {
	return Stats{Renewals: c.counters.renewals.Load(), Errors: c.counters.errors.Load()}
}

// renewed counts a renewal by what became of it.
func (c *counters) renewed(err error) {
	if err == nil {
		c.renewals.Add(1)
		return
	}
	c.failed(err)
}

// failed counts what went wrong, if anything did.
func (c *counters) failed(err error) {
	if err != nil {
		c.errors.Add(1)
	}
}
