package vaultserver

import (
	"net/http"
	"strings"
	"time"
)

type fakeLease struct {
	token     string
	expires   time.Time
	max       time.Time
	ttl       time.Duration
	renewable bool
}

// leaseIsAlive reports whether a lease, and the token that it hangs on, live.
func (f *Fake) leaseIsAlive(id string) bool {
	lease := f.leases[id]
	if lease == nil || !time.Now().Before(lease.expires) {
		return false
	}
	_, alive := f.alive(lease.token)
	return alive
}

func (f *Fake) lend(path, token string, account Account) (id string) {
	lease := &fakeLease{token: token, ttl: account.TTL, renewable: account.Renewable, expires: time.Now().Add(account.TTL)}
	if account.MaxTTL > 0 {
		lease.max = time.Now().Add(account.MaxTTL)
	}
	id = f.name(path + "/lease")
	f.leases[id] = lease
	return id
}

func (f *Fake) serveAccount(w http.ResponseWriter, token, path string) {
	account, ok := f.accounts[strings.TrimPrefix(path, "database/creds/")]
	if !ok {
		fail(w, http.StatusBadRequest, "unknown role")
		return
	}
	answer(w, map[string]any{
		"lease_id": f.lend(path, token, account), "lease_duration": int(account.TTL.Seconds()), "renewable": account.Renewable,
		"data": map[string]any{"username": f.name("v-user"), "password": f.name("password")},
	})
}

func (f *Fake) serveSys(w http.ResponseWriter, r *http.Request, path string, body map[string]any) {
	kind, rest, _ := strings.Cut(path, "/")
	switch {
	case kind == "health":
		answer(w, map[string]any{"sealed": false})
	case kind == "mounts" && r.Method != http.MethodGet:
		options, _ := body["options"].(map[string]any)
		f.mounts[rest+"/"] = fakeMount{text(body["type"]), text(options["version"]), text(options["leased_passthrough"]) == "true"}
		answer(w, nil)
	case kind == "auth":
		answer(w, nil)
	case kind == "policies":
		f.policies[strings.TrimPrefix(rest, "acl/")] = text(body["policy"])
		answer(w, nil)
	case path == "leases/renew":
		f.renewLease(w, text(body["lease_id"]), duration(text(body["increment"])))
	case path == "leases/revoke":
		delete(f.leases, text(body["lease_id"]))
		answer(w, nil)
	case strings.HasPrefix(path, "internal/ui/mounts/"):
		f.serveMount(w, strings.TrimPrefix(path, "internal/ui/mounts/"))
	default:
		fail(w, http.StatusNotFound)
	}
}

func (f *Fake) serveMount(w http.ResponseWriter, path string) {
	for name, mount := range f.mounts {
		if strings.HasPrefix(path, name) {
			answer(w, map[string]any{"data": map[string]any{"path": name, "type": mount.kind, "options": map[string]any{"version": mount.version}}})
			return
		}
	}
	fail(w, http.StatusForbidden, "permission denied")
}

func (f *Fake) renewLease(w http.ResponseWriter, id string, increment time.Duration) {
	lease := f.leases[id]
	switch {
	case !f.leaseIsAlive(id):
		fail(w, http.StatusBadRequest, "lease not found")
		return
	case !lease.renewable:
		fail(w, http.StatusBadRequest, "lease is not renewable")
		return
	}
	lease.expires = earliest(time.Now().Add(max(lease.ttl, increment)), lease.max)
	answer(w, map[string]any{"lease_id": id, "renewable": true, "lease_duration": int(time.Until(lease.expires).Seconds())})
}

func (f *Fake) serveKV(w http.ResponseWriter, r *http.Request, path string, body map[string]any) {
	for name, mount := range f.mounts {
		if !strings.HasPrefix(path, name) {
			continue
		}
		if r.Method == http.MethodGet {
			f.readKV(w, mount, r.Header.Get("X-Vault-Token"), path)
			return
		}
		if r.Method == http.MethodDelete {
			delete(f.data, path)
			answer(w, nil)
			return
		}
		if mount.version == "2" {
			body, _ = body["data"].(map[string]any)
		}
		f.data[path] = body
		answer(w, nil)
		return
	}
	fail(w, http.StatusNotFound, "no handler for route")
}

func (f *Fake) readKV(w http.ResponseWriter, mount fakeMount, token, path string) {
	data, ok := f.data[path]
	switch {
	case !ok:
		fail(w, http.StatusNotFound)
	case mount.version == "2":
		answer(w, map[string]any{"data": map[string]any{"data": data, "metadata": map[string]any{"version": 1}}})
	case mount.leased:
		ttl := duration(text(data["ttl"]))
		id := f.lend(path, token, Account{TTL: ttl, Renewable: true})
		answer(w, map[string]any{"data": data, "lease_id": id, "lease_duration": int(ttl.Seconds()), "renewable": true})
	default:
		answer(w, map[string]any{"data": data, "lease_duration": 2764800})
	}
}
