package secret_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/secret"
	"github.com/driftless-hq/driftless/internal/secret/vault"
	"github.com/driftless-hq/driftless/internal/testutil/vaultserver"
)

func TestALeaseIsRenewedAtAThirdOfItsLife(t *testing.T) {
	inWorld(t, asRoot(), func(t *testing.T, w *world) {
		w.fake.Account("app", vaultserver.Account{TTL: time.Hour, Renewable: true})
		first := w.password(t)
		time.Sleep(17 * time.Minute)
		if n := w.fake.Calls("PUT sys/leases/renew"); n != 0 {
			t.Errorf("renewed %d times in 17 minutes", n)
		}
		time.Sleep(6 * time.Minute)
		if n := w.fake.Calls("PUT sys/leases/renew"); n != 1 {
			t.Errorf("renewed %d times in 23 minutes", n)
		}
		expectQuiet(t, w.changes, 72*time.Hour)
		if again := w.password(t); again != first || w.fake.Leases() != 1 {
			t.Errorf("after three days the password is %s instead of %s, and there are %d leases", again, first, w.fake.Leases())
		}
	})
}

func TestALeaseAtItsLimitIsReplacedBeforeItEnds(t *testing.T) {
	for name, account := range map[string]vaultserver.Account{
		"one that can't be renewed":         {TTL: time.Hour},
		"one that is renewed up to a limit": {TTL: time.Hour, MaxTTL: 90 * time.Minute, Renewable: true},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, asRoot(), func(t *testing.T, w *world) {
				w.fake.Account("app", account)
				old := w.password(t)
				for range 20 {
					expectRef(t, w.changes, `vault("database/creds/app", "password")`, 90*time.Minute)
					if again := w.password(t); again == old {
						t.Fatal("the password is the same")
					} else {
						old = again
					}
					if w.fake.Leases() < 2 {
						t.Error("the old lease has ended before the new one was told of")
					}
				}
			})
		})
	}
}

func TestWhileVaultIsDownALeaseIsGoodUntilItsEnd(t *testing.T) {
	inWorld(t, asRoot(), func(t *testing.T, w *world) {
		w.fake.Account("app", vaultserver.Account{TTL: time.Hour, Renewable: true})
		first := w.password(t)
		w.fake.Down(true)
		expectQuiet(t, w.changes, 59*time.Minute)
		if again := w.password(t); again != first {
			t.Errorf("got %s instead of %s", again, first)
		}
		expectRef(t, w.changes, `vault("database/creds/app", "password")`, 2*time.Minute)
		w.expectError(t, "database/creds/app", "password", "what Vault gave at \"database/creds/app\" has ended", "the storage is gone")
		expectQuiet(t, w.changes, time.Hour)

		w.fake.Down(false)
		expectRef(t, w.changes, `vault("database/creds/app", "password")`, 2*time.Minute)
		if again := w.password(t); again == first {
			t.Error("the password of an account that has ended is given out")
		}
	})
}

func TestWhileVaultIsDownAValueOfKVStaysGood(t *testing.T) {
	inWorld(t, asRoot(), func(t *testing.T, w *world) {
		w.put(t, "kv/data/app", map[string]any{"key": "value1"})
		w.expect(t, "kv/app", "key", cty.StringVal("value1"))
		w.fake.Down(true)
		expectQuiet(t, w.changes, 24*time.Hour)
		w.expect(t, "kv/app", "key", cty.StringVal("value1"))
	})
}

func TestAValueThatVaultNoLongerGivesIsWithdrawn(t *testing.T) {
	inWorld(t, asRoot(), func(t *testing.T, w *world) {
		w.put(t, "kv/data/app", map[string]any{"key": "value1"})
		w.expect(t, "kv/app", "key", cty.StringVal("value1"))
		if _, err := w.fake.Root(t).Logical().DeleteWithContext(t.Context(), "kv/data/app"); err != nil {
			t.Fatal(err)
		}
		expectRef(t, w.changes, `vault("kv/app", "key")`, 6*time.Minute)
		w.expectError(t, "kv/app", "key", "there is nothing at this path")
		w.put(t, "kv/data/app", map[string]any{"key": "value1"})
		expectRef(t, w.changes, `vault("kv/app", "key")`, 6*time.Minute)
		w.expect(t, "kv/app", "key", cty.StringVal("value1"))
	})
}

func TestWhatIsLeasedIsReadAgainUnderANewToken(t *testing.T) {
	auth := &vault.Auth{JWT: &vault.JWT{Mount: "jwt", Role: "app", JWT: "signed-by-somebody"}}
	inWorld(t, auth, func(t *testing.T, w *world) {
		w.write(t, "sys/policies/acl/app", map[string]any{"policy": `path "database/creds/app" { capabilities = ["read"] }`})
		w.fake.JWTRole("jwt", "app", "signed-by-somebody", time.Hour, "app")
		w.fake.Account("app", vaultserver.Account{TTL: 100 * time.Hour, Renewable: true})
		old := w.password(t)
		// A login can't be renewed: its successor comes before its end.
		w.fake.Intercept(func(answer http.ResponseWriter, request *http.Request) bool {
			if !strings.HasSuffix(request.URL.Path, "renew-self") {
				return false
			}
			http.Error(answer, `{"errors":["lease is not renewable"]}`, http.StatusBadRequest)
			return true
		})
		for range 10 {
			expectRef(t, w.changes, `vault("database/creds/app", "password")`, time.Hour)
			if again := w.password(t); again == old {
				t.Fatal("the password is the same")
			} else {
				old = again
			}
		}
	})
}

func TestWhatIsNoLongerUsedIsGivenUp(t *testing.T) {
	inWorld(t, asRoot(), func(t *testing.T, w *world) {
		w.fake.Account("app", vaultserver.Account{TTL: time.Hour, Renewable: true})
		w.put(t, "kv/data/app", map[string]any{"key": "value1"})
		w.password(t)
		w.expect(t, "kv/app", "key", cty.StringVal("value1"))
		w.resolver.Retain([]secret.Ref{{Store: secret.Vault, Path: "kv/app", Key: "key"}})
		synctest.Wait()
		if n := w.fake.Leases(); n != 0 {
			t.Errorf("%d leases are left", n)
		}
		expectQuiet(t, w.changes, 3*time.Hour)
		if n := w.fake.Calls("PUT sys/leases/renew"); n != 0 {
			t.Errorf("a lease that was given up was renewed %d times", n)
		}
		if n := w.fake.Calls("GET kv/data/app"); n < 30 {
			t.Errorf("what is used was read %d times in three hours", n)
		}
	})
}

func TestCloseRevokesAllLeases(t *testing.T) {
	for name, tt := range map[string]struct {
		auth    *vault.Auth
		revoked int
	}{
		"one by one under a token of somebody else": {asRoot(), 2},
		"with the token of the login":               {&vault.Auth{JWT: &vault.JWT{Mount: "jwt", Role: "app", JWT: "signed-by-somebody"}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, tt.auth, func(t *testing.T, w *world) {
				w.write(t, "sys/policies/acl/app", map[string]any{"policy": `path "database/creds/app" { capabilities = ["read"] }`})
				w.fake.JWTRole("jwt", "app", "signed-by-somebody", 24*time.Hour, "app")
				w.fake.Account("app", vaultserver.Account{TTL: time.Hour})
				w.password(t)
				expectRef(t, w.changes, `vault("database/creds/app", "password")`, time.Hour)
				if err := w.resolver.Close(t.Context()); err != nil {
					t.Error(err)
				}
				if n := w.fake.Leases(); n != 0 {
					t.Errorf("%d leases are left", n)
				}
				if n := w.fake.Calls("PUT sys/leases/revoke"); n != tt.revoked {
					t.Errorf("%d leases were revoked by themselves, want %d", n, tt.revoked)
				}
				if _, err := w.resolver.Vault(t.Context(), "database/creds/app", "password", cty.NilVal); err == nil {
					t.Error("a closed resolver gives out values")
				}
				if _, open := <-w.resolver.Watch(t.Context()); open {
					t.Error("a closed resolver tells of changes")
				}
			})
		})
	}
}

func TestCloseWaitsFiveSecondsForAVaultThatIsSilent(t *testing.T) {
	inWorld(t, asRoot(), func(t *testing.T, w *world) {
		w.fake.Account("app", vaultserver.Account{TTL: time.Hour, Renewable: true})
		w.password(t)
		w.fake.Intercept(func(_ http.ResponseWriter, request *http.Request) bool {
			<-request.Context().Done()
			return true
		})
		began := time.Now()
		if err := w.resolver.Close(t.Context()); err == nil || time.Since(began) > 5*time.Second {
			t.Errorf("closed after %s: %v", time.Since(began), err)
		}
	})
}
