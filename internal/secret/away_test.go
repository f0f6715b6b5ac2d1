package secret_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/secret"
)

func TestAnOutageCostsFewRequestsHoweverManySecretsAreMissing(t *testing.T) {
	for name, status := range map[string]int{"sealed": http.StatusServiceUnavailable, "in trouble": http.StatusInternalServerError} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, asRoot(), func(t *testing.T, w *world) {
				const secrets = 50
				var requests atomic.Int64
				w.fake.Intercept(func(rw http.ResponseWriter, _ *http.Request) bool {
					requests.Add(1)
					rw.WriteHeader(status)
					return true
				})
				began := time.Now()
				for i := range secrets {
					_, err := w.resolver.Vault(t.Context(), fmt.Sprintf("kv/app%d", i), "key", cty.NilVal)
					if !secret.IsAway(err) || secret.IsRefused(err) {
						t.Fatalf("the error is %v", err)
					}
				}
				if took := time.Since(began); took > 15*time.Second {
					t.Errorf("it took %s to find out that nothing can be had", took)
				}
				expectQuiet(t, w.changes, time.Hour)
				if n := requests.Load(); n < 60 || n > 160 {
					t.Errorf("Vault was asked %d times in an hour", n)
				}
				if !w.resolver.Stats().Away {
					t.Error("the figures don't tell of the outage")
				}
				w.fake.Intercept(nil)
				for i := range secrets {
					w.put(t, fmt.Sprintf("kv/data/app%d", i), map[string]any{"key": "value"})
				}
				for range secrets {
					select {
					case <-w.changes:
					case <-time.After(time.Minute):
						t.Fatal("a secret is not told of after the outage")
					}
				}
				w.expect(t, "kv/app7", "key", cty.StringVal("value"))
				if w.resolver.Stats().Away {
					t.Error("the figures tell of an outage that is over")
				}
			})
		})
	}
}

func TestAnEngineInTroubleHoldsUpNoOther(t *testing.T) {
	inWorld(t, asRoot(), func(t *testing.T, w *world) {
		w.put(t, "kv/data/app", map[string]any{"key": "value"})
		w.fake.Intercept(func(rw http.ResponseWriter, r *http.Request) bool {
			isAccount := strings.HasSuffix(r.URL.Path, "database/creds/app")
			if isAccount {
				rw.WriteHeader(http.StatusInternalServerError)
			}
			return isAccount
		})
		_, err := w.resolver.Vault(t.Context(), "database/creds/app", "password", cty.NilVal)
		if !secret.IsAway(err) {
			t.Errorf("the error is %v", err)
		}
		w.expect(t, "kv/app", "key", cty.StringVal("value"))
	})
}

func TestWhatVaultRefusesIsNoOutageAndMayBeGrantedLater(t *testing.T) {
	inWorld(t, asRoot(), func(t *testing.T, w *world) {
		w.put(t, "kv/data/app", map[string]any{"key": "value"})
		for _, ref := range [][2]string{{"kv/none", "key"}, {"kv/app", "kee"}} {
			_, err := w.resolver.Vault(t.Context(), ref[0], ref[1], cty.NilVal)
			if !secret.IsRefused(err) || secret.IsAway(err) {
				t.Errorf("%v: the error is %v", ref, err)
			}
		}
		w.put(t, "kv/data/none", map[string]any{"key": "value"})
		expectRef(t, w.changes, `vault("kv/none", "key")`, time.Minute)
		w.put(t, "kv/data/app", map[string]any{"kee": "value"})
		expectRef(t, w.changes, `vault("kv/app", "kee")`, 6*time.Minute)
	})
}
