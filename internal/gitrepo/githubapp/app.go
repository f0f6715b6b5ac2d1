// Package githubapp gets the access tokens of an installation of a GitHub App,
// by which it reads the repositories that it was given. A token is good for an
// hour and is kept in memory until shortly before its end.
//
//	app, err := githubapp.New(githubapp.Options{AppID: "1234", InstallationID: "5678", PrivateKey: pem, Now: time.Now})
//	token, err := app.Token(ctx)
package githubapp

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

const (
	// DefaultBaseURL is that of GitHub's API.
	DefaultBaseURL = "https://api.github.com"
	// spare is how long a token must still be good to be given away: as long
	// as a fetch may take that begins with it.
	spare = 5 * time.Minute
	// maxAnswer bounds what the server may say.
	maxAnswer = 1 << 20
)

// Options says which installation of which app it is, and how GitHub is reached.
type Options struct {
	BaseURL        string // of the API; empty: [DefaultBaseURL]
	AppID          string // its number, or its client id
	InstallationID string // a number
	PrivateKey     string // of RSA, in PEM
	CABundle       []byte // PEM certificates to trust, beside the system's
	Proxy          string // the url of a proxy; empty: what the environment says
	Now            func() time.Time
}

// App is an installation of an app. Its methods may be called from several
// goroutines.
type App struct {
	opts   Options
	url    string // where tokens are made
	key    *rsa.PrivateKey
	client *http.Client

	turn    chan struct{} // holds one while somebody uses what is below
	token   string
	expires time.Time
}

var digits = regexp.MustCompile(`^[0-9]{1,20}$`)

// New prepares an app. Nobody is asked for a token yet.
func New(o Options) (*App, error) {
	if o.BaseURL == "" {
		o.BaseURL = DefaultBaseURL
	}
	base, err := url.Parse(o.BaseURL)
	switch {
	case err != nil || base.Scheme != "https" || base.Host == "" || base.User != nil:
		return nil, errors.New("base_url is not an https url: write it as in \"https://github.example.com/api/v3\"")
	case o.AppID == "":
		return nil, errors.New("app_id is empty: it is on the page of the app's settings")
	case !digits.MatchString(o.InstallationID):
		return nil, errors.New("installation_id is not a number: it ends the url of the page of the installation's settings")
	}
	key, err := parseKey(o.PrivateKey)
	if err != nil {
		return nil, err
	}
	transport, err := newTransport(o)
	if err != nil {
		return nil, err
	}
	return &App{
		opts: o, key: key,
		url: strings.TrimSuffix(o.BaseURL, "/") + "/app/installations/" + o.InstallationID + "/access_tokens",
		client: &http.Client{
			Transport: transport,
			// What proves who the app is must not follow to another place.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		turn: make(chan struct{}, 1),
	}, nil
}

func newTransport(o Options) (*http.Transport, error) {
	t := &http.Transport{
		Proxy:             http.ProxyFromEnvironment,
		DisableKeepAlives: true, // the next request is in an hour
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if o.Proxy != "" {
		proxy, err := url.Parse(o.Proxy)
		if err != nil {
			return nil, errors.New("the proxy is not a url")
		}
		t.Proxy = http.ProxyURL(proxy)
	}
	if len(o.CABundle) > 0 {
		roots, err := x509.SystemCertPool()
		if err != nil {
			return nil, fmt.Errorf("read the certificates of the system: %w", err)
		}
		if !roots.AppendCertsFromPEM(o.CABundle) {
			return nil, errors.New("there are no certificates in what is to be trusted beside those of the system")
		}
		t.TLSClientConfig.RootCAs = roots
	}
	return t, nil
}

// Token returns a token that is good for some minutes at least.
func (a *App) Token(ctx context.Context) (string, error) {
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	if a.isGood() {
		return a.token, nil
	}
	made, err := a.request(ctx)
	if err != nil {
		return "", fmt.Errorf("get a token for the installation %s of the GitHub App %s: %w", a.opts.InstallationID, a.opts.AppID, err)
	}
	a.token, a.expires = made.Token, made.ExpiresAt
	return a.token, nil
}

func (a *App) isGood() bool {
	return a.token != "" && a.opts.Now().Before(a.expires.Add(-spare))
}

// Forget has the next Token be another one: this was refused.
func (a *App) Forget(token string) {
	a.turn <- struct{}{}
	if a.token == token {
		a.token = ""
	}
	<-a.turn
}

// answer is what GitHub says to a request for a token.
type answer struct {
	Token     string    `json:"token"`
	ExpiresAt time.Time `json:"expires_at"`
	Message   string    `json:"message"` // of an error
}

func (a *App) request(ctx context.Context) (answer, error) {
	proof, err := sign(a.key, a.opts.AppID, a.opts.Now())
	if err != nil {
		return answer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, http.NoBody)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("Authorization", "Bearer "+proof)
	req.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	req.Header.Set("User-Agent", "driftless")
	resp, err := a.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer{}, fmt.Errorf("read the answer of %s: %w", a.url, err)
	}
	return parseAnswer(resp.StatusCode, text)
}

func parseAnswer(status int, text []byte) (answer, error) {
	var said answer
	err := json.NewDecoder(bytes.NewReader(text)).Decode(&said)
	switch {
	case status == http.StatusUnauthorized:
		return answer{}, fmt.Errorf("it is not taken for the app: check app_id, private_key and the clock of this host (%q)", said.Message)
	case status == http.StatusNotFound:
		return answer{}, errors.New("the app has no such installation: check installation_id, and base_url where it is GitHub Enterprise")
	case status != http.StatusCreated:
		return answer{}, fmt.Errorf("the server answered with the status %d (%q)", status, said.Message)
	case err != nil:
		return answer{}, errors.New("the server's answer is not that of GitHub's API: check base_url")
	case said.Token == "" || strings.ContainsAny(said.Token, "\r\n\x00"):
		return answer{}, errors.New("the server's answer holds no token: check base_url")
	}
	return said, nil
}
