package command

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/agent/api"
)

// guarded is an agent that takes a token, and notes what it is asked.
func guarded(t *testing.T, start func(*httptest.Server)) (server *httptest.Server, asked func() string) {
	t.Helper()
	last := ""
	server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		last = strings.Join([]string{r.Header.Get("Authorization"), r.Method, r.URL.RequestURI(), string(body)}, " ")
		if err := json.NewEncoder(w).Encode(api.Approval{Task: "task.terraform.infra", Stack: "net"}); err != nil {
			t.Error(err)
		}
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that the tests mean to fail
	start(server)
	t.Cleanup(server.Close)
	return server, func() string { return last }
}

func pemOf(certificate []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
}

func writeFile(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestATokenIsSentFromTheEnvironmentOrAFile(t *testing.T) {
	server, asked := guarded(t, (*httptest.Server).Start)
	file := writeFile(t, "token", []byte("of-a-file\n"))
	for _, tt := range []struct {
		name, variable string
		args           []string
		want           string
	}{
		{"none", "", []string{"approve", "1f"}, ` POST /v1/approvals {"id":"1f","lasts":"24h"}`},
		{"one of the environment", "of-the-environment", []string{"approve", "-reason=it is right", "-lasts=2h", "1f"}, `Bearer of-the-environment POST /v1/approvals {"id":"1f","reason":"it is right","lasts":"2h"}`},
		{"one of a file, which comes first", "of-the-environment", []string{"approve", "-token-file=" + file, "-revoke", "1f"}, "Bearer of-a-file DELETE /v1/approvals/1f "},
		{"to acknowledge", "of-the-environment", []string{"acknowledge", "-reason=we wait", "01234567"}, `Bearer of-the-environment POST /v1/acknowledgements {"id":"01234567","reason":"we wait","lasts":"7d"}`},
		{"to take that back", "of-the-environment", []string{"acknowledge", "-revoke", "01234567"}, "Bearer of-the-environment DELETE /v1/acknowledgements/01234567 "},
		{"to read", "of-the-environment", []string{"history"}, "Bearer of-the-environment GET /v1/history?limit=100 "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv(tokenVariable, tt.variable)
			if code, out := runCommand(append(tt.args[:1:1], append([]string{"-address=" + server.URL}, tt.args[1:]...)...)...); code != exitOK || asked() != tt.want {
				t.Errorf("exit code %d, asked %q\n%s", code, asked(), out)
			}
		})
	}
}

func TestWhatIsNoToken(t *testing.T) {
	empty, two := writeFile(t, "empty", []byte("\n")), writeFile(t, "two", []byte("canary-1 canary-2\n"))
	for _, tt := range []struct {
		name, variable string
		args           []string
		want           string
	}{
		{"a file that is empty", "", []string{"drift", "-token-file=" + empty}, "holds no token: it is empty"},
		{"a file that isn't there", "", []string{"drift", "-token-file=" + empty + "x"}, "ead the token: open "},
		{"two words", "", []string{"drift", "-token-file=" + two}, "there is white space in it"},
		{"a line that was not cut", "canary-1\n", []string{"drift"}, "the environment variable DRIFTLESS_TOKEN holds is no token"},
		{"one that would be sent in the clear", "canary-1", []string{"drift", "-address=192.0.2.1:8000"}, "in the clear, so it is not sent"},
		{"no drift to acknowledge", "", []string{"acknowledge", "-reason=x"}, "driftless drift shows those that there are"},
		{"no reason to acknowledge it", "", []string{"acknowledge", "01234567"}, "Say why with -reason"},
		{"no id to approve of", "", []string{"approve"}, "driftless drift shows those that await approval"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv(tokenVariable, tt.variable)
			code, out := runCommand(tt.args...)
			if text := strings.Join(strings.Fields(strings.ReplaceAll(out, "│", "")), " "); code != exitError || !strings.Contains(text, tt.want) || strings.Contains(text, "canary") {
				t.Errorf("exit code %d, want %q in:\n%s", code, tt.want, out)
			}
		})
	}
}

// TestAnAgentWithTLSIsKnownByTheCertificateOfTheConfiguration has a certificate
// that nobody has issued.
func TestAnAgentWithTLSIsKnownByTheCertificateOfTheConfiguration(t *testing.T) {
	server, asked := guarded(t, (*httptest.Server).StartTLS)
	certificate := writeFile(t, "tls.crt", pemOf(server.Certificate().Raw))
	config := writeFile(t, "main.hcl", []byte("agent {\n  listen = \""+server.Listener.Addr().String()+"\"\n  tls {\n    cert_file = \""+certificate+"\"\n    key_file  = \"/nobody/reads/this\"\n  }\n}\n"))
	if code, out := runCommand("approve", "-config="+config, "1f"); code != exitOK || !strings.Contains(asked(), "POST") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	if code, out := runCommand("approve", "-address="+server.URL, "1f"); code != exitError || !strings.Contains(out, "-ca-file") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	if code, out := runCommand("approve", "-address="+server.URL, "-ca-file="+certificate, "1f"); code != exitOK {
		t.Errorf("exit code %d\n%s", code, out)
	}
}
