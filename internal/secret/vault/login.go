package vault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/vault/api"
)

// session is a token and what is known of it.
type session struct {
	api      *api.Client
	token    string
	first    time.Duration // the TTL that the token had at first
	life     Lifetime      // changes with each renewal: the client's lock guards it
	policies []string
	// ours says that a login made the token, so that it ends with the client.
	ours bool
	// replaced is closed when another session takes this one's place. What
	// was leased under this one ends with its token.
	replaced chan struct{}
}

// login makes a session in the way that the configuration says.
func (c *Client) login(ctx context.Context) (*session, error) {
	if a := c.config.Auth; a.Token != "" || a.TokenFile != "" {
		return c.adopt(ctx)
	}
	mount, role, body, err := c.credentials()
	if err != nil {
		return nil, err
	}
	anonymous, err := c.connect("")
	if err != nil {
		return nil, err
	}
	path := "auth/" + strings.Trim(mount, "/") + "/login" + role
	answer, err := anonymous.Logical().WriteWithContext(ctx, path, body)
	if err != nil {
		return nil, c.loginError(path, c.explain(err))
	}
	if answer == nil || answer.Auth == nil || answer.Auth.ClientToken == "" {
		return nil, c.loginError(path, fmt.Errorf("the answer holds no token; does the method ask for a second factor?"))
	}
	return c.begin(answer.Auth.ClientToken, Lifetime{
		From: time.Now(), TTL: seconds(answer.Auth.LeaseDuration), Renewable: answer.Auth.Renewable,
	}, answer.Auth.Policies, true)
}

// credentials returns where the configured method is mounted, what follows
// its login path, and what is shown to it.
func (c *Client) credentials() (mount, suffix string, body map[string]any, err error) {
	switch a := c.config.Auth; {
	case a.AppRole != nil:
		body = map[string]any{"role_id": a.AppRole.RoleID}
		if a.AppRole.SecretID != "" {
			body["secret_id"] = string(a.AppRole.SecretID)
		}
		return a.AppRole.Mount, "", body, nil
	case a.Kubernetes != nil:
		jwt, err := c.readCredential(a.Kubernetes.JWTPath)
		return a.Kubernetes.Mount, "", map[string]any{"role": a.Kubernetes.Role, "jwt": jwt}, err
	case a.JWT != nil:
		jwt := string(a.JWT.JWT)
		if jwt == "" {
			jwt, err = c.readCredential(a.JWT.JWTPath)
		}
		return a.JWT.Mount, "", map[string]any{"role": a.JWT.Role, "jwt": jwt}, err
	case a.UserPass != nil:
		return a.UserPass.Mount, "/" + a.UserPass.Username, map[string]any{"password": string(a.UserPass.Password)}, nil
	default:
		body = map[string]any{}
		if a.Cert.Name != "" {
			body["name"] = a.Cert.Name
		}
		return a.Cert.Mount, "", body, nil
	}
}

// adopt makes a session of a token that someone else made. Vault is asked how
// long it lives; a token that isn't allowed to know that is used as it is.
func (c *Client) adopt(ctx context.Context) (*session, error) {
	token := string(c.config.Auth.Token)
	if file := c.config.Auth.TokenFile; file != "" {
		var err error
		if token, err = c.readCredential(file); err != nil {
			return nil, err
		}
	}
	client, err := c.connect(token)
	if err != nil {
		return nil, err
	}
	asked := time.Now()
	self, err := client.Auth().Token().LookupSelfWithContext(ctx)
	if failure := c.explain(err); errors.Is(failure, ErrDenied) {
		return c.begin(token, Lifetime{}, nil, false)
	} else if failure != nil {
		return nil, fmt.Errorf("look up the token at Vault at %s: %w", c.config.Address, failure)
	}
	life, policies, err := described(self, asked)
	if err != nil {
		return nil, fmt.Errorf("look up the token at Vault at %s: %s", c.config.Address, c.clean(err.Error()))
	}
	return c.begin(token, life, policies, false)
}

// described reads what Vault says of a token.
func described(self *api.Secret, asked time.Time) (Lifetime, []string, error) {
	ttl, err := self.TokenTTL()
	if err != nil {
		return Lifetime{}, nil, err
	}
	renewable, err := self.TokenIsRenewable()
	if err != nil {
		return Lifetime{}, nil, err
	}
	policies, err := self.TokenPolicies()
	return Lifetime{From: asked, TTL: ttl, Renewable: renewable && ttl > 0}, policies, err
}

func (c *Client) begin(token string, life Lifetime, policies []string, ours bool) (*session, error) {
	c.hidden.Add(token)
	client, err := c.connect(token)
	if err != nil {
		return nil, err
	}
	return &session{
		api: client, token: token, first: life.TTL, life: life,
		policies: policies, ours: ours, replaced: make(chan struct{}),
	}, nil
}

func (c *Client) readCredential(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", &AwayError{Err: fmt.Errorf("read what to log in to Vault with: %w", err), local: true}
	}
	credential := strings.TrimSpace(string(text))
	if credential == "" {
		return "", &AwayError{Err: fmt.Errorf("read what to log in to Vault with: %s is empty", file), local: true}
	}
	c.hidden.Add(credential)
	return credential, nil
}

func (c *Client) loginError(path string, err error) error {
	return fmt.Errorf("log in to Vault at %s with %s: %w; check the auth block of provider \"vault\" and the role in Vault", c.config.Address, path, err)
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
