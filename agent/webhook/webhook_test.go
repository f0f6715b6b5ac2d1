package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

const (
	secret = "it's a secret to everybody"
	source = "source.git.infra"
)

// sign is what a forge puts into its header.
func sign(key, body string) string {
	mac := hmac.New(sha256.New, []byte(key))
	io.WriteString(mac, body)
	return hex.EncodeToString(mac.Sum(nil))
}

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// receiver has one source, and counts how often it was woken.
func receiver(t *testing.T, provider string, now func() time.Time) (*Receiver, *int) {
	t.Helper()
	woken := 0
	r := NewReceiver(now)
	if err := r.Set(source, Config{provider, secret}, func() { woken++ }); err != nil {
		t.Fatal(err)
	}
	return r, &woken
}

func TestReceive(t *testing.T) {
	t.Parallel()
	const body = `{"ref": "refs/heads/main"}`
	for name, test := range map[string]struct {
		provider string
		header   http.Header
		want     Outcome
		err      error
	}{
		"a push of GitHub":                   {GitHub, headers("X-GitHub-Event", "push", "X-Hub-Signature-256", "sha256="+sign(secret, body)), Accepted, nil},
		"a push of GitLab":                   {GitLab, headers("X-Gitlab-Event", "Push Hook", "X-Gitlab-Token", secret), Accepted, nil},
		"a tag of GitLab":                    {GitLab, headers("X-Gitlab-Event", "Tag Push Hook", "X-Gitlab-Token", secret), Accepted, nil},
		"a push of Gitea":                    {Gitea, headers("X-Gitea-Event", "push", "X-Gitea-Signature", sign(secret, body)), Accepted, nil},
		"a ping":                             {GitHub, headers("X-GitHub-Event", "ping", "X-Hub-Signature-256", "sha256="+sign(secret, body)), Ignored, nil},
		"a comment of GitLab":                {GitLab, headers("X-Gitlab-Event", "Note Hook", "X-Gitlab-Token", secret), Ignored, nil},
		"no signature":                       {GitHub, headers("X-GitHub-Event", "push"), "", ErrUnauthorized},
		"no signature for Gitea":             {Gitea, headers("X-Gitea-Event", "push"), "", ErrUnauthorized},
		"no token":                           {GitLab, headers("X-Gitlab-Event", "Push Hook"), "", ErrUnauthorized},
		"the signature of another secret":    {GitHub, headers("X-GitHub-Event", "push", "X-Hub-Signature-256", "sha256="+sign("guessed", body)), "", ErrUnauthorized},
		"the signature of another body":      {Gitea, headers("X-Gitea-Event", "push", "X-Gitea-Signature", sign(secret, body+" ")), "", ErrUnauthorized},
		"another token":                      {GitLab, headers("X-Gitlab-Event", "Push Hook", "X-Gitlab-Token", secret+"x"), "", ErrUnauthorized},
		"the beginning of a signature":       {GitHub, headers("X-GitHub-Event", "push", "X-Hub-Signature-256", "sha256="+sign(secret, body)[:20]), "", ErrUnauthorized},
		"an empty signature":                 {GitHub, headers("X-GitHub-Event", "push", "X-Hub-Signature-256", "sha256="), "", ErrUnauthorized},
		"a signature that is no number":      {GitHub, headers("X-GitHub-Event", "push", "X-Hub-Signature-256", "sha256=what"), "", ErrUnauthorized},
		"the old signature of GitHub alone":  {GitHub, headers("X-GitHub-Event", "push", "X-Hub-Signature", "sha1=0000"), "", ErrUnauthorized},
		"the signature of another forge":     {GitHub, headers("X-GitHub-Event", "push", "X-Gitea-Signature", sign(secret, body)), "", ErrUnauthorized},
		"a token in place of a signature":    {GitHub, headers("X-GitHub-Event", "push", "X-Gitlab-Token", secret), "", ErrUnauthorized},
		"an event of another forge's header": {GitHub, headers("X-Gitea-Event", "push", "X-Hub-Signature-256", "sha256="+sign(secret, body)), Ignored, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, woken := receiver(t, test.provider, time.Now)
			outcome, err := r.Receive(source, test.header, strings.NewReader(body))
			if outcome != test.want || !errors.Is(err, test.err) {
				t.Errorf("outcome %q, error %v; want %q, %v", outcome, err, test.want, test.err)
			}
			if want := test.want == Accepted; (*woken == 1) != want {
				t.Errorf("woken %d times", *woken)
			}
		})
	}
}

// push sends one authentic message.
func push(r *Receiver, body string) (Outcome, error) {
	return r.Receive(source, headers("X-GitHub-Event", "push", "X-Hub-Signature-256", "sha256="+sign(secret, body)), strings.NewReader(body))
}

func TestAMessageThatIsPlayedAgainWakesNobody(t *testing.T) {
	t.Parallel()
	r, woken := receiver(t, GitHub, time.Now)
	for i, want := range []Outcome{Accepted, Repeated, Repeated} {
		// A delivery's number is not signed, so a new one makes no new message.
		if outcome, err := push(r, "one"); outcome != want || err != nil {
			t.Errorf("message %d: outcome %q, error %v", i, outcome, err)
		}
	}
	if outcome, err := push(r, "two"); outcome != Accepted || err != nil || *woken != 2 {
		t.Errorf("another message: outcome %q, error %v, woken %d times", outcome, err, *woken)
	}
}

func TestAFloodIsTurnedAwayForAWhile(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	r, woken := receiver(t, GitHub, func() time.Time { return now })
	for i := range maxRequests {
		if _, err := push(r, fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	unread := iotest.ErrReader(errors.New("the body was read"))
	if _, err := r.Receive(source, headers(), unread); !errors.Is(err, ErrTooMany) {
		t.Errorf("error %v", err)
	}
	now = now.Add(window)
	if _, err := push(r, "later"); err != nil || *woken != maxRequests+1 {
		t.Errorf("after a while: error %v, woken %d times", err, *woken)
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	r, _ := receiver(t, GitHub, func() time.Time { now = now.Add(window); return now })
	for i := range maxSeen + 10 {
		if _, err := push(r, fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(r.hooks[source].seen); n != maxSeen {
		t.Errorf("%d messages are remembered", n)
	}
}

func TestSourcesComeAndGo(t *testing.T) {
	t.Parallel()
	r, _ := receiver(t, GitHub, time.Now)
	if _, err := r.Receive("source.git.other", headers(), strings.NewReader("")); !errors.Is(err, ErrUnknown) {
		t.Errorf("a source that isn't there: error %v", err)
	}
	if err := r.Set(source, Config{GitHub, ""}, nil); err == nil {
		t.Error("an empty secret is taken")
	}
	if err := r.Set(source, Config{"cvs", secret}, nil); err == nil {
		t.Error("an unknown forge is taken")
	}
	r.Keep(func(name string) bool { return name == source })
	if _, err := push(r, "one"); err != nil {
		t.Errorf("what was kept: error %v", err)
	}
	if err := r.Set(source, Config{GitHub, secret}, func() {}); err != nil {
		t.Fatal(err)
	}
	if outcome, _ := push(r, "one"); outcome != Repeated {
		t.Errorf("a source that is set again forgot what came: %q", outcome)
	}
	r.Keep(func(string) bool { return false })
	if _, err := push(r, "two"); !errors.Is(err, ErrUnknown) {
		t.Errorf("a source that was not kept: error %v", err)
	}
}

func TestABodyThatBreaksOffIsAnError(t *testing.T) {
	t.Parallel()
	r, woken := receiver(t, GitLab, time.Now)
	broken := errors.New("broken")
	if _, err := r.Receive(source, headers("X-Gitlab-Event", "Push Hook", "X-Gitlab-Token", secret), iotest.ErrReader(broken)); !errors.Is(err, broken) || *woken != 0 {
		t.Errorf("error %v, woken %d times", err, *woken)
	}
}

// FuzzReceive checks that nobody gets in who doesn't know the secret.
func FuzzReceive(f *testing.F) {
	f.Add("sha256=00", "", "", "{}")
	f.Add("", secret[1:], sign("x", "{}"), "{}")
	f.Fuzz(func(t *testing.T, github, gitlab, gitea, body string) {
		if gitlab == secret {
			return
		}
		for _, provider := range []string{GitHub, GitLab, Gitea} {
			r, woken := receiver(t, provider, time.Now)
			header := headers("X-Hub-Signature-256", github, "X-Gitlab-Token", gitlab, "X-Gitea-Signature", gitea,
				"X-GitHub-Event", "push", "X-Gitlab-Event", "Push Hook", "X-Gitea-Event", "push")
			if _, err := r.Receive(source, header, strings.NewReader(body)); !errors.Is(err, ErrUnauthorized) || *woken != 0 {
				t.Errorf("%s: error %v, woken %d times", provider, err, *woken)
			}
		}
	})
}
