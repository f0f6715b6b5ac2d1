package tfprovider

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// Registry is a registry of the process's own, from which terraform downloads
// the provider as it does from any: as an archive with signed checksums.
type Registry struct {
	CLIConfig string // a configuration that finds the registry, and says nothing of mirrors
	Program   []byte // the provider

	downloads atomic.Int64
}

// Downloads returns how often the provider was downloaded.
func (r *Registry) Downloads() int { return int(r.downloads.Load()) }

// StartRegistry builds the provider as [CLIConfig] does, and serves it on the
// loopback device until the test ends.
func StartRegistry(t testing.TB) *Registry {
	t.Helper()
	const release, program = "terraform-provider-fixture_1.0.0", "terraform-provider-fixture_v1.0.0"
	platform := runtime.GOOS + "_" + runtime.GOARCH
	file := filepath.Join(fixture(t), "driftless.test", "fixtures", "fixture", "1.0.0", platform, program)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := &Registry{Program: content}
	archive := pack(t, program, content)
	name := release + "_" + platform + ".zip"
	sums := fmt.Appendf(nil, "%x  %s\n", sha256.Sum256(archive), name)
	signature, key, id := sign(t, sums)

	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	serve := func(path string, content []byte) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(content) // terraform says what is missing
		})
	}
	serve("/fixtures/fixture/versions", encode(t, map[string]any{"versions": []any{map[string]any{
		"version": "1.0.0", "protocols": []string{"6.0"}, "platforms": []any{map[string]any{"os": runtime.GOOS, "arch": runtime.GOARCH}},
	}}}))
	serve("/fixtures/fixture/1.0.0/download/"+runtime.GOOS+"/"+runtime.GOARCH, encode(t, map[string]any{
		"protocols": []string{"6.0"}, "os": runtime.GOOS, "arch": runtime.GOARCH, "filename": name,
		"download_url": server.URL + "/" + name, "shasum": fmt.Sprintf("%x", sha256.Sum256(archive)),
		"shasums_url": server.URL + "/sums", "shasums_signature_url": server.URL + "/signature",
		"signing_keys": map[string]any{"gpg_public_keys": []any{map[string]any{"key_id": id, "ascii_armor": key}}},
	}))
	serve("/sums", sums)
	serve("/signature", signature)
	mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, request *http.Request) {
		if request.Method == http.MethodGet { // and not HEAD, which comes first
			r.downloads.Add(1)
		}
		_, _ = w.Write(archive) // terraform says what is missing
	})

	r.CLIConfig = filepath.Join(t.TempDir(), "terraform.rc")
	config := fmt.Sprintf("host \"driftless.test\" {\n  services = { \"providers.v1\" = \"%s/\" }\n}\n", server.URL)
	if err := os.WriteFile(r.CLIConfig, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return r
}

// pack makes the archive of a release, without compressing it.
func pack(t testing.TB, name string, content []byte) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	header := &zip.FileHeader{Name: name}
	header.SetMode(0o755)
	entry, err := w.CreateHeader(header)
	if err == nil {
		_, err = entry.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// sign makes a signature, and the key that it is checked with.
func sign(t testing.TB, text []byte) (signature []byte, key, id string) {
	t.Helper()
	entity, err := openpgp.NewEntity("Test", "", "test@example.com", &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA})
	if err != nil {
		t.Fatal(err)
	}
	var signed, public bytes.Buffer
	if err := openpgp.DetachSign(&signed, entity, bytes.NewReader(text), nil); err != nil {
		t.Fatal(err)
	}
	armored, err := armor.Encode(&public, openpgp.PublicKeyType, nil)
	if err == nil {
		err = entity.Serialize(armored)
	}
	if err == nil {
		err = armored.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return signed.Bytes(), public.String(), entity.PrimaryKey.KeyIdString()
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
