package sinks

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/plugin"
)

func TestHTTPChecksTheServer(t *testing.T) {
	server := httptest.NewUnstartedServer(answer(http.StatusOK))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the refused handshakes are meant
	server.StartTLS()
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		tls  body
		want string // in the error; empty is success
	}{
		"an authority that isn't known is refused":  {body{}, "give the authority that signed it as tls.ca_file"},
		"an authority that is given is trusted":     {body{"ca_file": ca}, ""},
		"the certificate must bear the name":        {body{"ca_file": ca, "server_name": "other.test"}, "other.test"},
		"the name may differ from that of the host": {body{"ca_file": ca, "server_name": "example.com"}, ""},
		"the check can be turned off":               {body{"insecure_skip_verify": true}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := newWorld().open(t, "http", body{"url": server.URL, "tls": tt.tls}).Write(t.Context(), lines("x"))
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("got %v, want success", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || plugin.IsPermanent(err)):
				t.Errorf("got %v, want an error with %q, to be retried", err, tt.want)
			}
		})
	}
}

func TestHTTPNamesTheFileThatItCanNotUse(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(dir, "missing.pem")
	for name, tls := range map[string]body{
		"no authorities":           {"ca_file": missing},
		"authorities in no form":   {"ca_file": empty},
		"no certificate":           {"cert_file": missing, "key_file": missing},
		"a certificate in no form": {"cert_file": empty, "key_file": empty},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := newWorld().tryOpen(t, "http", body{"url": "https://example.com", "tls": tls})
			if err := diags.Err(); err == nil || !strings.Contains(err.Error(), dir) {
				t.Errorf("got %v, want an error that names the file", err)
			}
		})
	}
}
