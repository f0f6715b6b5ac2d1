package terraform

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

// serveCloud serves one workspace as HCP Terraform does where it keeps the state
// and executes nothing. It returns the name of the server, and a file with its
// certificate.
func serveCloud(t *testing.T) (host, ca string) {
	t.Helper()
	object := func(kind string, attributes map[string]any) map[string]any {
		return map[string]any{"id": kind + "-1", "type": kind, "attributes": attributes}
	}
	workspace := object("workspaces", map[string]any{"name": "network", "execution-mode": "local", "terraform-version": "latest"})
	answers := map[string]any{
		"/.well-known/terraform.json":                   map[string]string{"tfe.v2": "/api/v2/", "tfe.v2.1": "/api/v2/", "tfe.v2.2": "/api/v2/"},
		"/api/v2/ping":                                  map[string]any{},
		"/api/v2/organizations/acme/entitlement-set":    map[string]any{"data": object("entitlement-sets", map[string]any{"operations": true, "state-storage": true})},
		"/api/v2/organizations/acme/workspaces":         map[string]any{"data": []any{workspace}},
		"/api/v2/organizations/acme/workspaces/network": map[string]any{"data": workspace},
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[r.URL.Path]
		if !ok || r.Method != http.MethodGet {
			w.WriteHeader(http.StatusNotFound) // so does a workspace without a state
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("TFP-API-Version", "2.6")
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	ca = filepath.Join(t.TempDir(), "ca.pem")
	write(t, ca, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	return strings.TrimPrefix(server.URL, "https://"), ca
}

// TestAStackWhoseStateIsInACloud has a block cloud in the place of a backend,
// with which an init doesn't know -reconfigure.
func TestAStackWhoseStateIsInACloud(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, lab *lab) {
		host, ca := serveCloud(t)
		lab.stack(t, "stack", oneFile)
		lab.apply(t, "stack")
		cliConfig, err := os.ReadFile(lab.cliConfig)
		if err != nil {
			t.Fatal(err)
		}
		write(t, lab.cliConfig, string(cliConfig)+fmt.Sprintf("credentials %q {\n  token = \"token-of-the-test\"\n}\n", host))
		states := filesBelow(t, lab.state)
		task := lab.open(t, map[string]cty.Value{"env": cty.MapVal(map[string]cty.Value{"TF_CLI_CONFIG_FILE": cty.StringVal(lab.cliConfig), "SSL_CERT_FILE": cty.StringVal(ca)})})
		for _, step := range []struct {
			name string
			then func()
			want string
		}{
			{"its state is a file", func() {}, "clean first"},
			{"it is moved to a cloud, and its state isn't", func() {
				write(t, filepath.Join(lab.root, "stack", "backend.tf"),
					fmt.Sprintf("terraform {\n  cloud {\n    hostname     = %q\n    organization = \"acme\"\n    workspaces {\n      name = \"network\"\n    }\n  }\n}\n", host))
			}, "unapplied fingerprint"},
			{"the next check", func() {}, "unapplied"},
			{"what is known of the cloud is gone", func() { removeData(t, task, lab, "terraform.tfstate") }, "unapplied diagnostic"},
		} {
			step.then()
			change, diags := task.Plan(t.Context(), nil)
			if diff := cmp.Diff(map[string]string{"stack": step.want}, verdicts(change)); diff != "" {
				t.Errorf("%s (-want +got):\n%s\n%v", step.name, diff, diags)
			}
		}
		if diff := cmp.Diff(states, filesBelow(t, lab.state)); diff != "" {
			t.Errorf("the states (-before +after):\n%s", diff)
		}
	})
}
