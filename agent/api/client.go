package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Client asks an agent that runs.
type Client struct {
	// Address is where the agent listens, as in 127.0.0.1:8000.
	Address string
}

const (
	// answerTimeout bounds a request, with its answer.
	answerTimeout = 30 * time.Second
	// maxAnswer bounds an answer: all that an agent keeps, and room to spare.
	maxAnswer = 256 << 20
)

// Stacks returns what the agent knows of all stacks, with their resources.
func (c Client) Stacks(ctx context.Context) (answer Stacks, err error) {
	return answer, c.get(ctx, "/v1/stacks", url.Values{"resources": {"true"}}, &answer)
}

// History returns the transitions that a query of GET /v1/history is for.
func (c Client) History(ctx context.Context, query url.Values) (answer History, err error) {
	return answer, c.get(ctx, "/v1/history", query, &answer)
}

func (c Client) get(ctx context.Context, path string, query url.Values, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	at := url.URL{Scheme: "http", Host: c.Address, Path: path, RawQuery: query.Encode()}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return fmt.Errorf("ask the agent at %s: %w; write its address as in 127.0.0.1:8000", c.Address, err)
	}
	response, err := http.DefaultClient.Do(request)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // the rest is said below
	}
	if err != nil {
		return fmt.Errorf("no agent answers at %s: %w; start one with driftless agent, or name the address of one with -address", c.Address, err)
	}
	defer response.Body.Close() //nolint:errcheck // all of it was read, or the error is told
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read the answer of the agent at %s: %w", c.Address, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the agent at %s answers: %s", c.Address, strings.TrimSpace(string(body)))
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return fmt.Errorf("what answers at %s is no driftless agent of this version: %w; name the address of one with -address", c.Address, err)
	}
	return nil
}
