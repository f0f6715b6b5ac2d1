package vault_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/secret/vault"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func TestTheSchemaFitsTheConfiguration(t *testing.T) {
	if err := schema.Check(vault.Schema(), vault.Config{}); err != nil {
		t.Error(err)
	}
}

func TestTheDefaultsAreThoseOfTheSchema(t *testing.T) {
	block := vault.Schema()
	values := map[string]cty.Value{}
	for _, a := range block.Attributes {
		values[a.Name] = cty.NullVal(a.Type)
		if a.Default != cty.NilVal {
			values[a.Name] = a.Default
		}
	}
	for _, n := range block.Blocks {
		values[n.Name] = cty.NullVal(n.Block.ImpliedType())
	}
	var got vault.Config
	if err := schema.Decode(cty.ObjectVal(values), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(vault.Defaults(), got); diff != "" {
		t.Errorf("an empty block (-want +got):\n%s", diff)
	}
}

func TestWhatIsLeftOutComesFromTheEnvironment(t *testing.T) {
	home := t.TempDir()
	environment := map[string]string{
		"VAULT_ADDR": "https://env.test", "VAULT_NAMESPACE": "team", "VAULT_CACERT": "/env/ca.pem", "VAULT_TOKEN": "from-env",
	}
	given := vault.Config{
		Address: "https://given.test", Namespace: "given",
		TLS: &vault.TLS{CAFile: "/given/ca.pem"}, Auth: &vault.Auth{Token: "given"},
	}
	file := filepath.Join(home, ".vault-token")
	for name, tt := range map[string]struct {
		config      vault.Config
		environment map[string]string
		tokenFile   bool
		want        vault.Config
	}{
		"what is given stays": {given, environment, true, given},
		"what is left out is taken": {vault.Config{}, environment, true, vault.Config{
			Address: "https://env.test", Namespace: "team", TLS: &vault.TLS{CAFile: "/env/ca.pem"}, Auth: &vault.Auth{Token: "from-env"}}},
		"the authorities join the rest of tls": {vault.Config{TLS: &vault.TLS{ServerName: "x"}, Auth: given.Auth}, environment, true, vault.Config{
			Address: "https://env.test", Namespace: "team", TLS: &vault.TLS{ServerName: "x", CAFile: "/env/ca.pem"}, Auth: given.Auth}},
		"the token of vault login is the last": {vault.Config{}, nil, true, vault.Config{Auth: &vault.Auth{TokenFile: file}}},
		"without anything there is nothing":    {vault.Config{}, nil, false, vault.Config{}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.RemoveAll(file); err != nil {
				t.Fatal(err)
			}
			if tt.tokenFile {
				write(t, file, "token")
			}
			got := tt.config.WithEnvironment(vault.Environment{Home: home, Lookup: func(name string) (string, bool) {
				value, ok := tt.environment[name]
				return value, ok
			}})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestValidateSaysWhatIsWrong(t *testing.T) {
	token := vault.Auth{Token: "t"}
	for name, tt := range map[string]struct {
		change func(c *vault.Config)
		want   string
	}{
		"all is well":                      {func(*vault.Config) {}, ""},
		"no address":                       {func(c *vault.Config) { c.Address = "" }, "VAULT_ADDR"},
		"an address without a scheme":      {func(c *vault.Config) { c.Address = "vault.test:8200" }, "no URL such as"},
		"an address with a password":       {func(c *vault.Config) { c.Address = "https://u:p-secret@vault.test" }, "without a user and a password"},
		"no time at all":                   {func(c *vault.Config) { c.Timeout = 0 }, "timeout"},
		"read all the time":                {func(c *vault.Config) { c.Refresh = time.Millisecond }, "refresh is 1ms"},
		"too many attempts":                {func(c *vault.Config) { c.Retries = 11 }, "from 0 to 10"},
		"a certificate without a key":      {func(c *vault.Config) { c.TLS = &vault.TLS{CertFile: "c"} }, "both cert_file and key_file"},
		"no way to log in":                 {func(c *vault.Config) { c.Auth = nil }, "vault login"},
		"an empty way to log in":           {func(c *vault.Config) { c.Auth = &vault.Auth{} }, "has 0 ways"},
		"two ways to log in":               {func(c *vault.Config) { c.Auth = &vault.Auth{Token: "t", Cert: &vault.Cert{}} }, "has 2 ways"},
		"a login with no certificate":      {func(c *vault.Config) { c.Auth = &vault.Auth{Cert: &vault.Cert{}} }, "give its cert_file"},
		"a login with no signed token":     {func(c *vault.Config) { c.Auth = &vault.Auth{JWT: &vault.JWT{}} }, "exactly one of jwt and jwt_path"},
		"a username that leaves its place": {func(c *vault.Config) { c.Auth = &vault.Auth{UserPass: &vault.UserPass{Username: "../x"}} }, "can't be part of a path"},
	} {
		t.Run(name, func(t *testing.T) {
			config := vault.Defaults()
			config.Address, config.Auth = "https://vault.test", &token
			tt.change(&config)
			err := config.Validate()
			if (err == nil) != (tt.want == "") || err != nil && (!strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "p-secret")) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestNoFormatShowsACredential(t *testing.T) {
	c := vault.Credential("hunter2")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(verb, c); got != "(sensitive value)" {
			t.Errorf("%s: %s", verb, got)
		}
	}
}

func TestCheckPath(t *testing.T) {
	for path, valid := range map[string]bool{
		"kv/app": true, "kv/data/app": true, "database/creds/read-only": true, "cubbyhole/a b": true, "a": true,
		"": false, "/kv/app": false, "kv/app/": false, "kv//app": false, "kv/../sys": false, "kv/./a": false,
		"v1/kv/app": false, "kv/app?version=2": false, "kv/app#key": false, "kv/%2e%2e/a": false, "kv/\napp": false,
		"kv/+/app": false, "kv/*": false, strings.Repeat("a/", 256) + "a": false,
	} {
		if err := vault.CheckPath(path); (err == nil) != valid {
			t.Errorf("%q: %v", path, err)
		}
	}
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
