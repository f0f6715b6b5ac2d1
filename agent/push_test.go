package agent

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
)

const hookSecret = "it's a secret to everybody"

// push sends a webhook as GitHub would, and returns the status.
func (r *running) push(source, body, key string) int {
	r.t.Helper()
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body))
	request, err := http.NewRequestWithContext(r.t.Context(), "POST", "http://"+r.address+"/v1/webhooks/"+source, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("X-GitHub-Event", "push")
	request.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func TestAPushHasASourceReadBeforeItsPollIsDue(t *testing.T) {
	l := newLab()
	l.say("source.value.v", "one")
	const sources = `
source "value" "v" {
  poll_interval = "1h"
  webhook {
    provider = "github"
    secret   = "` + hookSecret + `"
  }
}
source "stream" "s" { text = source.value.v.said }
`
	r := startAgent(t, l, sources)
	r.untilNoted("start source.stream.s one", 1)
	l.say("source.value.v", "two")
	if code := r.push("source.value.v", "first", "a guess"); code != http.StatusUnauthorized {
		t.Errorf("a push without the secret: %d", code)
	}
	if code := r.push("source.value.other", "first", hookSecret); code != http.StatusNotFound {
		t.Errorf("a push to a source that isn't there: %d", code)
	}
	if n := l.count("open source.value.v "); n != 1 {
		t.Errorf("the source was read %d times", n)
	}
	for range 3 { // the same message again is none
		if code := r.push("source.value.v", "first", hookSecret); code != http.StatusAccepted {
			t.Errorf("a push: %d", code)
		}
	}
	r.untilNoted("start source.stream.s two", 1)
	if n := l.count("open source.value.v "); n != 2 {
		t.Errorf("the source was read %d times", n)
	}
	r.mustReload(`source "stream" "s" { text = "none" }`)
	if code := r.push("source.value.v", "second", hookSecret); code != http.StatusNotFound {
		t.Errorf("a push to a source that was removed: %d", code)
	}
}

func TestASourceIsReadOnceForAllTheTasksThatReferToIt(t *testing.T) {
	l := newLab()
	l.say("source.value.v", "one")
	r := startAgent(t, l, `
source "value" "v" { poll_interval = "1h" }
task "lab" "a" { text = source.value.v.said }
task "lab" "b" { text = source.value.v.said }
`)
	r.untilNoted("plan task.lab.a", 3)
	r.untilNoted("plan task.lab.b", 3)
	if n := l.count("open source.value.v "); n != 1 {
		t.Errorf("the source was read %d times", n)
	}
}
