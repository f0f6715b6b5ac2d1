package git

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
	"github.com/driftless-hq/driftless/plugin"
)

// block is the value of a nested block of the schema with some attributes set.
func block(t *testing.T, path string, set map[string]cty.Value) cty.Value {
	t.Helper()
	kind := sourceSchema().ImpliedType()
	for name := range strings.SplitSeq(path, ".") {
		kind = kind.AttributeType(name)
	}
	attrs := map[string]cty.Value{}
	for name, attr := range kind.AttributeTypes() {
		attrs[name] = cty.NullVal(attr)
	}
	maps.Copy(attrs, set)
	return cty.ObjectVal(attrs)
}

func appOf(t *testing.T, app *gitserver.App) cty.Value {
	t.Helper()
	return block(t, "auth", map[string]cty.Value{"github_app": cty.ObjectVal(map[string]cty.Value{
		"app_id": cty.StringVal(app.ID), "installation_id": cty.StringVal(app.Installation),
		"private_key": cty.StringVal(app.Key), "base_url": cty.StringVal(app.BaseURL),
	})})
}

// TestAGitHubApp opens the source anew for each poll, as the agent does.
func TestAGitHubApp(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{driverLibrary, driverCommand} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			app := gitserver.NewApp(t)
			remote := gitserver.New(t)
			server := remote.ServeHTTP(t, gitserver.HTTPOptions{TLS: true, Allow: app.Allows})
			dir, ca := t.TempDir(), filepath.Join(t.TempDir(), "ca.pem")
			if err := os.WriteFile(ca, server.CA, 0o600); err != nil {
				t.Fatal(err)
			}
			cfg := configValue(t, map[string]cty.Value{
				"url": cty.StringVal(server.URL), "driver": cty.StringVal(driver), "ca_file": cty.StringVal(ca), "auth": appOf(t, app),
			})
			p := New()
			poll := func() (string, plugin.Diagnostics) {
				t.Helper()
				instance, diags := p.Open(t.Context(), plugin.OpenRequest{
					Type: plugin.TypeRef{Kind: plugin.KindSource, Name: "git"}, Addr: "source.git.test", Config: cfg,
					Env: plugin.Env{Log: hclog.NewNullLogger(), Dir: dir, Now: app.Now},
				})
				if diags.HasErrors() {
					t.Fatal(diags.Err())
				}
				defer instance.Close(context.Background())
				value, diags := instance.(plugin.Data).Read(t.Context())
				if diags.HasErrors() {
					t.Fatal(diags.Err())
				}
				return value.GetAttr("commit").AsString(), diags
			}
			for _, after := range []time.Duration{0, time.Minute, time.Hour} {
				app.Forward(after)
				hash := remote.Commit(t, "main", map[string]string{"a": after.String()})
				if got, diags := poll(); got != hash || len(diags) > 0 {
					t.Errorf("%s later: commit %s, want %s, diagnostics %v", after, got, hash, diags)
				}
			}
			// 5: the credentials are revoked, and then good again. The token that
			// was refused isn't tried twice.
			app.Revoke()
			hash := remote.Commit(t, "main", map[string]string{"a": "revoked"})
			if got, diags := poll(); got == hash || len(diags) != 1 || diags[0].Summary != "Stale repository" || strings.Contains(diags[0].Detail, "s3cret") {
				t.Errorf("without a good token: commit %s, diagnostics %v", got, diags)
			}
			if got, diags := poll(); got != hash || len(diags) > 0 {
				t.Errorf("with another token: commit %s, want %s, diagnostics %v", got, hash, diags)
			}
			noSecretIn(t, dir)
		})
	}
}

func noSecretIn(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if text := string(data); strings.Contains(text, "s3cret") || strings.Contains(text, "PRIVATE KEY") {
			t.Errorf("%s holds a secret", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOnlySignedCommitsAreShown(t *testing.T) {
	t.Parallel()
	ada := gitserver.NewSSHSigner(t, "ed25519")
	remote := gitserver.New(t)
	remote.SignWith(t, ada)
	good := remote.Commit(t, "main", map[string]string{"a": "1"})
	for name, required := range map[string]bool{"required": true, "not required": false} {
		clock := newClock()
		source := open(t, t.TempDir(), clock, map[string]cty.Value{
			"url": cty.StringVal(remote.FileURL()),
			"verify_signature": block(t, "verify_signature", map[string]cty.Value{
				"allowed_signers": cty.StringVal(ada.Public), "required": cty.BoolVal(required),
			}),
		})
		remote.Move(t, "main", good)
		value, diags := source.Read(t.Context())
		if len(diags) > 0 || value.GetAttr("commit").AsString() != good || value.GetAttr("signer").AsString() != "ada@example.com" {
			t.Fatalf("%s: diagnostics %v, value %#v", name, diags, value)
		}
		remote.SignWith(t, nil)
		bad := remote.Commit(t, "main", map[string]string{"a": name})
		clock.forward(time.Hour)
		got, diags := read(t, source)
		want, summary := good, "Stale repository"
		if !required {
			want, summary = bad, "Commit not verified"
		}
		if got["commit"] != want || len(diags) != 1 || diags[0].Summary != summary || !strings.Contains(diags[0].Detail, bad) || !strings.Contains(diags[0].Detail, "it is not signed") {
			t.Errorf("%s: commit %s, want %s, diagnostics %v", name, got["commit"], want, diags)
		}
	}
}
