package vault

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/driftless-hq/driftless/internal/secret/redact"
)

// Config says where a Vault is and how to log in to it. It is what a block
// provider "vault" decodes to; see [Schema].
type Config struct {
	Address   string        `schema:"address"`
	Namespace string        `schema:"namespace"`
	Timeout   time.Duration `schema:"timeout"` // of one request, all its attempts together
	Retries   int           `schema:"retries"` // attempts after the first
	Refresh   time.Duration `schema:"refresh"` // how often a value without a lease is read again
	TLS       *TLS          `schema:"tls"`
	Auth      *Auth         `schema:"auth"`
}

// Defaults returns the configuration that an empty block stands for.
func Defaults() Config {
	return Config{Timeout: 15 * time.Second, Retries: 3, Refresh: 5 * time.Minute}
}

// TLS says how the server is checked, and what the client shows of itself.
type TLS struct {
	CAFile             string `schema:"ca_file"`
	CertFile           string `schema:"cert_file"`
	KeyFile            string `schema:"key_file"`
	ServerName         string `schema:"server_name"`
	InsecureSkipVerify bool   `schema:"insecure_skip_verify"`
}

// Auth is one way to log in: exactly one of its fields is set.
type Auth struct {
	Token      Credential  `schema:"token"`
	TokenFile  string      `schema:"token_file"`
	AppRole    *AppRole    `schema:"approle"`
	Kubernetes *Kubernetes `schema:"kubernetes"`
	JWT        *JWT        `schema:"jwt"`
	UserPass   *UserPass   `schema:"userpass"`
	Cert       *Cert       `schema:"cert"`
}

// AppRole logs in as a machine that was given an id and a secret.
type AppRole struct {
	Mount    string     `schema:"mount"`
	RoleID   string     `schema:"role_id"`
	SecretID Credential `schema:"secret_id"` // empty for a role that needs none
}

// Kubernetes logs in as the service account of a pod.
type Kubernetes struct {
	Mount   string `schema:"mount"`
	Role    string `schema:"role"`
	JWTPath string `schema:"jwt_path"`
}

// JWT logs in with a signed token of another system, given or in a file that
// is read at each login.
type JWT struct {
	Mount   string     `schema:"mount"`
	Role    string     `schema:"role"`
	JWT     Credential `schema:"jwt"`
	JWTPath string     `schema:"jwt_path"`
}

// UserPass logs in with a name and a password.
type UserPass struct {
	Mount    string     `schema:"mount"`
	Username string     `schema:"username"`
	Password Credential `schema:"password"`
}

// Cert logs in with the client certificate of the tls block.
type Cert struct {
	Mount string `schema:"mount"`
	Name  string `schema:"name"` // of the role; empty for any that fits
}

// Credential is a string that no format shows.
type Credential string

var (
	_ fmt.Formatter  = Credential("")
	_ json.Marshaler = Credential("")
)

// Format writes the placeholder of secrets, whatever the verb.
func (c Credential) Format(out fmt.State, _ rune) {
	// The writer behind a fmt.State is in memory.
	_, _ = io.WriteString(out, redact.Placeholder)
}

// MarshalJSON returns the placeholder of secrets.
func (c Credential) MarshalJSON() ([]byte, error) { return json.Marshal(redact.Placeholder) }

// Validate says what is missing or contradictory, in terms of the block.
func (c *Config) Validate() error {
	if c.Address == "" {
		return fmt.Errorf("there is no address of a Vault: give address in the provider \"vault\" block, or set VAULT_ADDR")
	}
	address, err := url.Parse(c.Address)
	if err != nil || address.Host == "" || address.User != nil || address.Scheme != "https" && address.Scheme != "http" {
		return fmt.Errorf("the address of Vault is no URL such as https://vault.example.com:8200, without a user and a password in it")
	}
	switch {
	case c.Timeout <= 0:
		return fmt.Errorf("the timeout of Vault must be more than nothing, such as \"15s\"")
	case c.Refresh < time.Second:
		return fmt.Errorf("refresh is %s: values would be read all the time; give at least \"1s\"", c.Refresh)
	case c.Retries < 0 || c.Retries > 10:
		return fmt.Errorf("retries is %d: give a number from 0 to 10", c.Retries)
	case c.TLS != nil && (c.TLS.CertFile == "") != (c.TLS.KeyFile == ""):
		return fmt.Errorf("a certificate needs its private key: give both cert_file and key_file in the tls block, or neither")
	case c.Auth == nil:
		return fmt.Errorf("there is no way to log in to Vault: write an auth block in the provider \"vault\" block, set VAULT_TOKEN, or run vault login")
	}
	return c.Auth.validate(c.TLS)
}

func (a *Auth) validate(tls *TLS) error {
	ways := 0
	for _, given := range []bool{a.Token != "", a.TokenFile != "", a.AppRole != nil, a.Kubernetes != nil, a.JWT != nil, a.UserPass != nil, a.Cert != nil} {
		if given {
			ways++
		}
	}
	switch {
	case ways != 1:
		return fmt.Errorf("the auth block has %d ways to log in: give exactly one of token, token_file, approle, kubernetes, jwt, userpass and cert", ways)
	case a.Cert != nil && (tls == nil || tls.CertFile == ""):
		return fmt.Errorf("to log in with a certificate, give its cert_file and key_file in the tls block")
	case a.UserPass != nil && CheckPath(a.UserPass.Username) != nil:
		return fmt.Errorf("the username of the userpass block can't be part of a path")
	case a.JWT != nil && (a.JWT.JWT == "") == (a.JWT.JWTPath == ""):
		return fmt.Errorf("the jwt block needs exactly one of jwt and jwt_path")
	}
	return nil
}
