package vaultserver

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// defaultPolicy is what every token may do.
const defaultPolicy = `
path "auth/token/lookup-self" { capabilities = ["read"] }
path "auth/token/renew-self" { capabilities = ["update"] }
path "auth/token/revoke-self" { capabilities = ["update"] }
path "sys/leases/renew" { capabilities = ["update"] }
`

type fakeToken struct {
	policies  []string
	ttl       time.Duration // 0: it has no end
	expires   time.Time
	max       time.Time // the zero time for no limit
	renewable bool
}

func (f *Fake) alive(id string) (*fakeToken, bool) {
	token := f.tokens[id]
	return token, token != nil && (token.ttl == 0 || time.Now().Before(token.expires))
}

var rule = regexp.MustCompile(`path "([^"]+)"\s*\{\s*capabilities\s*=\s*\[([^\]]*)\]`)

// allows reads the policies of a token.
func (f *Fake) allows(token *fakeToken, method, path string) bool {
	if slices.Contains(token.policies, "root") {
		return true
	}
	// Where a mount is may be known to whoever has a right under it.
	if mounted, ok := strings.CutPrefix(path, "sys/internal/ui/mounts/"); ok {
		path, _, _ = strings.Cut(mounted, "/")
		return slices.ContainsFunc(f.rules(token), func(r []string) bool { return strings.HasPrefix(r[1], path+"/") })
	}
	capability := map[string]string{http.MethodGet: "read", http.MethodPut: "update", http.MethodPost: "update"}[method]
	return slices.ContainsFunc(f.rules(token), func(r []string) bool {
		prefix, isGlob := strings.CutSuffix(r[1], "*")
		return strings.Contains(r[2], capability) && (path == r[1] || isGlob && strings.HasPrefix(path, prefix))
	})
}

func (f *Fake) rules(token *fakeToken) [][]string {
	var all [][]string
	for _, policy := range token.policies {
		all = append(all, rule.FindAllStringSubmatch(f.policies[policy], -1)...)
	}
	return all
}

// grant makes a token and the answer that tells of it. What is asked for has
// the names of Vault's interface.
func (f *Fake) grant(w http.ResponseWriter, ttl, maxTTL string, policies []string, renewable bool) {
	token := &fakeToken{policies: append([]string{"default"}, policies...), ttl: duration(ttl), renewable: renewable}
	token.expires = time.Now().Add(token.ttl)
	if limit := duration(maxTTL); limit > 0 {
		token.max = time.Now().Add(limit)
	}
	id := f.name("hvs.token-of-the-fake")
	f.tokens[id] = token
	answer(w, map[string]any{"auth": f.describe(id, token)})
}

func (f *Fake) describe(id string, token *fakeToken) map[string]any {
	left := 0
	if token.ttl > 0 {
		left = int(time.Until(token.expires).Seconds())
	}
	return map[string]any{
		"client_token": id, "policies": token.policies, "token_policies": token.policies,
		"lease_duration": left, "ttl": left, "renewable": token.renewable, "id": id,
	}
}

func (f *Fake) serveToken(w http.ResponseWriter, id, what string, body map[string]any) {
	token := f.tokens[id]
	switch what {
	case "lookup-self":
		answer(w, map[string]any{"data": f.describe(id, token)})
	case "renew-self":
		if !token.renewable {
			fail(w, http.StatusBadRequest, "lease is not renewable")
			return
		}
		token.expires = earliest(time.Now().Add(max(token.ttl, duration(text(body["increment"])))), token.max)
		answer(w, map[string]any{"auth": f.describe(id, token)})
	case "revoke-self":
		f.revokeToken(id)
		answer(w, nil)
	case "revoke":
		f.revokeToken(text(body["token"]))
		answer(w, nil)
	case "create":
		f.grant(w, text(body["ttl"]), text(body["explicit_max_ttl"]), names(body["policies"]), body["renewable"] != false)
	default:
		fail(w, http.StatusNotFound)
	}
}

// revokeToken ends a token, and what was leased under it.
func (f *Fake) revokeToken(id string) {
	delete(f.tokens, id)
	for lease, l := range f.leases {
		if l.token == id {
			delete(f.leases, lease)
		}
	}
}

// login answers the methods that the fake knows.
func (f *Fake) login(w http.ResponseWriter, path string, body map[string]any) {
	method, rest, _ := strings.Cut(path, "/")
	switch method {
	case "approle":
		role := f.secretIDs[text(body["secret_id"])]
		if role == "" || role != text(body["role_id"]) {
			fail(w, http.StatusBadRequest, "invalid role or secret ID")
			return
		}
		f.grantFor(w, f.roles[role])
	case "userpass":
		user := f.users[strings.TrimPrefix(rest, "login/")]
		if user == nil || user["password"] != body["password"] {
			fail(w, http.StatusBadRequest, "invalid username or password")
			return
		}
		f.grantFor(w, user)
	case "kubernetes", "jwt":
		role := f.roles[method+"/"+text(body["role"])]
		if role == nil || role["jwt"] != body["jwt"] {
			fail(w, http.StatusForbidden, "permission denied")
			return
		}
		f.grantFor(w, role)
	case "cert":
		f.grantFor(w, f.roles["cert/"+text(body["name"])])
	default:
		fail(w, http.StatusForbidden, "permission denied")
	}
}

// JWTRole makes the login of a role at auth/METHOD take a token, or anybody
// where the method is cert. Its sessions have the given life.
func (f *Fake) JWTRole(method, role, jwt string, ttl time.Duration, policies ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.roles[method+"/"+role] = map[string]any{"jwt": jwt, "token_ttl": ttl.String(), "token_policies": strings.Join(policies, ",")}
}

func (f *Fake) grantFor(w http.ResponseWriter, role map[string]any) {
	f.grant(w, text(role["token_ttl"]), text(role["token_max_ttl"]), names(role["token_policies"]), text(role["token_type"]) != "batch")
}

// serveAuth takes the roles and users that a test sets up.
func (f *Fake) serveAuth(w http.ResponseWriter, path string, body map[string]any) {
	parts := strings.Split(path, "/")
	switch {
	case len(parts) == 4 && parts[1] == "userpass":
		f.users[parts[3]] = body
		answer(w, nil)
	case len(parts) == 4 && parts[1] == "approle":
		f.roles[parts[3]] = body
		answer(w, nil)
	case len(parts) == 5 && parts[4] == "role-id":
		answer(w, map[string]any{"data": map[string]any{"role_id": parts[3]}})
	case len(parts) == 5 && parts[4] == "secret-id":
		id := f.name("secret-id-of-the-fake")
		f.secretIDs[id] = parts[3]
		answer(w, map[string]any{"data": map[string]any{"secret_id": id}})
	default:
		fail(w, http.StatusNotFound)
	}
}

func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String() + "s"
	}
	return ""
}

// names reads a list, or what stands between commas.
func names(value any) []string {
	if list, ok := value.([]any); ok {
		var all []string
		for _, one := range list {
			all = append(all, text(one))
		}
		return all
	}
	if text(value) == "" {
		return nil
	}
	return strings.Split(text(value), ",")
}

// duration reads "4s"; what is no duration is none.
func duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0
	}
	return d
}

func earliest(a, b time.Time) time.Time {
	if !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
