package secret

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/driftless-hq/driftless/internal/secret/vault"
)

// maxParameters bounds the parameters of a write, in bytes of JSON.
const maxParameters = 256 << 10

// request is what is asked of Vault: a read of a path or, with parameters, a
// write. The same request is made once for all the keys of its answer, so that
// a certificate and its private key belong together.
type request struct {
	path       string
	parameters map[string]any // nil for a read
	encoded    string         // the parameters as JSON, names sorted
}

// newRequest checks what an expression says. The parameters are [cty.NilVal] for
// a read, and else an object or a map.
func newRequest(path string, parameters cty.Value) (request, error) {
	r := request{path: path}
	if err := vault.CheckPath(path); err != nil || parameters == cty.NilVal {
		return r, err
	}
	if t := parameters.Type(); parameters.IsNull() || !t.IsObjectType() && !t.IsMapType() {
		return r, fmt.Errorf("the parameters for %q in Vault are no object: write them as in { common_name = \"www.example.com\" }", path)
	}
	text, err := ctyjson.Marshal(parameters, parameters.Type())
	if err != nil {
		return r, fmt.Errorf("the parameters for %q in Vault hold what JSON can't: %w", path, err)
	}
	if len(text) > maxParameters {
		return r, fmt.Errorf("the parameters for %q in Vault are longer than %d bytes", path, maxParameters)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&r.parameters); err != nil {
		return r, fmt.Errorf("read the parameters for %q in Vault: %w", path, err)
	}
	r.encoded = string(text)
	return r, nil
}

// CheckVault says what is wrong with a call of the function vault, without
// asking Vault.
func CheckVault(path string, parameters cty.Value) error {
	_, err := newRequest(path, parameters)
	return err
}

// VaultRef names what a call of the function vault asks for.
func VaultRef(path, key string, parameters cty.Value) (Ref, error) {
	r, err := newRequest(path, parameters)
	return r.ref(key), err
}

func (r request) isWrite() bool { return r.parameters != nil }

// ref names the value of a key of the answer.
func (r request) ref(key string) Ref {
	ref := Ref{Store: Vault, Path: r.path, Key: key}
	if r.isWrite() {
		sum := sha256.Sum256([]byte(r.encoded))
		ref.Parameters = hex.EncodeToString(sum[:])
	}
	return ref
}
