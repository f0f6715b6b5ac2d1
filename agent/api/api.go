// Package api serves what the agent knows over HTTP: its state, its metrics,
// its health, and the requests to read the configuration again, to check a task,
// to approve of a remedy and to acknowledge drift. [Client] asks for that.
package api

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/agent/webhook"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/exposition"
)

// Backend is the agent as the API sees it.
type Backend interface {
	// Status returns the state of every block.
	Status() Status
	// Metrics returns all metrics in the Prometheus text format.
	Metrics(ctx context.Context) []byte
	// NotReady returns why the agent isn't ready, nothing when it is.
	NotReady() []string
	// Reload has the configuration read again. After an error nothing has changed.
	Reload(ctx context.Context) error
	// Webhook takes what a forge sends about a source. An error is one of
	// package webhook, or of reading the body.
	Webhook(source string, header http.Header, body io.Reader) (webhook.Outcome, error)
	// Check has a task checked soon, whatever its interval, or only some of its
	// stacks. An error is [ErrUnknownTask], [ErrUnknownStack], [ErrTaskOff] or
	// [ErrStarting].
	Check(task string, stacks ...string) (CheckState, error)
	// Deployments returns the stacks as TFDriftAgent tells of them, and whether
	// they are to be served at all.
	Deployments() ([]Deployment, bool)
	DriftBackend
	ApprovalBackend
	AcknowledgementBackend
}

// Options are the parts of a server.
type Options struct {
	Backend Backend
	Log     hclog.Logger
	// Tokens returns those who may use the API as of now; without any, and
	// where it is nil, whoever can reach it may.
	Tokens func() []eval.Token
	TLS    *tls.Config // of [NewTLS]; nil: the API is served without
	Now    func() time.Time
}

// Status is the state of an agent.
type Status struct {
	Version string    `json:"version"`
	Since   time.Time `json:"since"` // when the agent was up
	Config  Config    `json:"config"`
	Blocks  []Block   `json:"blocks"`

	Providers []Provider `json:"providers,omitempty"`
	History   Memory     `json:"history"`
}

// Memory is the state of the history of drift.
type Memory struct {
	Untold int    `json:"untold"`          // transitions that not all sinks have taken yet
	Error  string `json:"error,omitempty"` // why the history is in memory only
}

// Provider is the state of a provider that is a process.
type Provider struct {
	Name     string     `json:"name"`
	Version  string     `json:"version,omitempty"`
	Up       bool       `json:"up"`
	Error    string     `json:"error,omitempty"` // why it isn't
	Next     *time.Time `json:"next_start,omitempty"`
	Restarts uint64     `json:"restarts"`
	Crashes  uint64     `json:"crashes"`
}

// Config is what became of the last reload.
type Config struct {
	LastReloadSuccessful bool      `json:"last_reload_successful"`
	LastSuccess          time.Time `json:"last_success"`
	Error                string    `json:"error,omitempty"`
}

// Block is the state of one source, task, collector, pipeline or sink.
type Block struct {
	Address string     `json:"address"`
	Kind    string     `json:"kind"`
	Type    string     `json:"type,omitempty"`
	State   string     `json:"state"`
	Since   *time.Time `json:"since,omitempty"`
	Error   string     `json:"error,omitempty"`

	LastRun  *time.Time `json:"last_run,omitempty"`
	NextRun  *time.Time `json:"next_run,omitempty"`
	Drifted  *bool      `json:"drifted,omitempty"`
	Findings any        `json:"findings,omitempty"`
	Progress *Progress  `json:"progress,omitempty"` // of a run that goes on
	Restarts int        `json:"restarts,omitempty"`
	// Secrets are those that the block waits for, as the calls that ask for them.
	Secrets []string `json:"waits_for_secrets,omitempty"`
	Flow    *Flow    `json:"flow,omitempty"`
}

// Progress is how many of the findings of a task, such as its stacks, a run that
// goes on has come to. Some tasks tell nothing of that.
type Progress struct {
	Done  int `json:"done"`
	Total int `json:"total"`
}

// Flow are the figures of a block that events pass through.
type Flow struct {
	Received  uint64            `json:"received_events"`
	Sent      uint64            `json:"sent_events"`
	Discarded map[string]uint64 `json:"discarded_events,omitempty"`
	Waiting   int               `json:"waiting_events"`
}

// The states of a task or a source of values. A block of another kind has the
// states of its unit: starting, running, backing off, failed, stopped; or it is
// waiting.
const (
	StatePending = "pending" // not run yet
	StateRunning = "running"
	StateOK      = "ok"
	StateDrifted = "drifted" // not as declared, and only reported
	StateFailed  = "failed"
	StateSkipped = "skipped" // a task before it failed, or its when is false
	StateOff     = "off"
	StateWaiting = "waiting" // for the values of others, for secrets, or for the lock of the host
	StateUnused  = "unused"  // a sink that no pipeline leads to
)

// Server serves the API.
type Server struct {
	Options
	http     http.Server
	refusals refusals
}

const (
	headerTimeout = 5 * time.Second
	idleTimeout   = time.Minute
	writeTimeout  = time.Minute
	maxScrape     = time.Hour
	maxHeader     = 16 << 10
)

// New returns a server that doesn't serve yet.
func New(o Options) *Server {
	s := &Server{Options: o}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", s.allow(eval.Viewer, s.metrics))
	mux.HandleFunc("GET /v1/status", s.allow(eval.Viewer, s.status))
	mux.HandleFunc("POST /v1/tasks/{address}/check", s.allow(eval.Operator, s.check))
	mux.HandleFunc("GET /api/deployment_states", s.allow(eval.Viewer, s.deployments))
	mux.HandleFunc("GET /api/deployment_states/{name...}", s.allow(eval.Viewer, s.deployment))
	mux.HandleFunc("GET /-/healthy", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, "healthy\n") })
	mux.HandleFunc("GET /-/ready", s.ready)
	mux.HandleFunc("POST /-/reload", s.allow(eval.Admin, s.reload))
	s.handleDrift(mux)
	s.handleApprovals(mux)
	s.handleAcknowledgements(mux)
	mux.HandleFunc("POST "+webhookPath+"{source}", s.webhook)
	s.http = http.Server{
		Handler:           s.localOnly(sameOrigin(s.authenticate(matched(mux)))),
		TLSConfig:         o.TLS,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       headerTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          o.Log.StandardLogger(&hclog.StandardLoggerOptions{ForceLevel: hclog.Debug}),
	}
	return s
}

// Serve serves until Close is called.
func (s *Server) Serve(l net.Listener) error {
	serve := s.http.Serve
	if s.TLS != nil {
		serve = func(l net.Listener) error { return s.http.ServeTLS(l, "", "") }
	}
	err := serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// closeTimeout is how long requests under way have at the end.
const closeTimeout = time.Second

// Close ends the server. Requests that are not answered soon are broken off.
func (s *Server) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		s.Log.Debug("requests were broken off", "reason", err)
	}
	return s.http.Close()
}

// localOnly refuses a request that came to a loopback address under a name
// that isn't one: a page in a browser can point a name of its own here (DNS
// rebinding). A webhook comes through a proxy under the name of that, and
// proves who it is from; and a request with a token isn't one of such a page.
func (s *Server) localOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		if ok && isLoopback(local.String()) && !isLocalName(r.Host) && !isWebhook(r) && len(s.tokens()) == 0 {
			fail(w, r, http.StatusForbidden, "this address answers to localhost only")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses what the page of another site has a browser send, but to
// read.
func sameOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := protection.Check(r); err != nil {
			fail(w, r, http.StatusForbidden, err.Error())
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isLoopback(hostport string) bool {
	a, err := netip.ParseAddrPort(hostport)
	return err == nil && a.Addr().Unmap().IsLoopback()
}

func isLocalName(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := scrapeContext(r)
	defer cancel()
	w.Header().Set("Content-Type", exposition.ContentType)
	s.write(w, s.Backend.Metrics(ctx))
}

// scrapeReserve is what is left of a scrape's time to send the answer.
const scrapeReserve = 500 * time.Millisecond

// scrapeContext ends in time for an answer without the collectors that are too
// slow. Prometheus says how long it waits; after that it would have nothing.
func scrapeContext(r *http.Request) (context.Context, context.CancelFunc) {
	text := r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds")
	limit, err := strconv.ParseFloat(text, 64)
	if err != nil || !(limit > 0 && limit < maxScrape.Seconds()) {
		return context.WithCancel(r.Context())
	}
	d := time.Duration(limit * float64(time.Second))
	return context.WithTimeout(r.Context(), max(d-scrapeReserve, d/2))
}

func (s *Server) status(w http.ResponseWriter, _ *http.Request) {
	s.answer(w, http.StatusOK, s.Backend.Status())
}

func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	if reasons := s.Backend.NotReady(); len(reasons) > 0 {
		reply(w, http.StatusServiceUnavailable, strings.Join(reasons, "\n")+"\n")
		return
	}
	reply(w, http.StatusOK, "ready\n")
}

func (s *Server) reload(w http.ResponseWriter, r *http.Request) {
	if err := s.Backend.Reload(r.Context()); err != nil {
		reply(w, http.StatusBadRequest, err.Error()+"\n")
		return
	}
	reply(w, http.StatusOK, "reloaded\n")
}

func reply(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(text)) // a client that has gone away is its own affair
}

func (s *Server) write(w http.ResponseWriter, body []byte) {
	if _, err := w.Write(body); err != nil {
		s.Log.Debug("write a response", "error", err)
	}
}
