package vault

import (
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/schema"
)

// serviceJWT is where a pod finds the token of its service account.
const serviceJWT = "/var/run/secrets/kubernetes.io/serviceaccount/token"

// Schema is what a block provider "vault" may hold. Its value decodes into a
// [Config].
func Schema() *schema.Block {
	return &schema.Block{
		Doc: "The Vault that the function vault reads from. What is left out is taken from VAULT_ADDR, VAULT_NAMESPACE, VAULT_CACERT, VAULT_TOKEN and ~/.vault-token. The block may use the function secret, and not vault.",
		Attributes: []schema.Attribute{
			{Name: "address", Type: cty.String, Format: schema.URL, Doc: "Where Vault is: https://vault.example.com:8200. Default: VAULT_ADDR."},
			{Name: "namespace", Type: cty.String, Doc: "The namespace of all paths. Default: VAULT_NAMESPACE."},
			{Name: "timeout", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("15s"), Doc: "How long one request may take with all its attempts."},
			{Name: "retries", Type: cty.Number, Default: cty.NumberIntVal(3), Doc: "How often a request is tried again when Vault can't be reached, answers 429 or a server error."},
			{Name: "refresh", Type: cty.String, Format: schema.Duration, Default: cty.StringVal("5m"), Doc: "How often a value that has no lease, such as those of KV, is read again to see whether it has changed."},
		},
		Blocks: []schema.Nested{
			{Name: "tls", Nesting: schema.Single, Block: tlsSchema()},
			{Name: "auth", Nesting: schema.Single, Block: authSchema()},
		},
	}
}

func tlsSchema() schema.Block {
	return schema.Block{
		Doc: "How Vault is checked, and what the client shows of itself.",
		Attributes: []schema.Attribute{
			{Name: "ca_file", Type: cty.String, Format: schema.AbsolutePath, Doc: "Certificates in PEM form of the authorities to trust, in place of the system's. Default: VAULT_CACERT."},
			{Name: "cert_file", Type: cty.String, Format: schema.AbsolutePath, Doc: "The certificate of this client, in PEM form, with those in between."},
			{Name: "key_file", Type: cty.String, Format: schema.AbsolutePath, Doc: "The private key that belongs to cert_file."},
			{Name: "server_name", Type: cty.String, Doc: "The name that Vault's certificate must bear, where it isn't the host of the address."},
			{Name: "insecure_skip_verify", Type: cty.Bool, Default: cty.False, Doc: "Trust any server. Whoever is in between can then read all secrets."},
		},
	}
}

func authSchema() schema.Block {
	return schema.Block{
		Doc: "How to log in: exactly one of the ways.",
		Attributes: []schema.Attribute{
			{Name: "token", Type: cty.String, Sensitive: true, Doc: "A token, such as secret(\"VAULT_TOKEN\")."},
			{Name: "token_file", Type: cty.String, Format: schema.AbsolutePath, Doc: "A file that holds a token, read again when the token is no longer taken. A Vault agent keeps such a file."},
		},
		Blocks: []schema.Nested{
			method("approle", "Logs in as a machine that was given an id and a secret.",
				schema.Attribute{Name: "role_id", Type: cty.String, Required: true, Doc: "The id of the role."},
				schema.Attribute{Name: "secret_id", Type: cty.String, Sensitive: true, Doc: "The secret that belongs to it, for roles that are bound to one."}),
			method("kubernetes", "Logs in as the service account of the pod.",
				schema.Attribute{Name: "role", Type: cty.String, Required: true, Doc: "The role to log in to."},
				schema.Attribute{Name: "jwt_path", Type: cty.String, Format: schema.AbsolutePath, Default: cty.StringVal(serviceJWT), Doc: "The file with the service account's token. It is read at each login."}),
			method("jwt", "Logs in with a signed token of another system.",
				schema.Attribute{Name: "role", Type: cty.String, Required: true, Doc: "The role to log in to."},
				schema.Attribute{Name: "jwt", Type: cty.String, Sensitive: true, Doc: "The signed token."},
				schema.Attribute{Name: "jwt_path", Type: cty.String, Format: schema.AbsolutePath, Doc: "A file with the signed token. It is read at each login."}),
			method("userpass", "Logs in with a name and a password.",
				schema.Attribute{Name: "username", Type: cty.String, Required: true, Doc: "The name."},
				schema.Attribute{Name: "password", Type: cty.String, Required: true, Sensitive: true, Doc: "The password."}),
			method("cert", "Logs in with the client certificate of the tls block.",
				schema.Attribute{Name: "name", Type: cty.String, Doc: "The role to log in to. Default: any that the certificate fits."}),
		},
	}
}

// method is the block of one auth method. It is mounted under its own name
// unless someone chose another.
func method(name, doc string, attributes ...schema.Attribute) schema.Nested {
	mount := schema.Attribute{Name: "mount", Type: cty.String, Default: cty.StringVal(name), Doc: "Where the method is mounted, without auth/ before it."}
	return schema.Nested{Name: name, Nesting: schema.Single, Block: schema.Block{Doc: doc, Attributes: append(attributes, mount)}}
}
