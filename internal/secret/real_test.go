package secret_test

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/secret"
	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/internal/secret/vault"
	"github.com/driftless-hq/driftless/internal/testutil/vaultserver"
)

// TestTheRealVault follows a lease and a value of KV through their changes.
func TestTheRealVault(t *testing.T) {
	server := vaultserver.Start(t)
	root := server.Root(t)
	put := func(path string, data map[string]any) {
		t.Helper()
		if _, err := root.Logical().WriteWithContext(t.Context(), path, data); err != nil {
			t.Fatal(err)
		}
	}
	put("sys/mounts/old", map[string]any{"type": "kv", "options": map[string]any{"version": "1"}})
	put("sys/mounts/leased", map[string]any{"type": "kv", "options": map[string]any{"version": "1", "leased_passthrough": "true"}})
	put("old/app", map[string]any{"key": "value1"})
	put("leased/app", map[string]any{"key": "value1", "ttl": "2s"})

	resolver := secret.New(secret.Options{
		Log: hclog.NewNullLogger(), Redactor: redact.New(),
		Vault: func(context.Context) (vault.Config, error) {
			config := vault.Defaults()
			config.Address, config.Auth, config.Refresh = server.Address, &vault.Auth{Token: vault.Credential(server.Token)}, time.Second
			return config, nil
		},
	})
	changes := resolver.Watch(t.Context())
	expect := func(path, want string) {
		t.Helper()
		got, err := resolver.Vault(t.Context(), path, "key", cty.NilVal)
		if err != nil || !got.RawEquals(cty.StringVal(want)) {
			t.Fatalf("%s: got %#v, %v; want %s", path, got, err, want)
		}
	}
	expect("old/app", "value1")
	expect("leased/app", "value1")
	put("leased/app", map[string]any{"key": "value2", "ttl": "2s"})
	expectQuiet(t, changes, 4*time.Second)
	expect("leased/app", "value1") // renewed, and so not read again

	put("old/app", map[string]any{"key": "value2"})
	expectRef(t, changes, `vault("old/app", "key")`, 10*time.Second)
	expect("old/app", "value2")

	leases := func() int {
		t.Helper()
		listed, err := root.Logical().ListWithContext(t.Context(), "sys/leases/lookup/leased/app")
		if err != nil {
			t.Fatal(err)
		}
		if listed == nil {
			return 0
		}
		return len(listed.Data["keys"].([]any))
	}
	if s := resolver.Stats(); s.Leases != 1 || s.Renewals == 0 || s.Errors != 0 {
		t.Errorf("the figures are %+v", s)
	}
	if n := leases(); n != 1 {
		t.Errorf("%d leases are alive, want 1", n)
	}
	if err := resolver.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := leases(); n != 0 {
		t.Errorf("%d leases are left", n)
	}
}
