package githubapp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/internal/gitrepo/githubapp"
	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
)

// options are those of an app's installation.
func options(a *gitserver.App) githubapp.Options {
	return githubapp.Options{
		BaseURL: a.BaseURL, AppID: a.ID, InstallationID: a.Installation, PrivateKey: a.Key, CABundle: a.CA, Now: a.Now,
	}
}

func pkcs8(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func token(t *testing.T, app *githubapp.App, want string) {
	t.Helper()
	if got, err := app.Token(t.Context()); got != want || err != nil {
		t.Errorf("token %q, error %v; want %q", got, err, want)
	}
}

func TestATokenIsKeptUntilShortlyBeforeItsEnd(t *testing.T) {
	t.Parallel()
	f := gitserver.NewApp(t)
	var apps githubapp.Apps
	app, err := apps.Open(options(f))
	if err != nil {
		t.Fatal(err)
	}
	token(t, app, "ghs_s3cret1")
	f.Forward(54 * time.Minute)
	token(t, app, "ghs_s3cret1")
	f.Forward(2 * time.Minute)
	token(t, app, "ghs_s3cret2")
	again, err := apps.Open(options(f)) // as the agent does at its next poll
	if err != nil {
		t.Fatal(err)
	}
	token(t, again, "ghs_s3cret2")
	app.Forget("ghs_s3cret1")
	token(t, app, "ghs_s3cret2")
	app.Forget("ghs_s3cret2")
	token(t, app, "ghs_s3cret3")
	other := options(f)
	other.PrivateKey = pkcs8(t, f.PrivateKey)
	if app, err = apps.Open(other); err != nil {
		t.Fatal(err)
	}
	token(t, app, "ghs_s3cret4")
}

func TestManyWhoAskAtOnceGetOneToken(t *testing.T) {
	t.Parallel()
	app, err := githubapp.New(options(gitserver.NewApp(t)))
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() { token(t, app, "ghs_s3cret1") })
	}
	group.Wait()
}

func TestWhatGoesWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*gitserver.App, *githubapp.Options)
		err    string
	}{
		"another app":          {func(_ *gitserver.App, o *githubapp.Options) { o.AppID = "4321" }, "check app_id, private_key and the clock"},
		"another installation": {func(_ *gitserver.App, o *githubapp.Options) { o.InstallationID = "43" }, "has no such installation"},
		"a clock that is an hour late": {func(f *gitserver.App, o *githubapp.Options) {
			o.Now = func() time.Time { return f.Now().Add(-time.Hour) }
		}, "the clock of this host"},
		"a server whose CA isn't known":     {func(_ *gitserver.App, o *githubapp.Options) { o.CABundle = nil }, "certificate"},
		"a redirect, which is not followed": {func(f *gitserver.App, _ *githubapp.Options) { f.Answer(http.StatusTemporaryRedirect, "") }, "status 307"},
		"an app that is suspended": {func(f *gitserver.App, _ *githubapp.Options) {
			f.Answer(403, `{"message":"This installation has been suspended"}`)
		}, "This installation has been suspended"},
		"something that is no API":  {func(f *gitserver.App, _ *githubapp.Options) { f.Answer(201, "<html>") }, "is not that of GitHub's API"},
		"an answer without a token": {func(f *gitserver.App, _ *githubapp.Options) { f.Answer(201, "{}") }, "holds no token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := gitserver.NewApp(t)
			o := options(f)
			test.change(f, &o)
			app, err := githubapp.New(o)
			if err != nil {
				t.Fatal(err)
			}
			_, err = app.Token(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.err) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error %v, want %q", err, test.err)
			}
		})
	}
}

func TestAppsThatCanNotBe(t *testing.T) {
	t.Parallel()
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	f := gitserver.NewApp(t)
	for name, test := range map[string]struct {
		change func(*githubapp.Options)
		err    string
	}{
		"without TLS":                    {func(o *githubapp.Options) { o.BaseURL = "http://127.0.0.1" }, "base_url is not an https url"},
		"without a number of its own":    {func(o *githubapp.Options) { o.AppID = "" }, "app_id is empty"},
		"an installation that is a path": {func(o *githubapp.Options) { o.InstallationID = "1/../2" }, "installation_id is not a number"},
		"a key that is none":             {func(o *githubapp.Options) { o.PrivateKey = "s3cret" }, "private_key is not a key in PEM"},
		"a key that isn't of RSA":        {func(o *githubapp.Options) { o.PrivateKey = pkcs8(t, curve) }, "not a key of RSA"},
		"certificates that are none":     {func(o *githubapp.Options) { o.CABundle = []byte("?") }, "there are no certificates"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(f)
			test.change(&o)
			if _, err := githubapp.New(o); err == nil || !strings.Contains(err.Error(), test.err) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error %v, want %q", err, test.err)
			}
		})
	}
}
