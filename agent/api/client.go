package api

import (
	"bytes"
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

// ClientOptions say which agent to ask, and as whom.
type ClientOptions struct {
	// Address is where the agent listens: an URL with http or https, or host
	// and port alone, as in 127.0.0.1:8000.
	Address string
	Token   string // empty: none is sent
	// Known is the file of the certificate that the agent is known to have.
	// Then it is trusted, and no other; empty: what CAFile says holds.
	Known string
	// CAFile holds the authorities that the agent's certificate may be of,
	// instead of those of the system.
	CAFile string
	// CertFile and KeyFile are the certificate to show to an agent that asks
	// for one; empty: none is shown.
	CertFile, KeyFile string
}

// Client asks an agent that runs.
type Client struct {
	base  *url.URL
	token string
	http  http.Client
}

const (
	// answerTimeout bounds a request, with its answer.
	answerTimeout = 30 * time.Second
	// maxAnswer bounds an answer: all that an agent keeps, and room to spare.
	maxAnswer = 256 << 20
)

// NewClient returns a client, or what is wrong with its options.
func NewClient(o ClientOptions) (*Client, error) {
	base, err := baseOf(o.Address)
	if err != nil {
		return nil, err
	}
	if o.Token != "" && base.Scheme == "http" && !isLocalName(base.Host) {
		return nil, fmt.Errorf("the token would go to %s in the clear, so it is not sent: write https:// where the agent has a block tls, or reach it over the loopback interface", base.Host)
	}
	config, err := o.tlsConfig()
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig, transport.DisableKeepAlives = config, true
	return &Client{base: base, token: o.Token, http: http.Client{
		Transport: transport, Timeout: answerTimeout,
		// The API has no redirects, and a token must not follow one.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// baseOf reads an address.
func baseOf(address string) (*url.URL, error) {
	text := address
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	base, err := url.Parse(text)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Hostname() == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, fmt.Errorf("%q is no address of an agent; write its address as in 127.0.0.1:8000 or https://driftless.example.com", shownAddress(address))
	}
	return base, nil
}

// shownAddress is an address without what may be a password in it.
func shownAddress(address string) string {
	if _, rest, found := strings.Cut(address, "@"); found {
		return "...@" + rest
	}
	return address
}

// Stacks returns what the agent knows of all stacks, with their resources.
func (c *Client) Stacks(ctx context.Context) (answer Stacks, err error) {
	return answer, c.get(ctx, "/v1/stacks", url.Values{"resources": {"true"}}, &answer)
}

// History returns the transitions that a query of GET /v1/history is for.
func (c *Client) History(ctx context.Context, query url.Values) (answer History, err error) {
	return answer, c.get(ctx, "/v1/history", query, &answer)
}

// Approve lets a remedy be applied.
func (c *Client) Approve(ctx context.Context, request GrantRequest) (answer Approval, err error) {
	return answer, c.post(ctx, "/v1/approvals", request, &answer)
}

// Revoke takes an approval back.
func (c *Client) Revoke(ctx context.Context, id string) (answer Approval, err error) {
	return answer, c.do(ctx, http.MethodDelete, c.base.JoinPath("/v1/approvals", url.PathEscape(id)), nil, &answer)
}

// Acknowledge acknowledges a drift.
func (c *Client) Acknowledge(ctx context.Context, request GrantRequest) (answer Acknowledgements, err error) {
	return answer, c.post(ctx, "/v1/acknowledgements", request, &answer)
}

// Unacknowledge takes an acknowledgement back.
func (c *Client) Unacknowledge(ctx context.Context, id string) (answer Acknowledgements, err error) {
	return answer, c.do(ctx, http.MethodDelete, c.base.JoinPath("/v1/acknowledgements", url.PathEscape(id)), nil, &answer)
}

func (c *Client) post(ctx context.Context, path string, request GrantRequest, answer any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("encode the request: %w", err)
	}
	return c.do(ctx, http.MethodPost, c.base.JoinPath(path), body, answer)
}

func (c *Client) get(ctx context.Context, path string, query url.Values, answer any) error {
	at := c.base.JoinPath(path)
	at.RawQuery = query.Encode()
	return c.do(ctx, http.MethodGet, at, nil, answer)
}

func (c *Client) do(ctx context.Context, method string, at *url.URL, body []byte, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, at.String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask the agent at %s: %w", c.base, err)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return c.unreached(err)
	}
	defer response.Body.Close() //nolint:errcheck // all of it was read, or the error is told
	content, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read the answer of the agent at %s: %w", c.base, err)
	}
	if response.StatusCode/100 != 2 {
		return c.refused(response, content)
	}
	if err := json.Unmarshal(content, answer); err != nil {
		return fmt.Errorf("what answers at %s is no driftless agent of this version: %w; name the address of one with -address", c.base, err)
	}
	return nil
}

// unreached says why there is no answer.
func (c *Client) unreached(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // the rest is said here
	}
	if hint := tlsHint(err); hint != "" {
		return fmt.Errorf("the agent at %s was not asked: %w; %s", c.base, err, hint)
	}
	return fmt.Errorf("no agent answers at %s: %w; start one with driftless agent, or name the address of one with -address", c.base, err)
}

// refused says what the agent answers in place of what it was asked for.
func (c *Client) refused(response *http.Response, body []byte) error {
	said := strings.TrimSpace(string(body))
	var p problem
	if strings.HasPrefix(response.Header.Get("Content-Type"), problemType) && json.Unmarshal(body, &p) == nil && p.Detail != "" {
		said = p.Detail
	}
	switch {
	case response.StatusCode == http.StatusUnauthorized:
		said += "; put the token into the environment variable DRIFTLESS_TOKEN, or into a file that -token-file names"
	case response.StatusCode/100 == 3:
		said = "ask at " + response.Header.Get("Location")
	case c.base.Scheme == "http" && strings.Contains(said, "HTTPS server"):
		said += " Write its address with https://"
	case said == "":
		said = response.Status
	}
	return fmt.Errorf("the agent at %s answers: %s", c.base, said)
}
