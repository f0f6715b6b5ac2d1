package api

import (
	"net"
	"sync"
	"time"
)

// refusals count the wrong tokens by the host that they come from, so that the
// log has one line a minute of each, and not one for every guess.
type refusals struct {
	mu    sync.Mutex
	hosts map[string]*refusal
}

// refusal is what is known of a host.
type refusal struct {
	said  time.Time // when the log last told of it
	since int       // how many there were after that
}

const (
	refusalInterval = time.Minute
	// maxRefusalHosts bounds how many hosts are told apart. Those beyond it
	// are counted as one.
	maxRefusalHosts = 1024
	otherHosts      = "many other hosts"
)

// note counts a wrong token. It returns what the log is to say of it: from
// where how many have come since it was last told, 0 where it says nothing.
func (r *refusals) note(address string, now time.Time) (from string, count int) {
	from, _, err := net.SplitHostPort(address)
	if err != nil {
		from = address
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hosts == nil {
		r.hosts = make(map[string]*refusal)
	}
	if r.hosts[from] == nil {
		if len(r.hosts) >= maxRefusalHosts {
			r.forget(now)
		}
		if len(r.hosts) >= maxRefusalHosts {
			from = otherHosts
		}
	}
	host := r.hosts[from]
	if host == nil {
		host = &refusal{}
		r.hosts[from] = host
	}
	host.since++
	if !host.said.IsZero() && now.Sub(host.said) < refusalInterval {
		return from, 0
	}
	count, host.since, host.said = host.since, 0, now
	return from, count
}

// forget makes room: of those that have been silent for long there is nothing
// to count.
func (r *refusals) forget(now time.Time) {
	for from, host := range r.hosts {
		if now.Sub(host.said) >= refusalInterval {
			delete(r.hosts, from)
		}
	}
}
