package vault

import (
	"os"
	"path/filepath"
)

// Environment is where a configuration takes from what it doesn't say.
type Environment struct {
	Lookup func(name string) (string, bool) // such as os.LookupEnv
	Home   string                           // the user's home directory; empty for none
}

// WithEnvironment returns the configuration with what it doesn't say taken
// from VAULT_ADDR, VAULT_NAMESPACE, VAULT_CACERT, VAULT_TOKEN and the token that
// "vault login" has left in the home directory.
func (c Config) WithEnvironment(env Environment) Config {
	get := func(name string) string {
		value, _ := env.Lookup(name)
		return value
	}
	if c.Address == "" {
		c.Address = get("VAULT_ADDR")
	}
	if c.Namespace == "" {
		c.Namespace = get("VAULT_NAMESPACE")
	}
	if authorities := get("VAULT_CACERT"); authorities != "" && (c.TLS == nil || c.TLS.CAFile == "") {
		tls := TLS{}
		if c.TLS != nil {
			tls = *c.TLS
		}
		tls.CAFile = authorities
		c.TLS = &tls
	}
	if c.Auth == nil {
		c.Auth = env.auth(get("VAULT_TOKEN"))
	}
	return c
}

func (e Environment) auth(token string) *Auth {
	if token != "" {
		return &Auth{Token: Credential(token)}
	}
	if e.Home == "" {
		return nil
	}
	file := filepath.Join(e.Home, ".vault-token")
	if _, err := os.Stat(file); err != nil {
		return nil
	}
	return &Auth{TokenFile: file}
}
