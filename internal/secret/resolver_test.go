package secret_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"
	"go.uber.org/goleak"

	"github.com/driftless-hq/driftless/internal/secret"
	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/internal/secret/vault"
	"github.com/driftless-hq/driftless/internal/testutil/vaultserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const rootToken = "root-of-the-fake"

// world is a fake Vault and a resolver that reads from it, in a bubble.
type world struct {
	fake     *vaultserver.Fake
	resolver *secret.Resolver
	hidden   *redact.Redactor
	changes  <-chan secret.Ref
}

func inWorld(t *testing.T, auth *vault.Auth, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{fake: vaultserver.NewFake(rootToken), hidden: redact.New()}
		w.write(t, "sys/mounts/kv", map[string]any{"type": "kv", "options": map[string]any{"version": "2"}})
		w.resolver = secret.New(secret.Options{
			Log: hclog.NewNullLogger(), Redactor: w.hidden, Transport: w.fake.Transport(),
			LookupEnv: func(string) (string, bool) { return "", false },
			Vault: func(context.Context) (vault.Config, error) {
				config := vault.Defaults()
				config.Address, config.Auth = "http://localhost", auth
				return config, nil
			},
		})
		w.changes = w.resolver.Watch(t.Context())
		test(t, w)
		if err := w.resolver.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func asRoot() *vault.Auth { return &vault.Auth{Token: rootToken} }

func (w *world) write(t *testing.T, path string, data map[string]any) {
	t.Helper()
	if _, err := w.fake.Root(t).Logical().WriteWithContext(t.Context(), path, data); err != nil {
		t.Fatal(err)
	}
}

func (w *world) put(t *testing.T, path string, data map[string]any) {
	t.Helper()
	w.write(t, path, map[string]any{"data": data})
}

// expect asks for a value and compares it.
func (w *world) expect(t *testing.T, path, key string, want cty.Value) {
	t.Helper()
	got, err := w.resolver.Vault(t.Context(), path, key, cty.NilVal)
	if err != nil {
		t.Fatalf("%s %s: %v", path, key, err)
	}
	if !got.RawEquals(want) {
		t.Errorf("%s %s: got %#v, want %#v", path, key, got, want)
	}
}

func (w *world) expectError(t *testing.T, path, key string, says ...string) {
	t.Helper()
	got, err := w.resolver.Vault(t.Context(), path, key, cty.NilVal)
	if err == nil {
		t.Fatalf("%s %s: got %#v and no error", path, key, got)
	}
	for _, part := range says {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in: %v", part, err)
		}
	}
}

// password returns that of the account, which is another one after each read.
func (w *world) password(t *testing.T) string {
	t.Helper()
	value, err := w.resolver.Vault(t.Context(), "database/creds/app", "password", cty.NilVal)
	if err != nil {
		t.Fatal(err)
	}
	return value.AsString()
}

func TestValuesKeepTheirKind(t *testing.T) {
	inWorld(t, asRoot(), func(t *testing.T, w *world) {
		w.put(t, "kv/data/app", map[string]any{
			"text": "a", "number": 5432, "yes": true, "nothing": nil,
			"list": []any{"b", 1}, "object": map[string]any{"c": "d"},
		})
		w.expect(t, "kv/app", "text", cty.StringVal("a"))
		w.expect(t, "kv/app", "number", cty.NumberIntVal(5432))
		w.expect(t, "kv/app", "yes", cty.True)
		w.expect(t, "kv/app", "nothing", cty.NullVal(cty.DynamicPseudoType))
		w.expect(t, "kv/app", "list", cty.TupleVal([]cty.Value{cty.StringVal("b"), cty.NumberIntVal(1)}))
		w.expect(t, "kv/app", "object", cty.ObjectVal(map[string]cty.Value{"c": cty.StringVal("d")}))
		w.expectError(t, "kv/app", "txet", `has no key "txet"`, "list, nothing, number, object, text, yes", `Did you mean "text"?`)
		w.expectError(t, "kv/none", "text", "there is nothing at this path")
		w.expectError(t, "/kv/app", "text", "leave out the slash")
		if n := w.fake.Calls("GET kv/data/app"); n != 1 {
			t.Errorf("the secret was read %d times", n)
		}
	})
}

func TestManyAtOnceShareOneRead(t *testing.T) {
	inWorld(t, asRoot(), func(t *testing.T, w *world) {
		w.put(t, "kv/data/app", map[string]any{"key": "value1"})
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() { w.expect(t, "kv/app", "key", cty.StringVal("value1")) })
		}
		group.Wait()
		if n := w.fake.Calls("GET kv/data/app"); n != 1 {
			t.Errorf("the secret was read %d times", n)
		}
	})
}

func TestAFailedReadIsTriedAgain(t *testing.T) {
	inWorld(t, asRoot(), func(t *testing.T, w *world) {
		w.expectError(t, "kv/late", "key", "nothing at this path")
		w.put(t, "kv/data/late", map[string]any{"key": "value1"})
		w.expectError(t, "kv/late", "key", "nothing at this path")
		time.Sleep(6 * time.Second)
		w.expect(t, "kv/late", "key", cty.StringVal("value1"))
	})
}

func TestAScopeRecordsWhatItUsed(t *testing.T) {
	inWorld(t, asRoot(), func(t *testing.T, w *world) {
		w.put(t, "kv/data/app", map[string]any{"key": "value1"})
		one, two := w.resolver.Scope(), w.resolver.Scope()
		for range 2 {
			if _, err := one.Vault(t.Context(), "kv/app", "key", cty.NilVal); err != nil {
				t.Error(err)
			}
		}
		if _, err := one.Secret(t.Context(), "NAME"); err == nil {
			t.Error("a secret that isn't set has a value")
		}
		want := []secret.Ref{{Store: secret.Env, Path: "NAME"}, {Store: secret.Vault, Path: "kv/app", Key: "key"}}
		if diff := cmp.Diff(want, one.Used()); diff != "" {
			t.Errorf("used (-want +got):\n%s", diff)
		}
		if used := two.Used(); len(used) != 0 {
			t.Errorf("another evaluation used %v", used)
		}
	})
}

func TestANewValueInKVIsFoundAndTold(t *testing.T) {
	inWorld(t, asRoot(), func(t *testing.T, w *world) {
		w.put(t, "kv/data/app", map[string]any{"key": "value1", "same": "value2"})
		w.expect(t, "kv/app", "key", cty.StringVal("value1"))
		w.expect(t, "kv/app", "same", cty.StringVal("value2"))
		expectQuiet(t, w.changes, 20*time.Minute)
		w.put(t, "kv/data/app", map[string]any{"key": "value3", "same": "value2"})
		expectRef(t, w.changes, `vault("kv/app", "key")`, 6*time.Minute)
		w.expect(t, "kv/app", "key", cty.StringVal("value3"))
		expectQuiet(t, w.changes, 20*time.Minute)
		if got := w.hidden.String("value1 value3"); strings.Contains(got, "value") && got != redact.Placeholder+" "+redact.Placeholder {
			t.Errorf("an old and a new value: %s", got)
		}
	})
}

func TestACallerDoesNotWaitLongerThanItWants(t *testing.T) {
	inWorld(t, asRoot(), func(t *testing.T, w *world) {
		w.fake.Intercept(func(_ http.ResponseWriter, request *http.Request) bool {
			<-request.Context().Done()
			return true
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := w.resolver.Vault(ctx, "kv/app", "key", cty.NilVal); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestASlowWatcherIsToldOfEachRefOnce(t *testing.T) {
	inWorld(t, asRoot(), func(t *testing.T, w *world) {
		w.fake.Account("app", vaultserver.Account{TTL: time.Minute})
		w.password(t)
		time.Sleep(24 * time.Hour)
		w.resolver.Retain(nil)
		synctest.Wait()
		expectRef(t, w.changes, `vault("database/creds/app", "password")`, time.Second)
		expectQuiet(t, w.changes, time.Minute)
	})
}

func TestWithoutAConfigurationOfVault(t *testing.T) {
	for name, tt := range map[string]struct {
		vault func(context.Context) (vault.Config, error)
		want  string
	}{
		"none":              {nil, "no Vault is configured"},
		"one with an error": {func(context.Context) (vault.Config, error) { return vault.Config{}, errors.New("line 3 is wrong") }, "line 3 is wrong"},
		"one without an auth": {func(context.Context) (vault.Config, error) {
			c := vault.Defaults()
			c.Address = "http://localhost"
			return c, nil
		}, "no way to log in"},
	} {
		t.Run(name, func(t *testing.T) {
			r := secret.New(secret.Options{Log: hclog.NewNullLogger(), Redactor: redact.New(), Vault: tt.vault})
			defer r.Close(t.Context())
			if _, err := r.Vault(t.Context(), "kv/app", "key", cty.NilVal); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
