package eval

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/schema"
)

// Role is what the bearer of a token may do. Each role may do what those
// before it may.
type Role int

// The roles.
const (
	Nobody   Role = iota // nothing: the role of a request without a token
	Viewer               // read
	Operator             // have tasks checked, and approve what they ask for
	Admin                // have the configuration read again
)

// String returns the role as it is written in a configuration.
func (r Role) String() string { return [...]string{"nobody", "viewer", "operator", "admin"}[r] }

// roleNames are the roles that a token can have.
func roleNames() []string {
	return []string{Viewer.String(), Operator.String(), Admin.String()}
}

func roleOf(name string) Role { return Viewer + Role(slices.Index(roleNames(), name)) }

// Token is one who may use the agent's API. Of the secret itself only a hash
// is known.
type Token struct {
	Name string
	Hash [sha256.Size]byte
	Role Role
}

// TLS are the files that the API is served with. ClientCAFile is empty where
// clients need no certificate.
type TLS struct {
	CertFile     string `schema:"cert_file"`
	KeyFile      string `schema:"key_file"`
	ClientCAFile string `schema:"client_ca_file"`
}

func authSchema() schema.Block {
	return schema.Block{
		Doc: "Who may use the API. With this block every request needs the header `Authorization: Bearer TOKEN`, except `/-/healthy`, `/-/ready`, and webhooks, which prove themselves.",
		Blocks: []schema.Nested{{Name: "token", Nesting: schema.Map, Label: "name", Required: true, Block: schema.Block{
			Doc: "One who may, under a name that the log shows.",
			Attributes: []schema.Attribute{
				{Name: "hash", Type: cty.String, Required: true, Doc: "`sha256:` and the SHA-256 of the token in hexadecimal digits, as `printf %s \"$TOKEN\" | sha256sum` prints it. The token should be long and random, such as one of `openssl rand -hex 32`."},
				{Name: "role", Type: cty.String, Required: true, Enum: roleNames(), Doc: "What the bearer may do: a `viewer` reads, an `operator` also has tasks checked, approves and acknowledges, an `admin` also has the configuration read again."},
			},
		}}},
	}
}

func tlsSchema() schema.Block {
	return schema.Block{
		Doc: "Serves the API over TLS 1.2 or later. The files are read again when they have changed.",
		Attributes: []schema.Attribute{
			{Name: "cert_file", Type: cty.String, Required: true, Format: schema.AbsolutePath, Doc: "The certificate in PEM, followed by those between it and its authority."},
			{Name: "key_file", Type: cty.String, Required: true, Format: schema.AbsolutePath, Doc: "The key of the certificate in PEM."},
			{Name: "client_ca_file", Type: cty.String, Format: schema.AbsolutePath, Doc: "Authorities in PEM. Whoever connects needs a certificate of one of them, webhooks and probes too."},
		},
	}
}

// authConfig is the block auth as it is decoded.
type authConfig struct {
	Token map[string]struct {
		Hash string `schema:"hash"`
		Role string `schema:"role"`
	} `schema:"token"`
}

// hashPrefix names the algorithm of a hash.
const hashPrefix = "sha256:"

// tokens reads the tokens of an auth block. What is wrong with a hash doesn't
// show it: it may be a token, pasted in by mistake.
func (c authConfig) tokens(sh *shape) ([]Token, hcl.Diagnostics) {
	var tokens []Token
	var diags hcl.Diagnostics
	names := make(map[[sha256.Size]byte]string)
	for _, name := range slices.Sorted(maps.Keys(c.Token)) {
		written := c.Token[name]
		at := sh.locate(cty.GetAttrPath("auth").GetAttr("token").IndexString(name).GetAttr("hash"))
		hash, err := hex.DecodeString(strings.TrimPrefix(written.Hash, hashPrefix))
		if err != nil || len(hash) != sha256.Size || !strings.HasPrefix(written.Hash, hashPrefix) {
			diags = append(diags, errorf(at, "Invalid hash of a token", "The hash of the token %q is not %q with 64 hexadecimal digits. Make it with: printf %%s \"$TOKEN\" | sha256sum.", name, hashPrefix))
			continue
		}
		token := Token{Name: name, Hash: [sha256.Size]byte(hash), Role: roleOf(written.Role)}
		if other, exists := names[token.Hash]; exists {
			diags = append(diags, errorf(at, "Invalid hash of a token", "The tokens %q and %q have the same hash, so they are the same token. Give each its own.", other, name))
		}
		names[token.Hash] = name
		tokens = append(tokens, token)
	}
	return tokens, diags
}
