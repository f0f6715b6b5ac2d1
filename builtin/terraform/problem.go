package terraform

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/driftless-hq/driftless/internal/process"
)

// problem is why a stack could not be checked.
type problem struct {
	verdict verdict // errored or locked
	summary string
	detail  string
	phase   phase // in which it came up; empty: before the first
	kind    failure
}

// failure is a kind of problem, by what may cure it.
type failure string

const (
	failedAuth     failure = "auth"
	failedNetwork  failure = "network"
	failedThrottle failure = "throttle"
	failedConfig   failure = "config"
	failedLock     failure = "lock"
	failedTimeout  failure = "timeout"
	failedInternal failure = "internal"
)

// signs are words of a diagnostic that tell its kind, in the order in which
// they count. What none of them tells is taken for a mistake in the code.
var signs = []struct {
	kind  failure
	words []string
}{
	{failedLock, []string{"state lock"}},
	{failedConfig, []string{"no available releases match", "not found in any of the search locations"}},
	{failedThrottle, []string{"throttl", "too many requests", "rate limit", "rate exceeded", "429"}},
	{failedAuth, []string{"unauthorized", "access denied", "accessdenied", "forbidden", "credential", "authentication", "expiredtoken", "permission denied", "401", "403"}},
	{failedNetwork, []string{"connection refused", "connection reset", "failed to connect", "dial tcp", "dial unix", "no such host", "timeout", "timed out", "temporary failure", "tls handshake", "unexpected eof", "could not connect", "failed to query available provider packages", "service unavailable", "bad gateway", "502", "503", "504"}},
	{failedInternal, []string{"plugin did not respond", "plugin crashed", "crash", "signal: ", "signal (", "plugin exited"}},
}

func kindOf(summary, detail string) failure {
	text := strings.ToLower(summary + " " + detail)
	for _, sign := range signs {
		for _, word := range sign.words {
			if holds(text, word) {
				return sign.kind
			}
		}
	}
	return failedConfig
}

// statusCode finds the numbers of a text that stand by themselves: those in ids
// and paths mean nothing.
var statusCode = regexp.MustCompile(`\b\d{3}\b`)

// holds reports whether a text has a sign in it.
func holds(text, sign string) bool {
	if statusCode.MatchString(sign) {
		return slices.Contains(statusCode.FindAllString(text, -1), sign)
	}
	return strings.Contains(text, sign)
}

// reported is an error that the command explained itself.
type reported struct {
	problem *problem
	err     error
}

func (r reported) Error() string { return r.problem.summary }
func (r reported) Unwrap() error { return r.err }

// problemOf makes a problem of an error of a check. What took too long is told
// before what the command said when it was ended for it.
func problemOf(ctx context.Context, err error) *problem {
	var late overdue
	var said reported
	isReported := errors.As(err, &said)
	p := &problem{verdict: errored, kind: failedInternal}
	if isReported {
		p.phase = said.problem.phase
	}
	switch {
	case errors.Is(err, process.ErrClaimed):
		p.summary, p.detail = "Busy", "another process is checking the stack: "+err.Error()
	case errors.As(err, &late):
		p.summary, p.detail, p.kind = "Timeout", late.Error(), failedTimeout
	case ctx.Err() != nil:
		p.summary, p.detail = "Interrupted", "the check was interrupted: "+context.Cause(ctx).Error()
	case isReported:
		return said.problem
	default:
		p.summary, p.detail = "Check failed", plainText(err.Error())
	}
	return p
}
