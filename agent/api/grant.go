package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/driftless-hq/driftless/plugin/schema"
)

// GrantRequest is the body of POST /v1/approvals and of POST
// /v1/acknowledgements.
type GrantRequest struct {
	ID     string `json:"id"`
	Reason string `json:"reason,omitempty"`
	Lasts  string `json:"lasts,omitempty"` // a duration; empty: as the API documents it
}

const (
	// MaxGrantReason is how long a reason can be, in bytes.
	MaxGrantReason = 1000

	maxGrantBody = 16 << 10
)

// terms are the conditions of what an operator can grant.
type terms struct {
	lasts       time.Duration // where a request doesn't say
	days        int           // the longest that it can
	usual       string        // an example
	noID        string        // where ids are from
	shortest    int           // an id has so many characters
	needsReason bool
}

// read reads the body of a request, all of which must make sense: to pass over
// a part of it could grant more than was meant.
func (t terms) read(body io.Reader) (request GrantRequest, lasts time.Duration, err error) {
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	err = decoder.Decode(&request)
	if err == nil && decoder.More() {
		err = errors.New("there is more behind it")
	}
	switch {
	case err != nil:
		return request, 0, fmt.Errorf(`the body is not understood: %w; write it as in {"id": "0123456789abcdef", "reason": "..."}`, err)
	case request.ID == "":
		return request, 0, errors.New("id is missing; " + t.noID)
	case len(request.ID) < t.shortest:
		return request, 0, fmt.Errorf("id is too short to say what is meant: write %d characters of it at least", t.shortest)
	case t.needsReason && strings.TrimSpace(request.Reason) == "":
		return request, 0, errors.New("reason is missing; say why, for those who read it later")
	case strings.ContainsFunc(request.Reason, unicode.IsControl): // logs are lines, and terminals obey
		return request, 0, errors.New("reason has a line break or another control character; write it on one line")
	case len(request.Reason) > MaxGrantReason:
		return request, 0, fmt.Errorf("reason is too long: it may have %d bytes", MaxGrantReason)
	}
	lasts, err = t.lasting(request.Lasts)
	return request, lasts, err
}

// lasting reads a duration, within the bounds.
func (t terms) lasting(text string) (time.Duration, error) {
	if text == "" {
		return t.lasts, nil
	}
	lasts, err := schema.ParseDuration(text)
	if err != nil || lasts <= 0 || lasts > time.Duration(t.days)*24*time.Hour {
		return 0, fmt.Errorf("lasts is %q; write a duration such as %s, of %dd at most", text, t.usual, t.days)
	}
	return lasts, nil
}
