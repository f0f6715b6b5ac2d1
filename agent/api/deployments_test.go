package api

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDeploymentsAreThoseOfTFDriftAgent(t *testing.T) {
	b := &backend{deployments: []Deployment{
		{Name: "envs/prod/net", Checked: time.UnixMilli(1_700_000_000_500), Success: true, Drifted: true, Plan: "no-op=3, update=1"},
		{Name: "web", Checked: time.Unix(1_700_000_000, 0), Drifted: true, Plan: "what was before"},
	}}
	const net = `{
      "apiVersion": "dda.wkng.net/v1alpha1",
      "kind": "InfrastructureDeploymentState",
      "metadata": {
        "name": "envs/prod/net"
      },
      "spec": {
        "drifted": true,
        "metadata": {},
        "name": "envs/prod/net",
        "plan": "no-op=3, update=1",
        "success": true,
        "timestamp": 1700000000.5
      },
      "status": {}
    }`
	const web = `{
      "apiVersion": "dda.wkng.net/v1alpha1",
      "kind": "InfrastructureDeploymentState",
      "metadata": {
        "name": "web"
      },
      "spec": {
        "drifted": null,
        "metadata": {},
        "name": "web",
        "plan": null,
        "success": false,
        "timestamp": 1700000000
      },
      "status": {}
    }`
	for _, tt := range []struct {
		name    string
		backend *backend
		path    string
		code    int
		body    string
	}{
		{"all of them; of one that could not be checked nothing is known", b, "/api/deployment_states", 200, `{
  "apiVersion": "dda.wkng.net/v1alpha1",
  "items": [
    ` + net + `,
    ` + web + `
  ],
  "kind": "List",
  "metadata": {
    "end": 2,
    "limit": null,
    "start": 0,
    "totalItems": 2
  }
}
`},
		{"one, whose name is a path", b, "/api/deployment_states/envs/prod/net", 200, outdent(net)},
		{"the same with the path as one segment", b, "/api/deployment_states/envs%2Fprod%2Fnet", 200, outdent(net)},
		{"one that isn't there", b, "/api/deployment_states/other", 404, "{\n  \"error\": \"State named \\\"other\\\" not found\"\n}\n"},
		{"none of it unless it is asked for", &backend{}, "/api/deployment_states", 404, "404 page not found\n"},
		{"nor one", &backend{}, "/api/deployment_states/web", 404, "404 page not found\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, address := serve(t, tt.backend)
			code, body := ask(t, "GET", "http://"+address+tt.path, nil)
			if diff := cmp.Diff(tt.body, body); code != tt.code || diff != "" {
				t.Errorf("got %d, want %d (-want +got):\n%s", code, tt.code, diff)
			}
		})
	}
}

// outdent makes an element of the list what it is by itself.
func outdent(item string) string { return strings.ReplaceAll(item, "\n    ", "\n") + "\n" }
