package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
)

func TestAPushIsFollowedLongBeforeThePollIsDue(t *testing.T) {
	const secret = "it's a secret to everybody"
	dir := t.TempDir()
	repository := gitserver.New(t)
	first := repository.Commit(t, "main", map[string]string{"a": "1"})
	server := repository.ServeHTTP(t, gitserver.HTTPOptions{})
	a := startConfig(t, dir, fmt.Sprintf(`
source "git" "infra" {
  url           = %q
  poll_interval = "1h"
  webhook {
    provider = "gitea"
    secret   = %q
  }
}
task "file" "first" {
  path     = %q
  content  = source.git.infra.commit
  interval = "1s"
}
task "file" "second" {
  path     = %q
  content  = source.git.infra.ref
  interval = "1s"
}
`, server.URL, secret, filepath.Join(dir, "first"), filepath.Join(dir, "second")))
	holds := func(want string) func() bool {
		return func() bool {
			got, err := os.ReadFile(filepath.Join(dir, "first"))
			return err == nil && strings.TrimSpace(string(got)) == want
		}
	}
	until(t, "the first commit is known", holds(first))
	until(t, "the run of the tasks is told", func() bool { return a.block("task.file.first").LastRun != nil })
	asked := server.Requests()
	ran := a.block("task.file.first").LastRun
	until(t, "the tasks ran again", func() bool { return a.block("task.file.first").LastRun.After(*ran) })
	if n := server.Requests(); n != asked {
		t.Errorf("the runs of the tasks asked the remote %d times more", n-asked)
	}

	second := repository.Commit(t, "main", map[string]string{"a": "2"})
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(second))
	request, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+a.address+"/v1/webhooks/source.git.infra", strings.NewReader(second))
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "hooks.example.com" // as a proxy passes it on
	request.Header.Set("X-Gitea-Event", "push")
	request.Header.Set("X-Gitea-Signature", hex.EncodeToString(mac.Sum(nil)))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusAccepted {
		t.Fatalf("the webhook was answered %s", response.Status)
	}
	until(t, "the second commit is known", holds(second))
	if strings.Contains(a.log.String()+a.get("/v1/status"), secret) {
		t.Error("the secret of the webhook is shown")
	}
}
